import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { WorkerMessage, WorkerSettings } from '../fire/fixtures/worker-process';

const program = path.join(__dirname, '../fire/fixtures/worker-process.ts');

/** A worker in a process of its own, one at a time, that a test can kill. */
export class KillableWorker {
  private child: ChildProcess | undefined;

  constructor(private readonly settings: WorkerSettings) {}

  /** Starts it, and waits until it polls. */
  async start(): Promise<void> {
    const child = fork(program, [JSON.stringify(this.settings)], {
      execArgv: ['-r', path.join(__dirname, 'register.js')],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message: WorkerMessage) => {
        if ('ready' in message) resolve();
      });
      child.once('exit', () => reject(new Error('the worker ended before it polled')));
    });
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
