import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { FolderArtifactStore } from '../src/artifacts/folder-store';
import type { ConnectionOptions } from '../src/config/connection-options';
import type { Vendor } from '../src/contracts/names';
import { LocalTemporal } from '../src/local/temporal/local-temporal';
import { startJob } from '../src/starter/start';
import { fleets, type Fleet } from './fleets';
import { linkisConnection, linkisUser, withFolder } from './linkis-target';
import { sqlflowConnection } from './sqlflow-target';
import { waitForJobs, type StandingJobs } from './standing-workflow';
import { startWorker, type RunningWorker } from './worker';

export const taskQueue = 'bench';
const startsAtOnce = 20;
/** Started and not waiting yet: a server that must write a backlog down takes many times as long. */
const mostUnderWay = 200;
/** No vendor's: submits are meant to come fast here, so that thousands of jobs wait soon. */
const maxRequestsPerSecond = 1000;
const hourMs = 3600_000;
const oldestMs = 30 * 60_000;
const jobsAWorkflow = 10;
const { signal } = new AbortController();

/** A Temporal server, a local SQLFlow, a local Linkis and the workers: a process each. */
export interface WaitingStack {
  readonly client: Client;
  readonly services: Readonly<Record<Vendor, Fleet>>;
  /** Starts one more worker; what still runs is killed at the end. */
  startWorker(): Promise<RunningWorker>;
  /** Starts workflows of jobs that take so long, and answers their ids. */
  startJobs(vendor: Vendor, lengthsMs: readonly number[]): Promise<readonly string[]>;
  /** Submits so many jobs without workflows of their own; resolves once all wait in this worker. */
  stand(worker: RunningWorker, jobs: number): Promise<void>;
  /**
   * Starts so many jobs that don't end here, shared evenly by the services, and resolves with their
   * workflows' ids once all wait in this worker.
   *
   * @default both vendors
   */
  startStanding(
    worker: RunningWorker,
    jobs: number,
    vendors?: readonly Vendor[],
  ): Promise<Readonly<Record<Vendor, readonly string[]>>>;
}

export async function withWaitingStack<Result>(
  use: (stack: WaitingStack) => Promise<Result>,
  budget: Pick<ConnectionOptions, 'maxRequestsPerSecond'> = { maxRequestsPerSecond },
): Promise<Result> {
  const closing: (() => Promise<unknown>)[] = [];
  const opened = async <Opened extends { close(): Promise<unknown> }>(opening: Promise<Opened>) => {
    const one = await opening;
    closing.push(() => one.close());
    return one;
  };
  return withFolder(async (folder) => {
    try {
      const temporal = await opened(LocalTemporal.start());
      const sqlflow = await opened(fleets.sqlflow());
      const behaviour = { queueCapacity: 100_000 };
      const linkis = await opened(fleets.linkis({ behaviour }));
      const { address } = temporal;
      const client = new Client({ connection: await opened(Connection.connect({ address })) });
      const connections = {
        sqlflow: { ...sqlflowConnection(sqlflow.url), ...budget },
        linkis: { ...linkisConnection(linkis.url), ...budget },
      };
      const start = (vendor: Vendor, lengthsMs: readonly number[]) =>
        startJobs(client, folder, vendor, lengthsMs);
      return await use({
        client,
        services: { sqlflow, linkis },
        async startWorker() {
          const worker = await startWorker({ address, taskQueue, connections, folder });
          closing.push(() => worker.stop('SIGKILL'));
          return worker;
        },
        startJobs: start,
        async stand(worker, jobs) {
          for (let begun = 0; begun < jobs; begun += jobsAWorkflow) {
            await untilWaiting([worker], begun - mostUnderWay, jobs);
            const now = Math.min(jobsAWorkflow, jobs - begun) / 2;
            const input = await submitStanding({ sqlflow, linkis }, now);
            const workflowId = `standing-${begun}`;
            await client.workflow.start(waitForJobs, { taskQueue, workflowId, args: [input] });
          }
          await untilWaiting([worker], jobs);
        },
        async startStanding(worker, jobs, vendors = ['sqlflow', 'linkis']) {
          const ids = { sqlflow: [] as string[], linkis: [] as string[] };
          const { waiting } = await worker.state();
          for (let started = 0; started < jobs; started += startsAtOnce) {
            await untilWaiting([worker], waiting + started - mostUnderWay, waiting + jobs);
            const now = Math.min(startsAtOnce, jobs - started) / vendors.length;
            const lengthsMs = Array.from({ length: now }, () => 2 * hourMs);
            for (const vendor of vendors) ids[vendor].push(...(await start(vendor, lengthsMs)));
          }
          await untilWaiting([worker], waiting + jobs);
          return ids;
        },
      });
    } finally {
      for (const close of closing.reverse()) await close();
    }
  });
}

