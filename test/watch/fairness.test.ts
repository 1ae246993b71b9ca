import { Watcher } from '../../src/watch/watcher';
import { hourMs, minuteMs, names, pass, secondMs, Service, simulateTime } from './support';

simulateTime();

/** Longest time between two looks at any job, in milliseconds, and looks altogether. */
class Count extends Service {
  longestMs = 0;
  requests = 0;
  private lastMs = new Map<string, number>();

  override look(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const nowMs = performance.now();
    this.requests += 1;
    for (const id of ids) {
      this.longestMs = Math.max(this.longestMs, nowMs - (this.lastMs.get(id) ?? nowMs));
      this.lastMs.set(id, nowMs);
    }
    this.looks.length = 0;
    return super.look(ids);
  }

  reset(): void {
    this.longestMs = 0;
    this.requests = 0;
  }
}

/** Begins waits that nobody reads: the looks are what counts here. */
function watch(watcher: Watcher<string>, ids: readonly string[], ageMs: number): void {
  for (const id of ids) {
    const { signal } = new AbortController();
    void watcher.observe({ id, sinceMs: Date.now() - ageMs }, signal).next();
  }
}

test('in small looks each job has its turn within its interval and one round of all, however many are young', async () => {
  const service = new Count();
  service.idsPerLook = 30;
  service.tookMs = 200;
  const watcher = new Watcher(service);
  const ids = names(5000);
  watch(watcher, ids.slice(0, 2500), hourMs);
  // Those that come want a look each half second at first: more than there can be.
  for (let start = 2500; start < 5000; start += 500) {
    watch(watcher, ids.slice(start, start + 500), 0);
    await pass(secondMs);
  }
  await pass(minuteMs);
  const roundMs = (5000 / (4 * 30)) * 200;
  expect(service.longestMs).toBeLessThan(15_000 * 1.1 + roundMs * 1.1);
  // Four looks of 200 ms side by side; never more.
  expect(service.requests).toBeLessThanOrEqual(65 * 20 + 4);

  service.reset();
  await pass(2 * minuteMs);
  service.reset();
  await pass(minuteMs);
  expect(service.longestMs).toBeLessThan(15_000 * 1.1 + 1000);
  // 167 looks a round, and no more than one round in 13.5 s.
  expect(service.requests).toBeLessThanOrEqual((60 / 13.5 + 1) * 167);
});

test('where a look takes all jobs, ten thousand cost one request a second and each is seen within two', async () => {
  const service = new Count();
  service.tookMs = 300;
  const watcher = new Watcher(service);
  watch(watcher, names(10_000), hourMs);
  await pass(5 * secondMs);
  service.reset();
  await pass(12 * secondMs);
  expect(service.requests).toBeLessThanOrEqual(12);
  expect(service.requests).toBeGreaterThan(9);
  expect(service.longestMs).toBeLessThan(1500);
});

test.each([
  // The gap shrinks with the root of their number, down to a second.
  [1, undefined, 275],
  [9, undefined, 800],
  [100, undefined, 2600],
  [30, 30, 275],
  [300, 30, 2750],
])(
  '%d jobs of some hours cost in an hour, %s a look, at most %d requests',
  async (jobs, idsPerLook, most) => {
    const service = new Count();
    service.idsPerLook = idsPerLook;
    service.tookMs = 20;
    const watcher = new Watcher(service);
    watch(watcher, names(jobs), 2 * hourMs);
    await pass(hourMs);
    expect(service.requests).toBeLessThanOrEqual(most);
    expect(service.longestMs).toBeLessThan(17_000);
  },
);
