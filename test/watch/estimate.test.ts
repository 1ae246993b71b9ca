import { Durations } from '../../src/watch/durations';
import { ExpectedEnd } from '../../src/watch/expected-end';
import { Watcher } from '../../src/watch/watcher';
import { minuteMs, names, pass, secondMs, Service, simulateTime, Wait } from './support';

simulateTime();

test('the median of the last twenty durations of a kind is the estimate: one odd one does not move it', () => {
  const durations = new Durations();
  expect(durations.medianMs('nightly')).toBeUndefined();
  for (let run = 0; run < 30; run++) durations.add('nightly', 1_000_000);
  for (let run = 0; run < 19; run++) durations.add('nightly', 60_000);
  durations.add('nightly', 9_000_000);
  expect(durations.medianMs('nightly')).toBe(60_000);
  expect(durations.medianMs('hourly')).toBeUndefined();
});

test('a thousand kinds are remembered, and what is used is forgotten last', () => {
  const durations = new Durations();
  names(1000).forEach((kind, number) => durations.add(kind, number));
  expect(durations.medianMs('job-0')).toBe(0);
  durations.add('one more', 1);
  expect(durations.medianMs('job-0')).toBe(0);
  expect(durations.medianMs('job-1')).toBeUndefined();
  expect(durations.medianMs('one more')).toBe(1);
});

test('progress tells the end from the first sign of work on, whatever the time in a queue', () => {
  const end = new ExpectedEnd(0);
  expect(end.atMs(500)).toBe(500);
  end.note(0, 9000);
  end.note(undefined, 9500);
  expect(end.atMs(500)).toBe(500);
  end.note(0.1, 10_000);
  end.note(0.2, 11_000);
  expect(end.atMs(500)).toBeCloseTo(19_000);
  // It stands still: later and later.
  end.note(0.2, 12_000);
  expect(end.atMs(500)).toBeCloseTo(28_000);
  // It was run anew.
  end.note(0.05, 20_000);
  end.note(0.55, 30_000);
  expect(end.atMs(500)).toBeCloseTo(39_000);
  end.note(1, 40_000);
  end.note(1, 50_000);
  expect(end.atMs(500)).toBeCloseTo(39_000);
});

test('progress that is no number, or beyond its bounds, breaks nothing', () => {
  const end = new ExpectedEnd(0);
  for (const progress of [Number.NaN, -1, Number.NEGATIVE_INFINITY]) end.note(progress, 1000);
  expect(end.atMs(undefined)).toBeUndefined();
  for (const progress of [1.5, Number.POSITIVE_INFINITY]) end.note(progress, 2000);
  expect(end.atMs(undefined)).toBe(2000);
});

describe.each(['kind', 'progress'] as const)('a job whose end is told by its %s', (by) => {
  test('is looked at seldom at first and often when it is likely to end', async () => {
    const service = new Service();
    service.idsPerLook = 30;
    let endsAtMs = 0;
    service.statusOf = () => (performance.now() >= endsAtMs ? 'ended' : 'running');
    const source = Object.assign(service, {
      progressOf: () =>
        by === 'progress' ? 1 - (endsAtMs - performance.now()) / (10 * minuteMs) : undefined,
    });
    const watcher = new Watcher(source);
    const kind = by === 'kind' ? 'nightly' : undefined;
    const delaysMs: number[] = [];
    let looks = 0;
    for (let run = 0; run < 4; run++) {
      endsAtMs = performance.now() + 10 * minuteMs;
      const { length } = service.looks;
      const wait = new Wait(watcher, `run-${run}`, Date.now(), kind);
      await pass(11 * minuteMs);
      delaysMs.push((wait.endedMs ?? Infinity) - endsAtMs);
      looks = service.looks.length - length;
    }
    // The first one of a kind is known by its age alone, and seen late to end.
    expect(delaysMs.at(-1)).toBeLessThan(secondMs);
    expect(looks).toBeLessThan(100);
  });
});

test('only waits that saw an end tell how long a kind takes', async () => {
  const service = new Service();
  service.idsPerLook = 30;
  const watcher = new Watcher(service);
  const left = new Wait(watcher, 'left', Date.now(), 'nightly');
  await pass(20 * secondMs);
  // A hand-over to another worker, say.
  left.leave();
  await pass(0);
  const { length } = service.looks;
  new Wait(watcher, 'next', Date.now() - 20 * secondMs, 'nightly');
  await pass(10 * secondMs);
  // By its age of 20 s and more, each two to three seconds; by an end at 20 s, each half second.
  expect(service.looks.length - length).toBeLessThan(8);
});

test('an end is known as one even where ended jobs are in no look; a failure after a sighting is none', async () => {
  const usualLooks = async (ends: boolean) => {
    const service = new Service();
    service.idsPerLook = 30;
    const watcher = new Watcher(service);
    const { signal } = new AbortController();
    const job = { id: 'first', sinceMs: Date.now() - 20 * secondMs, kind: 'nightly' };
    const follow = async () => {
      for await (const { kind } of watcher.observe(job, signal)) {
        // What has ended is missing in the list of what is under way; or the wait itself gives up.
        service.statusOf = () => (ends ? undefined : 'running');
        if (ends && kind === 'missing') return watcher.ended(job.id);
        if (!ends && kind === 'seen') throw new Error('never shown');
      }
    };
    await Promise.all([follow().catch(() => undefined), pass(20 * secondMs)]);
    service.statusOf = () => 'running';
    const { length } = service.looks;
    const wait = new Wait(watcher, 'next', Date.now() - 20 * secondMs, 'nightly');
    await pass(10 * secondMs);
    wait.leave();
    return service.looks.length - length;
  };
  expect(await usualLooks(true)).toBeGreaterThan(8);
  expect(await usualLooks(false)).toBeLessThan(8);
});
