import { activityTimes } from './activity-times';
import { quantile, type Bench, type Side } from './bench';
import { fleets } from './fleets';
import { sqlflowClient } from './sqlflow-target';
import { withWaitingStack } from './waiting-stack';
import { defaultMaxRequestsPerSecond } from '../src/watch/request-budget';

const hourMs = 3600_000;
const submitsAtOnce = 16;
/** Of all jobs, so many tell how long a submit took. */
const asked = 200;
const { signal } = new AbortController();

export const fanOut: Bench = {
  name: 'fan-out',
  title: `SQLFlow jobs submitted as fast as it goes: by a bare loop of HTTP calls, ${submitsAtOnce} at a time, and by a workflow each, as fast as the connection's budget of ${defaultMaxRequestsPerSecond} requests a second lets a worker. A submit takes from when it is due until it is in the history.`,
  async *run(size) {
    const quick = size === 'quick';
    const jobs = quick ? 100 : 10_000;
    yield {
      case: `${jobs.toLocaleString('en-US')} jobs`,
      sides: [await bareLoop(jobs), await workflows(jobs)],
    };
  },
};

async function bareLoop(jobs: number): Promise<Side> {
  const fleet = await fleets.sqlflow();
  try {
    const timesMs: number[] = [];
    const startedMs = performance.now();
    let next = 0;
    const loop = async () => {
      while (next++ < jobs) {
        const beganMs = performance.now();
        await fleet.submit(2 * hourMs);
        timesMs.push(performance.now() - beganMs);
      }
    };
    await Promise.all(Array.from({ length: submitsAtOnce }, loop));
    const seconds = (performance.now() - startedMs) / 1000;
    return side('a bare loop', jobs, seconds, timesMs, await submitted(fleet.url));
  } finally {
    await fleet.close();
  }
}

function workflows(jobs: number): Promise<Side> {
  return withWaitingStack(async ({ client, services, ...stack }) => {
    const worker = await stack.startWorker();
    const startedMs = performance.now();
    const { sqlflow: ids } = await stack.startStanding(worker, jobs, ['sqlflow']);
    const seconds = (performance.now() - startedMs) / 1000;
    const some = ids.filter((_, index) => index % Math.ceil(jobs / asked) === 0);
    const timesMs = await Promise.all(
      some.map(async (id) => {
        const submit = await activityTimes(client.workflow.getHandle(id), /Submit/);
        return submit.doneAtMs - submit.dueAtMs;
      }),
    );
    return side('workflows', jobs, seconds, timesMs, await submitted(services.sqlflow.url));
  });
}

function side(
  name: string,
  jobs: number,
  seconds: number,
  timesMs: readonly number[],
  submissions: number,
): Side {
  return {
    name,
    figures: {
      jobsPerS: jobs / seconds,
      submitP50Ms: quantile(timesMs, 0.5),
      submitP95Ms: quantile(timesMs, 0.95),
      duplicates: submissions - jobs,
    },
  };
}

/** Jobs that the service has. */
async function submitted(url: string): Promise<number> {
  const client = sqlflowClient(url);
  try {
    return (await client.displayUserJobsSummary(signal)).jobs.length;
  } finally {
    await client.close();
  }
}