/** So many jobs of either service that began up to half an hour ago, and don't end here. */
async function submitStanding(
  services: Readonly<Record<Vendor, Fleet>>,
  jobs: number,
): Promise<StandingJobs> {
  const nowMs = Date.now();
  const deadlineAtMs = nowMs + hourMs;
  const ids = (vendor: Vendor) =>
    Promise.all(Array.from({ length: jobs }, () => services[vendor].submit(2 * hourMs)));
  const times = (index: number) => ({
    submittedAtMs: nowMs - Math.round((oldestMs * (index + 1)) / jobs),
    deadlineAtMs,
  });
  const sqlflow = (await ids('sqlflow')).map((jobId, index) => ({
    connection: 'sqlflow',
    jobId,
    ...times(index),
  }));
  const linkis = (await ids('linkis')).map((taskId, index) => ({
    connection: 'linkis',
    user: linkisUser,
    taskId,
    ...times(index),
  }));
  return { sqlflow, linkis, deadlineAtMs };
}

async function startJobs(
  client: Client,
  folder: string,
  vendor: Vendor,
  lengthsMs: readonly number[],
): Promise<readonly string[]> {
  const store = new FolderArtifactStore({ root: folder });
  const ids: string[] = [];
  let next = 0;
  const start = async (lengthMs: number) => {
    const text = `-- local: delay ${lengthMs}ms\n`;
    if (vendor === 'linkis') {
      const task = { code: `${text}select 1 as one`, engine: 'spark-2.4.3', runType: 'sql' };
      return startJob(client, 'linkisTask', task, { taskQueue });
    }
    const content = Readable.from([Buffer.from(text)]);
    const artifact = await store.putByHash(content, { format: 'sql', signal });
    const files = [{ name: 'a.sql', artifact }];
    const job = { jobName: 'bench', dbVendor: 'dbvpostgresql', files, exports: ['csv'] as const };
    return startJob(client, 'sqlflowJob', job, { taskQueue });
  };
  const starting = Array.from({ length: startsAtOnce }, async () => {
    while (next < lengthsMs.length) {
      const index = next++;
      ids[index] = (await start(lengthsMs[index] ?? 0)).workflowId;
    }
  });
  await Promise.all(starting);
  return ids;
}

/** Asks until so many jobs wait in these workers together; resolves with when that was seen. */
export async function untilWaiting(
  workers: readonly RunningWorker[],
  jobs: number,
  of = jobs,
): Promise<number> {
  for (;;) {
    const states = await Promise.all(workers.map((worker) => worker.state()));
    const waiting = states.reduce((sum, state) => sum + state.waiting, 0);
    sayNowAndThen(`${waiting} of ${of} jobs wait`);
    if (waiting >= jobs) return Date.now();
    await sleep(100);
  }
}

let saidMs = 0;

function sayNowAndThen(words: string): void {
  if (performance.now() - saidMs < 10_000) return;
  saidMs = performance.now();
  process.stderr.write(`${words}\n`);
}
