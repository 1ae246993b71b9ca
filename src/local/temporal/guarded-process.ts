import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs in a Node process between us and the program: ends the program when its own stdin ends.
 * That happens when we ask for it and when we die, of SIGKILL too, which no hook of ours would see.
 */
const guardSource = `
  const { spawn } = require('node:child_process');
  const [stopTimeoutMs, file, ...args] = process.argv.slice(1);
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const stop = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), Number(stopTimeoutMs)).unref();
  };
  process.stdin.on('end', stop).on('error', stop).resume();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
  child.on('error', (error) => { console.error(error.message); process.exit(127); });
  child.on('exit', (code) => process.exit(code ?? 1));
`;

/** A program that never outlives this process. */
export class GuardedProcess {
  /** Resolves with the exit code once the program has ended, for whatever reason. */
  readonly ended: Promise<number>;
  readonly #guard: ChildProcess;
  #lastOutput = '';

  /** `stopTimeoutMs`: how long it may take to end after SIGTERM before it gets SIGKILL. */
  constructor(
    file: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
    stopTimeoutMs: number,
  ) {
    // A group of its own: Ctrl-C in a terminal must reach us first, who still need the program.
    this.#guard = spawn(
      process.execPath,
      ['-e', guardSource, '--', `${stopTimeoutMs}`, file, ...args],
      {
        env: environment,
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
        windowsHide: true,
      },
    );
    this.ended = once(this.#guard, 'exit').then(([code]) => (code as number | null) ?? 1);
    this.#guard.stdin?.on('error', () => undefined); // the guard is gone; `ended` says so
    for (const output of [this.#guard.stdout, this.#guard.stderr]) {
      output?.on('data', (chunk: Buffer) => {
        this.#lastOutput = (this.#lastOutput + chunk.toString('utf8')).slice(-4_000);
      });
    }
  }

  /** The end of what it has written to stdout and stderr, up to 4,000 characters. */
  get lastOutput(): string {
    return this.#lastOutput.trim();
  }

  /** SIGTERM, and SIGKILL in the end; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#guard.stdin?.end();
    await this.ended;
  }
}
