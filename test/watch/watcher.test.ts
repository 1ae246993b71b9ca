import { Watcher } from '../../src/watch/watcher';
import { hourMs, minuteMs, names, pass, secondMs, Service, simulateTime, Wait } from './support';

simulateTime();

test('ten thousand jobs that come at once share one request, and the next comes a second later', async () => {
  const service = new Service();
  const watcher = new Watcher(service);
  // The first one was looked at by itself: nobody could know what comes.
  const first = new Wait(watcher, 'first');
  await pass(100);
  const waits = names(10_000).map((id) => new Wait(watcher, id));
  await pass(1050);
  expect(service.looks.map(({ ids }) => ids.length)).toEqual([1, 10_001]);
  expect([first, ...waits].every(({ kinds }) => kinds[0] === 'seen')).toBe(true);
  await pass(4 * secondMs);
  expect(service.looks.length).toBeLessThanOrEqual(6);
  expect(service.looks.slice(1).every(({ ids }) => ids.length === 10_001)).toBe(true);
});

test('no two looks at all jobs lie less than a second apart, nor less than twice what they take', async () => {
  for (const [tookMs, gapMs] of [
    [100, 1000],
    [2000, 4000],
  ] as const) {
    const service = new Service();
    service.tookMs = tookMs;
    const watcher = new Watcher(service);
    const waits = names(250).map((id) => new Wait(watcher, id));
    await pass(2 * minuteMs);
    const gapsMs = service.looks
      .slice(1)
      .map(({ atMs }, i) => atMs - (service.looks[i]?.atMs ?? 0));
    expect(Math.min(...gapsMs)).toBeGreaterThanOrEqual(gapMs);
    expect(Math.max(...gapsMs)).toBeLessThan(gapMs * 1.5);
    for (const wait of waits) wait.leave();
    await pass(0);
  }
});

test('where a few jobs are asked for one by one, each has its own pace and no gap of a list', async () => {
  class Account extends Service {
    asksEach = (jobs: number) => jobs <= 2;
  }
  const service = new Account();
  const watcher = new Watcher(service);
  const few = names(2).map((id) => new Wait(watcher, id));
  await pass(4 * secondMs);
  for (const { told } of few) expect(told.length).toBeGreaterThanOrEqual(7);
  // One more is too many.
  const { length } = service.looks;
  new Wait(watcher, 'more');
  await pass(10 * secondMs);
  const lists = service.looks.slice(length + 1);
  expect(lists.every(({ ids }) => ids.length === 3)).toBe(true);
  expect(lists.length).toBeLessThanOrEqual(10);
});

test('a source that asks for rest after a costly look gets it, but for no longer than 15 s', async () => {
  class Costly extends Service {
    restMs = 6000;
  }
  const service = new Costly();
  const watcher = new Watcher(service);
  names(300).forEach((id) => new Wait(watcher, id));
  await pass(minuteMs);
  expect(service.looks.length).toBeLessThanOrEqual(11);
  service.restMs = hourMs;
  await pass(10_000);
  const before = service.looks.length;
  await pass(minuteMs);
  expect(service.looks.length - before).toBeGreaterThanOrEqual(3);
});

test('a source of small looks gets full ones, four side by side at most, of whoever waits longest', async () => {
  const service = new Service();
  service.idsPerLook = 30;
  service.tookMs = 300;
  const watcher = new Watcher(service);
  const ids = names(1000);
  ids.forEach((id) => new Wait(watcher, id, Date.now() - hourMs));
  await pass(10 * secondMs);
  const { looks } = service;
  expect(service.mostUnderWay).toBe(4);
  expect(Math.max(...looks.map((look) => look.ids.length))).toBe(30);
  expect(new Set(looks.flatMap((look) => look.ids)).size).toBe(1000);

  // 34 requests for a round of 1000.
  const before = looks.length;
  await pass(2 * minuteMs);
  const asked = looks.slice(before);
  const rounds = asked.flatMap((look) => look.ids).length / 1000;
  expect(asked.length / rounds).toBeLessThanOrEqual(34.5);
  const waitsMs = ids.flatMap((id) => {
    const atMs = service.looksAt(id);
    return atMs.slice(1).map((nowMs, i) => nowMs - (atMs[i] ?? 0));
  });
  expect(Math.max(...waitsMs)).toBeLessThan(17.5 * secondMs);
});

test('a source whose batched call goes out of order is asked singly, and in batches again later', async () => {
  const service = new Service();
  const watcher = new Watcher(service);
  names(100).forEach((id) => new Wait(watcher, id, Date.now() - hourMs));
  await pass(10 * secondMs);
  service.idsPerLook = 1;
  await pass(5 * secondMs);
  const before = service.looks.length;
  await pass(minuteMs);
  const singles = service.looks.slice(before);
  expect(singles.every(({ ids }) => ids.length === 1)).toBe(true);
  expect(new Set(singles.flatMap(({ ids }) => ids)).size).toBe(100);
  service.idsPerLook = undefined;
  await pass(20 * secondMs);
  expect(service.looks.at(-1)?.ids).toHaveLength(100);
});

