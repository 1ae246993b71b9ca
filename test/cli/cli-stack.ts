import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { localConnections } from '../../src/cli/local-connections';
import { jobStack, type JobStack } from '../support/job-stack';
import { Terminal } from './terminal';

/** The run's Temporal server, both stand-ins, a worker, and a folder to type commands in. */
export interface CliStack {
  readonly jobs: JobStack;
  readonly sqlflow: LocalSqlFlow;
  readonly linkis: LocalLinkis;
  /** Where commands run; its remote-jobs.yaml names the worker's artifact folder. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** With the run's server and the stack's task queue. */
  readonly flags: readonly string[];
  terminal(options?: { tty?: boolean; columns?: number; flags?: readonly string[] }): Terminal;
  write(name: string, content: string): Promise<string>;
  close(): Promise<void>;
}

export async function cliStack(): Promise<CliStack> {
  const [sqlflow, linkis] = await Promise.all([LocalSqlFlow.start(), LocalLinkis.start()]);
  const connections = localConnections({ sqlflow: sqlflow.url, linkis: linkis.url });
  const wrong = { ...connections.sqlflow, secretKey: { value: 'not-the-secret' } };
  const jobs = await jobStack({ ...connections, wrong }, { defaults: { sqlflow: 'sqlflow' } });
  const cwd = await mkdtemp(path.join(tmpdir(), 'cli-'));
  await writeFile(
    path.join(cwd, 'remote-jobs.yaml'),
    `artifacts:\n  folder: ${JSON.stringify(jobs.store.root)}\n`,
  );
  const { address, taskQueue } = jobs.temporal;
  // Nothing of the user's: no cache with a dev stack, no temporal.toml.
  const env = { HOME: cwd, PATH: process.env.PATH };
  const flags = ['--address', address, '--task-queue', taskQueue];
  return {
    jobs,
    sqlflow,
    linkis,
    cwd,
    env,
    flags,
    terminal: (options = {}) => new Terminal({ cwd, env, flags, ...options }),
    async write(name, content) {
      const file = path.join(cwd, name);
      await writeFile(file, content);
      return file;
    },
    async close() {
      await jobs.close();
      await Promise.all([sqlflow.close(), linkis.close()]);
      await rm(cwd, { recursive: true, force: true });
    },
  };
}

export const spark = ['--engine', 'spark-2.4.3', '--run-type', 'sql'];

/** Runs until somebody stops it. */
export const endless = '-- local: delay 600s\nselect 1 as one';
