import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Vendor } from '../src/contracts/names';
import type { WatchedJob } from '../src/watch/watcher';
import { quantile, type Side } from './bench';
import type { Fleet } from './fleets';
import type { Watched, WatchMessage, WatchOrder } from './watch-side';
import type { WayName } from './ways-to-wait';

/** Sides that watch the same jobs at the same time, each in a process of its own. */
export interface Phase {
  readonly ways: readonly { readonly way: WayName; readonly name: string }[];
  /** Ends come evenly over this time. */
  readonly endingMs: number;
  /** So long the sides still watch after the last end. */
  readonly tailMs: number;
}

const submitsAtOnce = 16;
/** The jobs that end are submitted within this time, and the sides have begun by then. */
const leadMs = 3000;
/** Of the jobs, when the watching begins: up to this, evenly. */
const oldestMs = 30 * 60_000;
const lengthMs = 60 * 60_000;
const longestSettlingSeconds = 20;
/** Of CPU, in a second. */
const idleCpuSeconds = 0.1;

/** Submits jobs that don't end while anything is measured. */
export async function submitStanding(fleet: Fleet, jobs: number): Promise<readonly string[]> {
  const ids = await submitAll(fleet, jobs, () => lengthMs);
  await settled(fleet);
  return ids;
}

/** A service that starts thousands of jobs is busy with them for a while, and slow for whoever is first. */
async function settled(fleet: Fleet): Promise<void> {
  let beforeSeconds = await fleet.cpuSeconds();
  for (let waited = 0; waited < longestSettlingSeconds; waited += 1) {
    await sleep(1000);
    const afterSeconds = await fleet.cpuSeconds();
    if (afterSeconds - beforeSeconds < idleCpuSeconds) return;
    beforeSeconds = afterSeconds;
  }
}

export interface WatchedFleet {
  readonly vendor: Vendor;
  readonly fleet: Fleet;
  /** Jobs that are watched and don't end. */
  readonly standing: readonly string[];
  /** So many more end meanwhile. */
  readonly ending: number;
}

export async function runPhase(
  { vendor, fleet, standing, ending }: WatchedFleet,
  { ways, endingMs, tailMs }: Phase,
): Promise<Side[]> {
  const sides = await Promise.all(
    ways.map(({ way }) => startSide({ way, vendor, url: fleet.url })),
  );
  // Submitting takes its time, the more the more there are.
  const firstEndMs = Date.now() + leadMs + ending * 5;
  const ids = await submitAll(fleet, ending, (index) =>
    Math.max(0, Math.round(firstEndMs + (endingMs * index) / ending - Date.now())),
  );
  const startedAtMs = Date.now();
  const jobs = mixed([...standing, ...ids]).map((id, index, { length }) => ({
    id,
    sinceMs: startedAtMs - Math.round(oldestMs * (index / length)),
  }));
  const cpuBefore = await fleet.cpuSeconds();
  for (const side of sides) side.begin(jobs);
  await sleep(Math.max(startedAtMs, firstEndMs) + endingMs + tailMs - Date.now());
  const seconds = (Date.now() - startedAtMs) / 1000;
  const serviceCpuPercent = (100 * ((await fleet.cpuSeconds()) - cpuBefore)) / seconds;
  const stoppedAtMs = Date.now();
  const watched = await Promise.all(sides.map((side) => side.stop()));
  const ends = await fleet.ends();
  return watched.map(({ figures, known }, index) => {
    const knownAtMs = new Map(known);
    const ended = ids.filter((id) => (ends.get(id) ?? Infinity) <= stoppedAtMs);
    const delays = ended.map((id) => {
      const sinceMs = Math.max(startedAtMs, ends.get(id) ?? NaN);
      return ((knownAtMs.get(id) ?? stoppedAtMs) - sinceMs) / 1000;
    });
    return {
      name: ways[index]?.name ?? '',
      figures: {
        ...figures,
        delayP50S: quantile(delays, 0.5),
        delayP95S: quantile(delays, 0.95),
        delayMaxS: Math.max(...delays),
        unseenPercent: (100 * ended.filter((id) => !knownAtMs.has(id)).length) / ended.length,
        serviceCpuPercent,
      },
    };
  });
}

/** Those that end among those that don't, in the same order in every run. */
function mixed<Item>(items: readonly Item[]): readonly Item[] {
  const places = items.map((item, index) => ({ item, place: (index * 0.618034) % 1 }));
  return places.sort((a, b) => a.place - b.place).map(({ item }) => item);
}

async function submitAll(
  fleet: Fleet,
  jobs: number,
  lengthOf: (index: number) => number,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let next = 0;
  const submitting = Array.from({ length: submitsAtOnce }, async () => {
    while (next < jobs) {
      const index = next++;
      ids[index] = await fleet.submit(lengthOf(index));
    }
  });
  await Promise.all(submitting);
  return ids;
}

async function startSide(order: WatchOrder) {
  const child = fork(path.join(__dirname, 'watch-side.js'), [JSON.stringify(order)]);
  const died = once(child, 'exit').then(() => {
    throw new Error(`the process of "${order.way}" ended`);
  });
  died.catch(() => undefined);
  const next = <Message>() =>
    Promise.race([once(child, 'message'), died]).then(([message]) => message as Message);
  const send = (message: WatchMessage) => child.send(message);
  await next<'ready'>();
  return {
    begin: (jobs: readonly WatchedJob[]) => send({ jobs }),
    stop(): Promise<Watched> {
      send('stop');
      return next<Watched>();
    },
  };
}
