import { PassThrough } from 'node:stream';
import type { CliContext, InterruptSignal } from '../../src/cli/context';
import { runCli } from '../../src/cli/program';
import { checkOutput } from './check-output';
import { until } from '../support/until';

export interface TerminalOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Flags that every command line gets. */
  readonly flags?: readonly string[];
  /** Streams that say they are a terminal's. @default false */
  readonly tty?: boolean;
  /** Of the terminal. @default 100 */
  readonly columns?: number;
}

/** What a command printed: a test knows what to look for in it. */
export type Printed = any;

/** A command line that runs in this process: what it prints, keys and signals for it. */
export class Terminal {
  stdout = '';
  stderr = '';
  private readonly keys = new PassThrough();
  private readonly listeners = new Set<(signal: InterruptSignal) => void>();

  constructor(private readonly options: TerminalOptions) {}

  /** Runs a command to its end; what an earlier one printed is forgotten. */
  async run(...args: string[]): Promise<number> {
    this.stdout = '';
    this.stderr = '';
    const exitCode = await runCli([...(this.options.flags ?? []), ...args], this.context());
    checkOutput(args, this.stdout);
    return exitCode;
  }

  /** The one JSON document on stdout. */
  get json(): Printed {
    expect(this.stdout.trimEnd().split('\n')).toHaveLength(1);
    return JSON.parse(this.stdout);
  }

  /** The JSON lines on stdout. */
  get events(): Printed[] {
    return this.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  interrupt(signal: InterruptSignal = 'SIGINT'): void {
    for (const listener of [...this.listeners]) listener(signal);
  }

  press(key: string): void {
    this.keys.write(key);
  }

  /** Several keys, one after the other, as a person's fingers do. */
  type(keys: string): void {
    for (const key of keys) this.press(key);
  }

  untilSaid(words: RegExp): Promise<void> {
    return until(async () => words.test(this.stderr));
  }

  private context(): CliContext {
    const { cwd, env, tty = false, columns = 100 } = this.options;
    const stream = (take: (text: string) => void) => ({
      isTTY: tty,
      ...(tty && { columns }),
      write: (text: string) => {
        take(text);
        return true;
      },
    });
    return {
      cwd,
      env,
      stdin: Object.assign(this.keys, { isTTY: tty, setRawMode: () => undefined }),
      stdout: stream((text) => (this.stdout += text)),
      stderr: stream((text) => (this.stderr += text)),
      onInterrupt: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
    };
  }
}