test('a job that two wait for is asked for once, told to both, and watched until both have left', async () => {
  const service = new Service();
  const watcher = new Watcher(service);
  const one = new Wait(watcher, 'a');
  await pass(minuteMs);
  const other = new Wait(watcher, 'a');
  expect(watcher.size).toBe(1);
  await pass(2 * secondMs);
  expect(other.kinds).toContain('seen');
  expect(service.looks.every(({ ids }) => ids.length === 1)).toBe(true);
  one.leave();
  await pass(minuteMs);
  const told = other.told.length;
  await pass(minuteMs);
  expect(other.told.length).toBeGreaterThan(told);
  other.leave();
  await pass(0);
  expect(watcher.size).toBe(0);
});

test('a job that the answer leaves out is missing, and nothing more', async () => {
  const service = new Service();
  service.statusOf = (id) => (id === 'gone' ? undefined : 'running');
  const watcher = new Watcher(service);
  const [gone, there] = ['gone', 'there'].map((id) => new Wait(watcher, id));
  await pass(minuteMs);
  expect(new Set(gone?.kinds)).toEqual(new Set(['missing']));
  expect(new Set(there?.kinds)).toEqual(new Set(['seen']));
});

test('an abort ends the wait with its reason and takes the job off the watch, also during a look', async () => {
  const service = new Service();
  service.tookMs = 10_000;
  const watcher = new Watcher(service);
  const [leaving, staying] = ['a', 'b'].map((id) => new Wait(watcher, id));
  await pass(2 * secondMs);
  expect(service.underWay).toBe(1);
  leaving?.leave(new Error('enough'));
  await pass(0);
  expect(leaving?.left).toEqual(new Error('enough'));
  expect(watcher.size).toBe(1);
  await pass(minuteMs);
  expect(leaving?.told).toEqual([]);
  expect(staying?.kinds).toContain('seen');
  expect(service.looks.at(-1)?.ids).toEqual(['b']);
});

test('a watcher that nobody asks anything of asks nothing, and keeps no process alive', async () => {
  const service = new Service();
  const watcher = new Watcher(service);
  const waits = names(50).map((id) => new Wait(watcher, id));
  await pass(minuteMs);
  for (const wait of waits) wait.leave();
  await pass(0);
  const before = service.looks.length;
  expect(jest.getTimerCount()).toBe(0);
  await pass(hourMs);
  expect(service.looks).toHaveLength(before);
});

test('a look that nobody waits for any more is given up', async () => {
  let given: AbortSignal | undefined;
  const watcher = new Watcher<string>({
    look(_, signal) {
      given = signal;
      return new Promise(() => {});
    },
  });
  const wait = new Wait(watcher, 'a');
  await pass(secondMs);
  expect(given?.aborted).toBe(false);
  wait.leave();
  await pass(0);
  expect(given?.aborted).toBe(true);
  expect(jest.getTimerCount()).toBe(0);
});

test('jobs of some age that come one after the other fill the places of the first looks', async () => {
  const service = new Service();
  service.idsPerLook = 30;
  const watcher = new Watcher(service);
  const ids = names(300);
  for (let come = 0; come < ids.length; come += 10) {
    for (const id of ids.slice(come, come + 10)) new Wait(watcher, id, Date.now() - hourMs);
    await pass(20);
  }
  await pass(1500);
  expect(new Set(service.looks.flatMap((look) => look.ids)).size).toBe(300);
  expect(service.looks.length).toBeLessThanOrEqual(16);
});

test('what has not changed is told less often where thousands wait, and what has changed at once', async () => {
  class Comparing extends Service {
    sameAs = (one: string, other: string) => one === other;
  }
  const service = new Comparing();
  const watcher = new Watcher(service);
  const few = new Wait(watcher, 'few');
  await pass(20 * secondMs);
  expect(few.told).toHaveLength(service.looks.length);
  const waits = names(4000).map((id) => new Wait(watcher, id));
  await pass(60 * secondMs);
  for (const { told } of waits) {
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told.length).toBeLessThanOrEqual(7);
  }
  service.statusOf = (id) => (id === 'job-77' ? 'ended' : 'running');
  const nowMs = performance.now();
  await pass(2 * secondMs);
  expect((waits[77]?.endedMs ?? Infinity) - nowMs).toBeLessThan(1200);
});

test('two watchers that begin together do not march in step', async () => {
  const services = [new Service(), new Service()];
  for (const service of services) {
    const watcher = new Watcher(service);
    names(100).forEach((id) => new Wait(watcher, id));
  }
  await pass(5 * minuteMs);
  const [one = [], other = []] = services.map(({ looks }) => looks.map(({ atMs }) => atMs));
  const apartMs = one
    .slice(100)
    .map((atMs) => Math.min(...other.map((its) => Math.abs(its - atMs))));
  const togetherAt = apartMs.filter((gapMs) => gapMs < 10).length;
  expect(togetherAt / apartMs.length).toBeLessThan(0.2);
});
