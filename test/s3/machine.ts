import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { Terminal } from '../cli/terminal';
import { bucketKeys } from './bucket';

const secrets = {
  S3_KEY: bucketKeys.accessKeyId,
  S3_SECRET: bucketKeys.secretAccessKey,
  SQLFLOW_KEY: 'demo-secret',
  LINKIS_PASS: 'hadoop',
};

/** Commands and a worker in a folder of their own; only the configuration is common to machines. */
export class Machine {
  private worker: ChildProcess | undefined;

  private constructor(
    readonly folder: string,
    private readonly flags: readonly string[],
  ) {}

  static async make(config: object, flags: readonly string[]): Promise<Machine> {
    const folder = await mkdtemp(path.join(tmpdir(), 'machine-'));
    await writeFile(path.join(folder, 'remote-jobs.yaml'), stringify(config));
    return new Machine(folder, flags);
  }

  /** Runs commands in this process. */
  terminal(): Terminal {
    return new Terminal({ cwd: this.folder, env: this.env(), flags: this.flags });
  }

  /** `remote-jobs worker` in a process of its own; resolves once it polls. */
  async startWorker(): Promise<void> {
    const worker = spawn(
      process.execPath,
      [
        ...['-r', path.join(__dirname, '../support/register.js')],
        path.join(__dirname, '../../src/cli/main.ts'),
        ...this.flags,
        ...['worker', '--output', 'json'],
      ],
      { cwd: this.folder, env: this.env(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.worker = worker;
    let said = '';
    worker.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ready = once(createInterface({ input: worker.stdout }), 'line');
    const ended = once(worker, 'exit').then(() => {
      throw new Error(`the worker ended: ${said}`);
    });
    ended.catch(() => undefined);
    const [line] = (await Promise.race([ready, ended])) as [string];
    expect(JSON.parse(line)).toMatchObject({ ready: true });
  }

  async stopWorker(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    if (worker === undefined || worker.exitCode !== null || worker.signalCode !== null) return;
    const exited = once(worker, 'exit');
    worker.kill(signal);
    await exited;
  }

  async remove(): Promise<void> {
    await this.stopWorker('SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
  }

  private env(): NodeJS.ProcessEnv {
    // No cache with a dev stack, no temporal.toml, no profile of AWS.
    return { HOME: this.folder, PATH: process.env.PATH, ...secrets };
  }
}
