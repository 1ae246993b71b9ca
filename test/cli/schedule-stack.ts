import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { localConnections } from '../../src/cli/local-connections';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { listSchedules } from '../../src/starter/schedule-standing';
import { jobStack, type JobStack } from '../support/job-stack';
import { Terminal } from './terminal';

/** Both stand-ins, a worker, and a folder with a configuration that the worker shares. */
export interface ScheduleStack {
  readonly jobs: JobStack;
  readonly sqlflow: LocalSqlFlow;
  readonly linkis: LocalLinkis;
  /** Where commands run, and what runs may read. */
  readonly cwd: string;
  readonly installation: string;
  terminal(): Terminal;
  /** Runs a command, and answers its JSON document. */
  json(...args: string[]): Promise<any>;
  write(name: string, content: string): Promise<string>;
  /** Writes remote-jobs.yaml with more than the stack needs. */
  configure(more?: string): Promise<void>;
  close(): Promise<void>;
}

export async function scheduleStack(installation: string): Promise<ScheduleStack> {
  const [sqlflow, linkis] = await Promise.all([LocalSqlFlow.start(), LocalLinkis.start()]);
  const cwd = await mkdtemp(path.join(tmpdir(), 'schedules-'));
  const connections = localConnections({ sqlflow: sqlflow.url, linkis: linkis.url });
  const jobs = await jobStack(connections, { installation, inputs: { roots: [cwd] } });
  const { address, taskQueue, client } = jobs.temporal;
  const terminal = () =>
    new Terminal({
      cwd,
      env: { HOME: cwd, PATH: process.env.PATH },
      flags: ['--address', address, '--task-queue', taskQueue],
    });
  const write = async (name: string, content: string) => {
    const file = path.join(cwd, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  };
  const configure = async (more = '') => {
    const folder = JSON.stringify(jobs.store.root);
    const own = `installation: ${installation}\nartifacts: { folder: ${folder} }\ninputs: { roots: [.] }\n`;
    await write('remote-jobs.yaml', `${own}${more}`);
  };
  await configure();
  return {
    jobs,
    sqlflow,
    linkis,
    cwd,
    installation,
    terminal,
    write,
    configure,
    async json(...args) {
      const typed = terminal();
      const exitCode = await typed.run('--output', 'json', ...args);
      if (exitCode !== 0) throw new Error(`${args.join(' ')}: ${exitCode} ${typed.stderr}`);
      return typed.json;
    },
    async close() {
      // They outlive the worker, and the server is shared.
      for await (const { scheduleId } of listSchedules(client, { installation })) {
        await client.schedule.getHandle(scheduleId).delete();
      }
      await jobs.close();
      await Promise.all([sqlflow.close(), linkis.close()]);
      await rm(cwd, { recursive: true, force: true });
    },
  };
}
