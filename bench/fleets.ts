import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { linkisStatusSource } from '../activities/linkis/watch-source';
import { sqlflowStatusSource } from '../activities/sqlflow/watch-source';
import { isTerminalLinkisStatus, LinkisClient } from '../src/clients/linkis/public';
import { SqlFlowClient, sqlflowStatus } from '../src/clients/sqlflow/public';
import type { Vendor } from '../src/contracts/names';
import type { StatusSource } from '../src/watch/watcher';
import { startService } from './service';

/** Many jobs on one service that end one after the other, as evenly as the service can. */
export interface Fleet {
  /** Submits the job of this number (from 0) and answers its id. */
  submit(number: number): Promise<string>;
  /** One request for one job: whether it has ended. */
  hasEnded(id: string, signal: AbortSignal): Promise<boolean>;
  /** The batched status, as the waiting activities ask for it. */
  readonly source: StatusSource<{ readonly status: string }>;
  isEnd(status: string): boolean;
  /** When each job ended, epoch milliseconds, by the service's own record. */
  ends(): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

/** @param spreadMs the time over which the jobs' ends are spread */
export const fleets: Readonly<Record<Vendor, (jobs: number, spreadMs: number) => Promise<Fleet>>> =
  { sqlflow: sqlflowFleet, linkis: linkisFleet };

const { signal } = new AbortController();

async function sqlflowFleet(jobs: number, spreadMs: number): Promise<Fleet> {
  const service = await startService({ kind: 'sqlflow', jobDelayMs: 0 });
  const client = new SqlFlowClient({
    url: service.url,
    userId: 'demo',
    credential: { secretKey: 'demo-secret' },
  });
  const isEnd = (status: string) => !['queued', 'running'].includes(sqlflowStatus(status));
  return {
    async submit(number) {
      const delayMs = Math.round((spreadMs * number) / jobs);
      const sql = `-- local: delay ${delayMs}ms\ncreate view v${number} as select id from t${number};`;
      const content = Buffer.from(sql);
      const { jobId } = await client.submitUserJob(
        {
          jobName: `bench-${number}`,
          dbVendor: 'dbvpostgresql',
          files: [
            { name: 'a.sql', sizeBytes: content.length, open: () => Readable.from([content]) },
          ],
        },
        signal,
      );
      return jobId;
    },
    hasEnded: async (jobId, stop) =>
      isEnd((await client.displayUserJobSummary({ jobId }, stop)).status),
    source: sqlflowStatusSource(() => Promise.resolve(client)),
    isEnd,
    async ends() {
      const folder = path.join(service.stateDir, 'jobs');
      const records = await Promise.all(
        (await readdir(folder)).map(
          async (job) =>
            JSON.parse(await readFile(path.join(folder, job, 'job.json'), 'utf8')) as {
              jobId: string;
              endedAtMs: number;
            },
        ),
      );
      return new Map(records.map(({ jobId, endedAtMs }) => [jobId, endedAtMs]));
    },
    async close() {
      await client.close();
      await service.close();
    },
  };
}

async function linkisFleet(jobs: number, spreadMs: number): Promise<Fleet> {
  // A queue: so many tasks at once, each as long as spreads all ends over the time.
  const maxConcurrentTasks = 4;
  const service = await startService({
    kind: 'linkis',
    maxConcurrentTasks,
    behaviour: { queueCapacity: jobs, finishedRing: jobs },
  });
  const user = 'hadoop';
  const client = new LinkisClient({ url: service.url, user, credential: { password: 'hadoop' } });
  const delayMs = Math.round((spreadMs * maxConcurrentTasks) / jobs);
  return {
    async submit(number) {
      const code = `-- local: delay ${delayMs}ms\nselect ${number} as number`;
      const task = { code, engine: 'spark-2.4.3', runType: 'sql' };
      return (await client.submit(task, { signal, user })).taskId;
    },
    hasEnded: async (taskId, stop) =>
      isTerminalLinkisStatus((await client.getTask(taskId, { signal: stop, user })).status),
    source: linkisStatusSource(() => Promise.resolve(client), user),
    isEnd: isTerminalLinkisStatus,
    async ends() {
      const lines = await readFile(path.join(service.stateDir, 'jobhistory.jsonl'), 'utf8');
      const rows = lines
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { taskID: number; status: string; updatedTime: number })
        .filter(({ status }) => isTerminalLinkisStatus(status));
      return new Map(rows.map(({ taskID, updatedTime }) => [String(taskID), updatedTime]));
    },
    async close() {
      await client.close();
      await service.close();
    },
  };
}
