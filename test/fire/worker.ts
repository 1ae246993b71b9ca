import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import type { WorkerMessage, WorkerSettings } from './fixtures/worker-process';

const register = path.join(__dirname, '../support/register.js');
const program = path.join(__dirname, 'fixtures/worker-process.ts');

/** A worker that, whenever it dies, is started again in another empty folder. */
export class RestartingWorker {
  /** How often it was killed. */
  kills = 0;
  /** The end of what its processes wrote to stderr. */
  words = '';
  private child: ChildProcess | undefined;
  private closed = false;
  private deaths = 0;

  /** @param folder where each process gets a working folder of its own */
  constructor(
    private readonly settings: WorkerSettings,
    private readonly folder: string,
    private readonly onSession: (session: string) => void = () => undefined,
  ) {}

  /** Resolves once the first process polls. */
  async start(): Promise<void> {
    const home = await mkdtemp(path.join(this.folder, 'worker-'));
    const child = fork(program, [JSON.stringify(this.settings)], {
      cwd: home,
      env: { PATH: process.env.PATH, HOME: home, TMPDIR: home },
      execArgv: ['-r', register],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child = child;
    child.stderr?.on('data', (text: Buffer) => {
      this.words = (this.words + text.toString()).slice(-2000);
    });
    child.once('exit', () => this.again(child));
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message: WorkerMessage) => {
        if ('session' in message) this.onSession(message.session);
        else resolve();
      });
      // A kill while it starts is one more death, not a failed start.
      child.once('exit', () =>
        this.kills > 0 || this.closed
          ? resolve()
          : reject(new Error(`the worker ended before it polled: ${this.words}`)),
      );
    });
  }

  /** SIGKILL, at once; the next process is started as soon as this one has gone. */
  kill(): void {
    const { child } = this;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    this.kills += 1;
    child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    this.closed = true;
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  private again(child: ChildProcess): void {
    if (this.closed || this.child !== child) return;
    this.deaths += 1;
    // It also dies by itself, such as when Temporal is away while it starts; but not for ever.
    if (this.deaths > this.kills + 20) return;
    const pauseMs = child.signalCode === 'SIGKILL' ? 0 : 1000;
    setTimeout(() => {
      if (!this.closed) this.start().catch(() => undefined);
    }, pauseMs);
  }
}
