import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { SqlFlowJobSelection } from '../src/clients/sqlflow/public';
import { quantile, type Side } from './bench';
import { sqlflowClient, sqlflowUserId } from './sqlflow-target';

export type ListWay = 'parse' | 'whole' | 'select';

export interface ListOrder {
  readonly name: string;
  readonly way: ListWay;
  readonly url: string;
}

const { signal } = new AbortController();
const looks = 5;
const blockEachMs = 2;

/** One job in eleven: 10,000 that are watched beside 100,000 old ones. */
function isWatched(jobId: string): boolean {
  return Number.parseInt(jobId.slice(-6), 16) % 11 === 0;
}

interface Answer {
  readonly data: { readonly jobDetails: readonly { readonly jobId: string }[] };
}

/** How many of the watched jobs one look saw. */
type Look = () => Promise<number>;

const ways: Readonly<Record<ListWay, (url: string) => Promise<Look>>> = {
  async parse(url) {
    const query = { userId: sqlflowUserId, token: await sqlflowClient(url).generateToken(signal) };
    const address = `${url}/sqlflow/job/displayUserJobsSummary`;
    return async () => {
      const { body } = await request(address, { method: 'POST', query });
      const { data } = JSON.parse(await body.text()) as Answer;
      return data.jobDetails.filter(({ jobId }) => isWatched(jobId)).length;
    };
  },
  async whole(url) {
    const client = sqlflowClient(url);
    await client.generateToken(signal);
    return async () => {
      const { jobs } = await client.displayUserJobsSummary(signal);
      return jobs.filter(({ jobId }) => isWatched(jobId)).length;
    };
  },
  async select(url) {
    const client = sqlflowClient(url);
    await client.generateToken(signal);
    let since: SqlFlowJobSelection | undefined;
    return async () => {
      since = await client.selectUserJobs({ field: 'jobId', wants: isWatched }, signal, { since });
      return since.jobs.length;
    };
  },
};

async function main({ name, way, url }: ListOrder): Promise<Side> {
  const look = await ways[way](url);
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  let jobsSeen = 0;
  const block = longestBlock();
  for (let turn = 0; turn < looks; turn += 1) {
    const startedMs = performance.now();
    const before = process.cpuUsage();
    jobsSeen = await look();
    const { user, system } = process.cpuUsage(before);
    seconds.push((performance.now() - startedMs) / 1000);
    cpuSeconds.push((user + system) / 1e6);
    await sleep(10 * blockEachMs);
  }
  return {
    name,
    figures: {
      seconds: quantile(seconds, 0.5),
      cpuSeconds: quantile(cpuSeconds, 0.5),
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      longestBlockMs: block.stop(),
      jobsSeen,
    },
  };
}

/** The longest time in which nothing else of the process could run. */
function longestBlock() {
  let lastMs = performance.now();
  let longestMs = 0;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs - blockEachMs);
    lastMs = nowMs;
  }, blockEachMs);
  return {
    stop(): number {
      clearInterval(timer);
      return longestMs;
    },
  };
}

main(JSON.parse(process.argv[2] ?? '{}') as ListOrder).then(
  (side) => {
    process.send?.(side);
    process.disconnect?.();
    process.exit();
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
