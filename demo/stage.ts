import { PassThrough } from 'node:stream';
import { dim } from 'picocolors';
import { runCli } from '../src/cli/program';
import type { CliContext, InterruptSignal } from '../src/cli/context';

/** What the user's environment says of servers and services: the demo has its own. */
const foreign = /^(TEMPORAL_(?!CLI_PATH$)|SQLFLOW_|LINKIS_|REMOTE_JOBS_)/;

type Listener = (signal: InterruptSignal) => void;

/** Runs command lines of `remote-jobs` in this process, and shows each as one would type it. */
export class Stage {
  /** Set once the stack is up; what is typed beside `remote-jobs dev` doesn't need it. */
  address: string | undefined;
  /** The configuration file of a stack that ran before; its own environment serves `remote-jobs dev`. */
  config: string | undefined;
  private readonly listeners = new Set<Listener>();
  private readonly env: NodeJS.ProcessEnv;

  constructor(private readonly root: string) {
    this.env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !foreign.test(name)),
    );
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => this.interrupt(signal));
    }
  }

  /** True once the user wants to stop. */
  interrupted = false;

  say(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  /** Shows and runs a command; its output goes where it would go. */
  async run(args: readonly string[]): Promise<number> {
    this.show(args);
    return runCli(this.located(args), this.context(process.stdout, process.stderr));
  }

  /** Shows and runs a command, and answers what it prints. */
  async capture(args: readonly string[]): Promise<{ code: number; text: string }> {
    this.show(args);
    return this.ask(args);
  }

  /** The same without showing it. */
  async ask(args: readonly string[]): Promise<{ code: number; text: string }> {
    let text = '';
    const stdout = {
      write: (more: string) => {
        text += more;
        return true;
      },
    };
    const code = await runCli(this.located(args), this.context(stdout, process.stderr));
    return { code, text };
  }

  /** Runs a command that goes on until it is stopped; resolves with its first line. */
  start(args: readonly string[], cwd: string): { first: Promise<string>; stop(): Promise<number> } {
    let resolveFirst: (line: string) => void = () => {};
    let rejectFirst: (error: Error) => void = () => {};
    const first = new Promise<string>((resolve, reject) => {
      resolveFirst = resolve;
      rejectFirst = reject;
    });
    const own = new Set<Listener>();
    let ready = false;
    const stdout = {
      write: (text: string) => {
        ready = true;
        resolveFirst(text);
        return true;
      },
    };
    // What it says later is about jobs that the steps tell of themselves.
    const stderr = {
      write: (text: string) => ready || process.stderr.write(text),
    };
    const ended = runCli(args, {
      ...this.context(stdout, stderr),
      cwd,
      onInterrupt: (listener) => {
        own.add(listener);
        return () => own.delete(listener);
      },
    });
    void ended.then((code) => rejectFirst(new Error(`it ended with exit code ${code}`)));
    return {
      first,
      stop: () => {
        for (const listener of own) listener('SIGTERM');
        return ended;
      },
    };
  }

  private show(args: readonly string[]): void {
    const shown = args.map((arg) => (/^[\w./:,=@-]+$/.test(arg) ? arg : `'${arg}'`));
    this.say(`${dim('$')} remote-jobs ${shown.join(' ')}`);
  }

  private located(args: readonly string[]): readonly string[] {
    const place = this.address === undefined ? [] : ['--address', this.address];
    return [...place, ...(this.config === undefined ? [] : ['--config', this.config]), ...args];
  }

  private interrupt(signal: InterruptSignal): void {
    this.interrupted = true;
    for (const listener of this.listeners) listener(signal);
  }

  private context(stdout: CliContext['stdout'], stderr: CliContext['stderr']): CliContext {
    return {
      stdin: new PassThrough(),
      stdout,
      stderr,
      env: this.env,
      cwd: this.root,
      onInterrupt: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
    };
  }
}
