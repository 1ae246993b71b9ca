import { Readable } from 'node:stream';
import type { LocalLinkisOptions } from '../src/local/linkis/local-linkis';
import type { LocalSqlFlowOptions } from '../src/local/sqlflow/local-sqlflow';
import { linkisClient, linkisUser } from './linkis-target';
import { startService } from './service';
import { sqlflowClient } from './sqlflow-target';

/** One service and the jobs that were submitted to it. */
export interface Fleet {
  readonly url: string;
  /** Submits a job of this length and answers its id. */
  submit(lengthMs: number): Promise<string>;
  /** When each job ended, epoch milliseconds, by the service's own record. */
  ends(): Promise<ReadonlyMap<string, number>>;
  /** What the service's process has computed since its start. */
  cpuSeconds(): Promise<number>;
  close(): Promise<void>;
}

const { signal } = new AbortController();

export const fleets = { sqlflow: sqlflowFleet, linkis: linkisFleet };

async function sqlflowFleet(options: LocalSqlFlowOptions = {}): Promise<Fleet> {
  const service = await startService({ ...options, kind: 'sqlflow', jobDelayMs: 0 });
  const client = sqlflowClient(service.url);
  // The service makes the rows of its list once, at the first look.
  await client.selectUserJobs({ field: 'jobId', wants: () => false }, signal);
  let submitted = 0;
  return {
    url: service.url,
    async submit(lengthMs) {
      const content = Buffer.from(`-- local: delay ${lengthMs}ms\n`);
      const { jobId } = await client.submitUserJob(
        {
          jobName: `bench-${(submitted += 1)}`,
          dbVendor: 'dbvpostgresql',
          files: [
            { name: 'a.sql', sizeBytes: content.length, open: () => Readable.from([content]) },
          ],
        },
        signal,
      );
      return jobId;
    },
    ends: () => service.ends(),
    cpuSeconds: async () => (await service.usage()).cpuSeconds,
    async close() {
      await client.close();
      await service.close();
    },
  };
}

async function linkisFleet(options: LocalLinkisOptions = {}): Promise<Fleet> {
  const service = await startService({
    ...options,
    kind: 'linkis',
    maxConcurrentTasks: 20_000,
  });
  const client = linkisClient(service.url);
  let submitted = 0;
  return {
    url: service.url,
    async submit(lengthMs) {
      const code = `-- local: delay ${lengthMs}ms\nselect ${(submitted += 1)} as number`;
      const task = { code, engine: 'spark-2.4.3', runType: 'sql' };
      return (await client.submit(task, { signal, user: linkisUser })).taskId;
    },
    ends: () => service.ends(),
    cpuSeconds: async () => (await service.usage()).cpuSeconds,
    async close() {
      await client.close();
      await service.close();
    },
  };
}
