import { quantile, type Bench, type Comparison, type Side } from './bench';
import { cancels, startedJobs } from './in-flight';
import { busyFromNow } from './machine';
import {
  hasty,
  untilWaiting,
  withWaitingStack,
  type StartedJob,
  type WaitingStack,
} from './waiting-stack';
import type { RunningWorker } from './worker';

export const restart: Bench = {
  name: 'restart',
  title:
    'Jobs whose worker is gone, half on SQLFlow and half on Linkis: from the signal until other workers, which poll already, have looked at them all again. All but the first, which starts the jobs, have the default budget. A crash is noticed by the heartbeats that stay away. *Machine busy*: all cores together, with Temporal and the services; *others CPU*: what the workers that take over compute meanwhile.',
  hasBars: true,
  async *run(size) {
    const quick = size === 'quick';
    yield await measure(quick ? 40 : 1000, quick ? 2 : 10);
  },
};

function measure(jobs: number, sharing: number): Promise<Comparison> {
  return withWaitingStack(async (stack) => {
    const first = await stack.startWorker(hasty);
    const { linkis } = await stack.startStanding(first, jobs);
    const second = await stack.startWorker();
    const cancelled = await startedJobs(stack.client, linkis.slice(0, Math.min(20, jobs / 4)));
    const rest: Rest = {
      jobs: jobs - cancelled.length,
      cancelledIds: cancelled.map(({ remoteId }) => remoteId),
    };
    const crashed = await crash(stack, first, second, cancelled, rest);
    const third = await stack.startWorker();
    const toOne = await handOver(second, [third], rest);
    const many: RunningWorker[] = [];
    for (let count = 0; count < sharing; count += 1) many.push(await stack.startWorker());
    const toMany = await handOver(third, many, rest);
    const sides = [crashed, toOne, toMany, await crashOfOne(many, rest)];
    return { case: `${jobs.toLocaleString('en-US')} waiting jobs`, sides };
  });
}

/** The jobs that are waited for throughout; a worker may still hold one that was cancelled. */
interface Rest {
  readonly jobs: number;
  readonly cancelledIds: readonly string[];
}

/** Another worker has them all again; meanwhile some are cancelled. */
async function crash(
  stack: WaitingStack,
  worker: RunningWorker,
  other: RunningWorker,
  cancelled: readonly StartedJob[],
  { jobs, cancelledIds }: Rest,
): Promise<Side> {
  const killedAtMs = Date.now();
  await worker.stop('SIGKILL');
  const [kills, againAtMs] = await Promise.all([
    cancels(stack, cancelled, 100),
    untilWaiting([other], jobs, jobs, cancelledIds),
  ]);
  return {
    name: 'SIGKILL of the worker, one other there',
    figures: {
      jobsMoved: jobs,
      watchedAgainS: (againAtMs - killedAtMs) / 1000,
      cancelToKillP95S: quantile(kills, 0.95) / 1000,
    },
  };
}

/** A worker that is asked to end gives its jobs away. */
async function handOver(
  worker: RunningWorker,
  others: readonly RunningWorker[],
  { jobs, cancelledIds }: Rest,
): Promise<Side> {
  const cpuBefore = await cpuSeconds(others);
  const busySince = busyFromNow();
  const askedAtMs = Date.now();
  const [endedMs, againAtMs] = await Promise.all([
    worker.stop('SIGTERM'),
    untilWaiting(others, jobs, jobs, cancelledIds),
  ]);
  return {
    name: `SIGTERM of the worker, ${others.length === 1 ? 'one other' : `${others.length} others`} there`,
    figures: {
      jobsMoved: jobs,
      watchedAgainS: (againAtMs - askedAtMs) / 1000,
      workerEndedS: endedMs / 1000,
      machineBusyPercent: busySince(),
      othersCpuS: (await cpuSeconds(others)) - cpuBefore,
    },
  };
}

async function cpuSeconds(workers: readonly RunningWorker[]): Promise<number> {
  const states = await Promise.all(workers.map((worker) => worker.state()));
  return states.reduce((sum, state) => sum + state.cpuSeconds, 0);
}

/** The jobs of one of several workers go to the others. */
async function crashOfOne(
  workers: readonly RunningWorker[],
  { jobs, cancelledIds }: Rest,
): Promise<Side> {
  const [lost, ...others] = workers;
  const jobsMoved = (await lost?.state(cancelledIds))?.waiting ?? 0;
  const killedAtMs = Date.now();
  await lost?.stop('SIGKILL');
  const againAtMs = await untilWaiting(others, jobs, jobs, cancelledIds);
  return {
    name: `SIGKILL of one of ${workers.length} workers that share them`,
    figures: { jobsMoved, watchedAgainS: (againAtMs - killedAtMs) / 1000 },
  };
}
