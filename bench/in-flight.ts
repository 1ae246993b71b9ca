import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { remoteJobMemoKey, type Vendor } from '../src/contracts/names';
import type { RemoteJobMemo } from '../src/contracts/job';
import { defaultMaxRequestsPerSecond } from '../src/watch/request-budget';
import { activityTimes } from './activity-times';
import { busyFromNow } from './machine';
import { quantile, type Bench, type Comparison } from './bench';
import {
  hasty,
  untilWaiting,
  withWaitingStack,
  type StartedJob,
  type WaitingStack,
} from './waiting-stack';
import type { RunningWorker } from './worker';

export const inFlight: Bench = {
  name: 'in-flight',
  title: `One worker that waits for thousands of jobs, half of them on SQLFlow and half on Linkis, with the default budget of ${defaultMaxRequestsPerSecond} requests a second and connection. *Idle RSS*: before it has a job. *First RSS*: of the worker that started them all, with ${hasty.maxRequestsPerSecond} requests a second, and was then shut down. *End*: from a job's end in the service's own record until its workflow has a task due; the jobs are of all ages up to half an hour. *Cancel to kill*: until the service's own record has the kill, of cancels that come half a minute after those ends, one a second, that come *five a second*, and of fifty *at once*; their tasks are older than all others, and this worker has never run their workflows. *Machine busy*: all cores together, with what everybody takes: Temporal, the services and the worker are processes of their own.`,
  hasBars: true,
  async *run(size) {
    const sizes = { full: [1000, 10_000], bars: [10_000], quick: [100] };
    for (const jobs of sizes[size]) yield* await measure(jobs, size === 'quick');
  },
};

function measure(jobs: number, quick: boolean): Promise<readonly Comparison[]> {
  return withWaitingStack(async (stack) => {
    const first = await stack.startWorker(hasty);
    const some = Math.min(100, jobs / 10);
    // The oldest of all: who kills one has to make sure of all that are newer.
    const { linkis } = await stack.startStanding(first, some, ['linkis']);
    // A worker has no place for more: those that end come last.
    await stack.stand(first, jobs - 2 * some);
    await untilWaiting([first], jobs - some);
    const toCancel = await startedJobs(stack.client, linkis);
    const { rssMiB: firstRssMiB } = await first.state();
    const worker = await stack.startWorker();
    const { rssMiB: idleRssMiB } = await worker.state();
    await first.stop('SIGTERM');
    await untilWaiting([worker], jobs - some);
    await sleep(quick ? 5000 : 30_000); // what the start left behind is done
    const taken = await takes(worker, quick ? 5000 : 30_000);
    const busyWithEnds = busyFromNow();
    const ends = {
      ...(await detection(stack, 'sqlflow', some)),
      ...(await detection(stack, 'linkis', some)),
      endsMachineBusyPercent: busyWithEnds(),
    };
    await sleep(quick ? 1000 : 30_000); // what the ends leave to do is done
    const busyWithCancels = busyFromNow();
    const quarter = Math.ceil(some / 4);
    const oneASecond = await cancels(stack, toCancel.slice(0, quarter), 1000);
    const fiveASecond = await cancels(stack, toCancel.slice(quarter, 2 * quarter), 200);
    const atOnce = await cancels(stack, toCancel.slice(2 * quarter), 0);
    const delays = {
      ...ends,
      cancelsMachineBusyPercent: busyWithCancels(),
      ...quantiles('cancelToKill', oneASecond),
      ...quantiles('fiveASecondToKill', fiveASecond),
      ...quantiles('atOnceToKill', atOnce),
    };
    const size = `${jobs.toLocaleString('en-US')} jobs in flight`;
    const taking = { ...taken, idleRssMiB, firstRssMiB };
    return [
      { case: size, sides: [{ name: 'the worker', figures: taking }] },
      { case: `${size}, delays`, sides: [{ name: 'the worker', figures: delays }] },
    ];
  });
}

function quantiles(name: string, timesMs: readonly number[]) {
  return {
    [`${name}P50S`]: quantile(timesMs, 0.5) / 1000,
    [`${name}P95S`]: quantile(timesMs, 0.95) / 1000,
    [`${name}MaxS`]: Math.max(...timesMs) / 1000,
  };
}

/** What a worker takes while nothing ends, in so long a time. */
async function takes(worker: RunningWorker, forMs: number) {
  const before = await worker.state();
  const callsBefore = await worker.calls();
  let peakRssMiB = 0;
  const busySince = busyFromNow();
  const startedMs = performance.now();
  while (performance.now() - startedMs < forMs) {
    await sleep(1000);
    peakRssMiB = Math.max(peakRssMiB, (await worker.state()).rssMiB);
  }
  const after = await worker.state();
  const calls = await worker.calls();
  const seconds = (performance.now() - startedMs) / 1000;
  const beat = 'RecordActivityTaskHeartbeat';
  return {
    rssMiB: peakRssMiB,
    machineBusyPercent: busySince(),
    cpuPercent: (100 * (after.cpuSeconds - before.cpuSeconds)) / seconds,
    requestsPerS: (after.requests - before.requests) / seconds,
    heartbeatsPerS: ((calls.get(beat) ?? 0) - (callsBefore.get(beat) ?? 0)) / seconds,
  };
}

/** From the ends in the service's own record until the workflows have a task due. */
async function detection(
  { client, services, ...stack }: WaitingStack,
  vendor: Vendor,
  jobs: number,
) {
  const lengths = Array.from({ length: jobs }, (_, index) => 10_000 + (20_000 * index) / jobs);
  const started = await stack.startEnding(vendor, lengths.map(Math.round));
  const handles = started.map(({ workflowId }) => client.workflow.getHandle(workflowId));
  await Promise.all(handles.map((handle) => handle.result()));
  const ends = await services[vendor].ends();
  const times = await Promise.all(handles.map((handle) => activityTimes(handle, /Await/)));
  const delays = times.map(
    ({ doneAtMs }, index) => doneAtMs - (ends.get(started[index]?.remoteId ?? '') ?? NaN),
  );
  return quantiles(`${vendor}End`, delays);
}

/** The jobs of these workflows. */
export function startedJobs(
  client: Client,
  workflowIds: readonly string[],
): Promise<readonly StartedJob[]> {
  return Promise.all(
    workflowIds.map(async (workflowId) => {
      const { memo } = await client.workflow.getHandle(workflowId).describe();
      const { remoteId = '' } = memo?.[remoteJobMemoKey] as RemoteJobMemo;
      return { workflowId, remoteId };
    }),
  );
}

/** From each cancel until the service has killed the task, in milliseconds; a cancel each `everyMs`. */
export async function cancels(
  { client, services }: WaitingStack,
  tasks: readonly StartedJob[],
  everyMs: number,
): Promise<readonly number[]> {
  const cancelledAtMs: number[] = [];
  await Promise.all(
    tasks.map(async ({ workflowId }, index) => {
      await sleep(index * everyMs);
      cancelledAtMs[index] = Date.now();
      await client.workflow.getHandle(workflowId).cancel();
    }),
  );
  for (;;) {
    const ends = await services.linkis.ends();
    const killedAtMs = tasks.map(({ remoteId }) => ends.get(remoteId));
    if (!killedAtMs.includes(undefined)) {
      return killedAtMs.map((atMs, index) => (atMs ?? NaN) - (cancelledAtMs[index] ?? NaN));
    }
    await sleep(200);
  }
}
