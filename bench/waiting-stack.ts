import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { FolderArtifactStore } from '../src/artifacts/folder-store';
import type { ConnectionOptions } from '../src/config/connection-options';
import type { Vendor } from '../src/contracts/names';
import { LocalTemporal } from '../src/local/temporal/local-temporal';
import { startJob } from '../src/starter/start';
import type { SqlFlowAwaitJobInput } from '../src/contracts/sqlflow-steps';
import { fleets, type Fleet } from './fleets';
import { linkisConnection, linkisUser, withFolder } from './linkis-target';
import { sqlflowConnection } from './sqlflow-target';
import { waitForJobs, type StandingJobs } from './standing-workflow';
import { startWorker, type RunningWorker } from './worker';

export const taskQueue = 'bench';
const startsAtOnce = 20;
/** Started and not waiting yet: a server that must write a backlog down takes many times as long. */
const mostUnderWay = 200;
/** No vendor's budget: submits come so fast that thousands of jobs wait soon. */
export const hasty = { maxRequestsPerSecond: 1000 };
const hourMs = 3600_000;
const oldestMs = 30 * 60_000;
const jobsAWorkflow = 10;
const { signal } = new AbortController();

/** A Temporal server, a local SQLFlow, a local Linkis and the workers: a process each. */
export interface WaitingStack {
  readonly client: Client;
  readonly services: Readonly<Record<Vendor, Fleet>>;
  /**
   * Starts one more worker; what still runs is killed at the end.
   *
   * @param budget of each connection. @default as a connection has it that says nothing
   */
  startWorker(budget?: Pick<ConnectionOptions, 'maxRequestsPerSecond'>): Promise<RunningWorker>;
  /**
   * Submits jobs that end after so long, each waited for by a workflow of its own as if it had been
   * submitted up to half an hour ago.
   */
  startEnding(vendor: Vendor, lengthsMs: readonly number[]): Promise<readonly StartedJob[]>;
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

export interface StartedJob {
  readonly workflowId: string;
  readonly remoteId: string;
}

export async function withWaitingStack<Result>(
  use: (stack: WaitingStack) => Promise<Result>,
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
      const services = { sqlflow, linkis };
      return await use({
        client,
        services,
        async startWorker(budget) {
          const connections = {
            sqlflow: { ...sqlflowConnection(sqlflow.url), ...budget },
            linkis: { ...linkisConnection(linkis.url), ...budget },
          };
          const worker = await startWorker({ address, taskQueue, connections, folder });
          closing.push(() => worker.stop('SIGKILL'));
          return worker;
        },
        startEnding: (vendor, lengthsMs) => startEnding(client, services, vendor, lengthsMs),
        async stand(worker, jobs) {
          for (let begun = 0; begun < jobs; begun += jobsAWorkflow) {
            await untilWaiting([worker], begun - mostUnderWay, jobs);
            const now = Math.min(jobsAWorkflow, jobs - begun) / 2;
            const input = await submitStanding(services, now);
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
            for (const vendor of vendors) {
              ids[vendor].push(...(await startJobs(client, folder, vendor, lengthsMs)));
            }
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
  const sqlflow = (await ids('sqlflow')).map((id, index) => waits.sqlflow(id, times(index)));
  const linkis = (await ids('linkis')).map((id, index) => waits.linkis(id, times(index)));
  return { sqlflow, linkis, deadlineAtMs };
}

type Times = Pick<SqlFlowAwaitJobInput, 'submittedAtMs' | 'deadlineAtMs'>;

/** What the waiting activities take. */
const waits = {
  sqlflow: (jobId: string, times: Times) => ({ connection: 'sqlflow', jobId, ...times }),
  linkis: (taskId: string, times: Times) => ({
    connection: 'linkis',
    user: linkisUser,
    taskId,
    ...times,
  }),
};

function startEnding(
  client: Client,
  services: Readonly<Record<Vendor, Fleet>>,
  vendor: Vendor,
  lengthsMs: readonly number[],
): Promise<readonly StartedJob[]> {
  return Promise.all(
    lengthsMs.map(async (lengthMs, index) => {
      const remoteId = await services[vendor].submit(lengthMs);
      const workflowId = `ending-${vendor}-${remoteId}`;
      const nowMs = Date.now();
      const deadlineAtMs = nowMs + hourMs;
      // Ages of all kinds among the first to end as among the last.
      const submittedAtMs = nowMs - Math.round(oldestMs * ((index * 0.618034) % 1));
      const job = waits[vendor](remoteId, { submittedAtMs, deadlineAtMs });
      const input = { sqlflow: [], linkis: [], [vendor]: [job], deadlineAtMs };
      await client.workflow.start(waitForJobs, { taskQueue, workflowId, args: [input] });
      return { workflowId, remoteId };
    }),
  );
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

/**
 * Asks until so many jobs wait in these workers together, and a look has told of each; resolves with
 * when that was seen.
 *
 * @param except ids of jobs that don't count
 */
export async function untilWaiting(
  workers: readonly RunningWorker[],
  jobs: number,
  of = jobs,
  except: readonly string[] = [],
): Promise<number> {
  for (;;) {
    const states = await Promise.all(workers.map((worker) => worker.state(except)));
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
