import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { WorkerSettings } from '../workflows/fixtures/worker-process';

/** A worker in a process of its own, one at a time, that a test can kill. */
export class KillableWorker {
  private child: ChildProcess | undefined;

  constructor(private readonly settings: () => WorkerSettings) {}

  /** Starts it, and waits until it polls. */
  async start(): Promise<void> {
    const child = fork(
      path.join(__dirname, '../workflows/fixtures/worker-process.ts'),
      [JSON.stringify(this.settings())],
      {
        execArgv: ['-r', path.join(__dirname, 'register.js')],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    );
    this.child = child;
    const ended = once(child, 'exit').then(() => {
      throw new Error('the worker ended before it polled');
    });
    ended.catch(() => {});
    await Promise.race([once(child, 'message'), ended]);
  }

  /** Ends it, if there is one, and waits for that. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}
