import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { remoteJobMemoKey } from '../src/contracts/names';
import type { RemoteJobMemo } from '../src/contracts/job';
import { activityTimes } from './activity-times';
import { quantile, type Bench, type Comparison } from './bench';
import { withWaitingStack, type WaitingStack } from './waiting-stack';
import type { RunningWorker } from './worker';

export const inFlight: Bench = {
  name: 'in-flight',
  title:
    'One worker that waits for thousands of jobs, half of them on SQLFlow and half on Linkis: what it takes, when it knows of an end, and how soon a cancel reaches the service. Temporal, the services and the worker are processes of their own.',
  hasBars: true,
  async *run(size) {
    const sizes = { full: [1000, 10_000], bars: [10_000], quick: [100] };
    for (const jobs of sizes[size]) yield await measure(jobs, size === 'quick');
  },
};

export async function measure(jobs: number, quick: boolean): Promise<Comparison> {
  return withWaitingStack(async (stack) => {
    const worker = await stack.startWorker();
    const idle = await worker.state();
    const some = Math.min(100, jobs / 10);
    // A worker has no place for more: those that end come last.
    await stack.stand(worker, jobs - 2 * some);
    const { linkis } = await stack.startStanding(worker, some, ['linkis']);
    await sleep(quick ? 5000 : 30_000); // what the start left behind is done
    const taken = await takes(worker, quick ? 5000 : 30_000);
    const delays = await detection(stack, some);
    const kills = await cancels(stack, linkis);
    return {
      case: `${jobs.toLocaleString('en-US')} jobs in flight`,
      sides: [
        {
          name: 'the worker',
          figures: {
            ...taken,
            rssMiBIdle: idle.rssMiB,
            detectionP50S: quantile(delays, 0.5) / 1000,
            detectionP95S: quantile(delays, 0.95) / 1000,
            cancelToKillP50S: quantile(kills, 0.5) / 1000,
            cancelToKillP95S: quantile(kills, 0.95) / 1000,
            cancelToKillMaxS: Math.max(...kills) / 1000,
          },
        },
      ],
    };
  });
}

/** What a worker takes while nothing ends, in so long a time. */
async function takes(worker: RunningWorker, forMs: number) {
  const before = await worker.state();
  const callsBefore = await worker.calls();
  let peakRssMiB = 0;
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
    cpuPercent: (100 * (after.cpuSeconds - before.cpuSeconds)) / seconds,
    requestsPerS: (after.requests - before.requests) / seconds,
    heartbeatsPerS: ((calls.get(beat) ?? 0) - (callsBefore.get(beat) ?? 0)) / seconds,
  };
}

/** From the ends in the services' own records until the workflows have a task due; milliseconds. */
async function detection(stack: WaitingStack, jobs: number): Promise<readonly number[]> {
  const lengths = Array.from({ length: jobs }, (_, index) => 10_000 + (20_000 * index) / jobs);
  const delays: number[] = [];
  for (const vendor of ['sqlflow', 'linkis'] as const) {
    const started = await stack.startJobs(vendor, lengths.map(Math.round));
    const handles = started.map((id) => stack.client.workflow.getHandle(id));
    await Promise.all(handles.map((handle) => handle.result()));
    const ends = await stack.services[vendor].ends();
    for (const handle of handles) {
      const { doneAtMs } = await activityTimes(handle, /Await/);
      delays.push(doneAtMs - (ends.get(await remoteId(handle)) ?? NaN));
    }
  }
  return delays;
}

async function remoteId(handle: WorkflowHandle): Promise<string> {
  const { memo } = await handle.describe();
  return (memo?.[remoteJobMemoKey] as RemoteJobMemo).remoteId ?? '';
}

/** From a cancel until the service has killed the task, in milliseconds: half in turns, half at once. */
export async function cancels(
  { client, services }: WaitingStack,
  workflowIds: readonly string[],
): Promise<readonly number[]> {
  const handles = workflowIds.map((id) => client.workflow.getHandle(id));
  const taskIds = await Promise.all(handles.map(remoteId));
  const cancelledAtMs: number[] = [];
  const cancel = async (handle: WorkflowHandle, index: number) => {
    cancelledAtMs[index] = Date.now();
    await handle.cancel();
  };
  for (const [index, handle] of handles.entries()) {
    const cancelled = cancel(handle, index);
    if (index < handles.length / 2) await Promise.all([cancelled, sleep(200)]);
  }
  for (;;) {
    const ends = await services.linkis.ends();
    const killedAtMs = taskIds.map((id) => ends.get(id));
    if (!killedAtMs.includes(undefined)) {
      return killedAtMs.map((atMs, index) => (atMs ?? NaN) - (cancelledAtMs[index] ?? NaN));
    }
    await sleep(200);
  }
}
