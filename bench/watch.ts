import { setTimeout as sleep } from 'node:timers/promises';
import { Watcher } from '../src/watch/watcher';
import { quantile, type Bench, type Comparison, type Side } from './bench';
import { fleets, type Fleet } from './fleets';
import { Traffic } from './traffic';

const plainIntervalMs = 2000;
const submitsAtOnce = 8;
/** An age at which the watcher's interval is the longest it takes, and that interval. */
const oldMs = 10 * 60_000;
const longestIntervalMs = 15_000;

/**
 * Waits for one job in some way; resolves when it knows that the job has ended, with the number of
 * requests that only confirmed that end.
 */
type Wait = (fleet: Fleet, id: string) => Promise<number>;

const { signal } = new AbortController();

async function plainLoop(fleet: Fleet, id: string): Promise<number> {
  while (!(await fleet.hasEnded(id, signal))) await sleep(plainIntervalMs);
  return 0;
}

/** As a waiting activity does it: the watcher's sighting of an end is confirmed by a single request. */
function sharedWatcher(fleet: Fleet, ageMs: number): Wait {
  const watcher = new Watcher(fleet.source);
  return async (_, id) => {
    let confirming = 0;
    for await (const seen of watcher.observe({ id, sinceMs: Date.now() - ageMs }, signal)) {
      if (seen.kind !== 'seen' || !fleet.isEnd(seen.snapshot.status)) continue;
      confirming += 1;
      if (await fleet.hasEnded(id, signal)) break;
    }
    return confirming;
  };
}

async function measure(name: string, fleet: Fleet, jobs: number, wait: Wait): Promise<Side> {
  const traffic = new Traffic();
  const startedAtMs = Date.now();
  const cpu = process.cpuUsage();
  const detected = new Map<string, number>();
  const waits: Promise<void>[] = [];
  let confirming = 0;
  const waitFor = async (id: string) => {
    const confirmed = await wait(fleet, id);
    detected.set(id, Date.now());
    confirming += confirmed;
  };
  let next = 0;
  const submitting = Array.from({ length: submitsAtOnce }, async () => {
    while (next < jobs) waits.push(waitFor(await fleet.submit(next++)));
  });
  await Promise.all(submitting);
  await Promise.all(waits);
  const seconds = (Date.now() - startedAtMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  traffic.close();
  const ends = await fleet.ends();
  const delaysMs = [...detected].map(([id, atMs]) => atMs - (ends.get(id) ?? NaN));
  return {
    name,
    figures: {
      requestsPerS: traffic.requests / seconds,
      looksPerS: (traffic.requests - confirming) / seconds,
      receivedKiBPerS: traffic.receivedBytes / 1024 / seconds,
      delayP50Ms: quantile(delaysMs, 0.5),
      delayP95Ms: quantile(delaysMs, 0.95),
      clientCpuPercent: (user + system) / 1e4 / seconds,
      seconds,
    },
  };
}

/** A service of its own for each side: SQLFlow's list grows with every job of the account. */
async function side(
  name: string,
  vendor: keyof typeof fleets,
  jobs: number,
  spreadMs: number,
  waiting: (fleet: Fleet) => Wait,
): Promise<Side> {
  const fleet = await fleets[vendor](jobs, spreadMs);
  try {
    return await measure(name, fleet, jobs, waiting(fleet));
  } finally {
    await fleet.close();
  }
}

async function compare(
  vendor: keyof typeof fleets,
  jobs: number,
  spreadMs: number,
): Promise<Comparison> {
  const run = (name: string, waiting: (fleet: Fleet) => Wait) =>
    side(name, vendor, jobs, spreadMs, waiting);
  const sides = [
    await run('a 2 s loop a job', () => plainLoop),
    await run('watcher', (fleet) => sharedWatcher(fleet, 0)),
  ];
  if (spreadMs > longestIntervalMs) {
    sides.push(await run('watcher, as for jobs of 10 min', (fleet) => sharedWatcher(fleet, oldMs)));
  }
  return { case: `${vendor}, ${jobs} jobs of up to ${spreadMs / 1000} s`, sides };
}

export const watch: Bench = {
  name: 'watch',
  title:
    'Waiting for jobs that end one after the other. Delay: from the end in the service’s own record until the waiter knows. The watcher asks once more for each job that has ended, which a look (`looksPerS`) is not.',
  async *run(quick) {
    const fleets = quick
      ? ([[20, 3000]] as const)
      : ([
          [100, 8_000],
          [1000, 16_000],
        ] as const);
    for (const [jobs, spreadMs] of fleets) {
      yield await compare('sqlflow', jobs, spreadMs);
      yield await compare('linkis', jobs, spreadMs);
    }
  },
};
