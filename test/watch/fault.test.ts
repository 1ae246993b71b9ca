import { RequestBudget } from '../../src/watch/request-budget';
import { Watcher } from '../../src/watch/watcher';
import { hourMs, minuteMs, names, pass, secondMs, Service, simulateTime, Wait } from './support';

simulateTime();

const never = new AbortController().signal;
const bad = new Error('HTTP 500');

/** A service that fails every look at this job. */
function poisoned(id: string, idsPerLook: number | undefined): Service {
  const service = new Service();
  service.idsPerLook = idsPerLook;
  service.tookMs = 20;
  service.failure = (ids) => (ids.includes(id) ? bad : undefined);
  return service;
}

/** The longest time between two sightings of one job, from some moment on. */
function longestUnseenMs({ told }: Wait, fromMs: number): number {
  const seenAtMs = told.filter(({ kind, atMs }) => kind === 'seen' && atMs >= fromMs);
  const timesMs = [fromMs, ...seenAtMs.map(({ atMs }) => atMs), Date.now()];
  return Math.max(...timesMs.slice(1).map((atMs, i) => atMs - (timesMs[i] ?? 0)));
}

describe.each([
  ['one look for all jobs', undefined],
  ['looks of 30', 30],
])('%s', (_, idsPerLook) => {
  test('a job that spoils every look stands alone with its errors within seconds, and its neighbours go on', async () => {
    const service = poisoned('job-77', idsPerLook);
    const watcher = new Watcher(service);
    const waits = names(80).map((id) => new Wait(watcher, id));
    await pass(10 * secondMs);
    const fromMs = Date.now();
    await pass(5 * minuteMs);
    const [guilty] = waits.splice(77, 1);
    expect(waits.every(({ last }) => last?.kind === 'seen')).toBe(true);
    expect(Math.max(...waits.map((wait) => longestUnseenMs(wait, fromMs)))).toBeLessThan(17_000);
    expect(guilty?.kinds).not.toContain('seen');
    expect(guilty?.last).toMatchObject({ kind: 'error', error: bad });
    // Counted for itself, and asked for as seldom as a service that is down.
    const looks = service.looksAt('job-77').filter((atMs) => atMs > performance.now() - minuteMs);
    expect(looks.length).toBeGreaterThanOrEqual(5);
    expect(looks.length).toBeLessThanOrEqual(9);
    expect((guilty?.last as { consecutive: number }).consecutive).toBeGreaterThan(30);
  });

  test('a job that spoils only looks with others is seen alone, and tried with others ever less often', async () => {
    let failed = 0;
    const service = new Service();
    service.idsPerLook = idsPerLook;
    service.failure = (ids) => {
      if (!ids.includes('job-77') || ids.length === 1) return undefined;
      failed += 1;
      return bad;
    };
    const watcher = new Watcher(service);
    const waits = names(100).map((id) => new Wait(watcher, id));
    await pass(20 * secondMs);
    const fromMs = Date.now();
    await pass(20 * minuteMs);
    expect(failed).toBeLessThan(45);
    expect(Math.max(...waits.map((wait) => longestUnseenMs(wait, fromMs)))).toBeLessThan(20_000);
    service.failure = () => undefined;
    await pass(12 * minuteMs);
    expect(service.looks.filter(({ ids }) => ids.includes('job-77')).at(-1)?.ids).not.toHaveLength(
      1,
    );
  });

  test('two that stand alone and recover are watched like all others', async () => {
    const service = new Service();
    service.idsPerLook = idsPerLook;
    const isBad = (id: string) => id === 'job-7' || id === 'job-42';
    service.failure = (ids) => (ids.some(isBad) ? bad : undefined);
    const watcher = new Watcher(service);
    const waits = names(50).map((id) => new Wait(watcher, id));
    await pass(5 * minuteMs);
    expect(waits.filter(({ last }) => last?.kind === 'error').map(({ id }) => id)).toEqual([
      'job-7',
      'job-42',
    ]);
    service.failure = () => undefined;
    await pass(12 * secondMs);
    expect(waits.every(({ last }) => last?.kind === 'seen')).toBe(true);
  });

  test('a hiccup of one look costs a few looks and tells nobody that others would be to blame', async () => {
    const service = new Service();
    service.idsPerLook = idsPerLook;
    service.tookMs = 20;
    const watcher = new Watcher(service);
    const waits = names(150).map((id) => new Wait(watcher, id));
    await pass(minuteMs);
    let failed = 0;
    service.failure = () => (failed++ === 0 ? bad : undefined);
    const { length } = service.looks;
    await pass(3 * secondMs);
    expect(service.looks.length - length).toBeLessThan(30);
    expect(waits.every(({ last }) => last?.kind !== 'error')).toBe(true);
    expect(service.looks.slice(-1)[0]?.ids.length).toBeGreaterThan(1);
  });
});

test('the only job that is watched gets every error, and is looked at again ever less', async () => {
  const service = poisoned('a', undefined);
  const watcher = new Watcher(service);
  const wait = new Wait(watcher, 'a');
  await pass(10 * minuteMs);
  expect(wait.told).toHaveLength(service.looks.length);
  expect(wait.told.every((told, i) => told.kind === 'error' && told.consecutive === i + 1)).toBe(
    true,
  );
  expect(wait.told.length).toBeLessThan(90);
});

test('a look that hangs delays only its own jobs, and those until the one at fault stands alone', async () => {
  const service = new Service();
  service.idsPerLook = 30;
  service.tookMs = 50;
  service.failure = (ids) => (ids.includes('job-5') ? 'hangs' : undefined);
  const watcher = new Watcher(service);
  const waits = names(300).map((id) => new Wait(watcher, id, Date.now() - hourMs));
  await pass(5 * secondMs);
  const fromMs = Date.now();
  await pass(5 * minuteMs);
  const [hanging] = waits.splice(5, 1);
  const unseenMs = waits.map((wait) => longestUnseenMs(wait, fromMs)).sort((a, b) => a - b);
  expect(hanging?.kinds).not.toContain('seen');
  // All but its neighbours: at their pace.
  expect(unseenMs.slice(0, -60).every((ms) => ms < 18_000)).toBe(true);
  // The neighbours: four looks that were given 5 s each, and a turn.
  expect(unseenMs.at(-1)).toBeLessThan(40_000);
});

test('answers that come after a look was given up count for nothing', async () => {
  const service = new Service();
  service.statusOf = () => 'late';
  const watcher = new Watcher(service, { lookTimeoutMs: 5000 });
  service.tookMs = 8000;
  const wait = new Wait(watcher, 'a');
  await pass(7 * secondMs);
  expect(wait.kinds).toEqual(['error']);
  expect(wait.last).toMatchObject({
    error: expect.objectContaining({ message: 'a look had no answer within 5 s' }) as Error,
  });
  service.tookMs = 100;
  service.statusOf = () => 'running';
  await pass(6 * secondMs);
  const told = wait.told.flatMap((seen) => (seen.kind === 'seen' ? [seen.snapshot] : []));
  expect(new Set(told)).toEqual(new Set(['running']));
});

test('a source that throws at once is a look that failed', async () => {
  const watcher = new Watcher<string>({
    look() {
      throw bad;
    },
  });
  const wait = new Wait(watcher, 'a');
  await pass(minuteMs);
  expect(wait.last).toMatchObject({ kind: 'error', error: bad });
});

test('an answer that the source can not make sense of is the fault of the one job that it is about', async () => {
  const service = new Service();
  service.statusOf = (id) => (id === 'job-3' ? 'garbled' : 'running');
  const source = Object.assign(service, {
    progressOf(snapshot: string): number | undefined {
      if (snapshot === 'garbled') throw bad;
      return undefined;
    },
  });
  const watcher = new Watcher(source);
  const waits = names(20).map((id) => new Wait(watcher, id));
  await pass(20 * secondMs);
  expect(waits.filter(({ last }) => last?.kind !== 'seen').map(({ id }) => id)).toEqual(['job-3']);
  expect(waits[3]?.last).toMatchObject({ kind: 'error', error: bad });
});

test('a service that fails three of ten looks whatever they ask for is asked no more and no more for that', async () => {
  const service = new Service();
  service.idsPerLook = 30;
  service.tookMs = 50;
  service.failure = () => (Math.random() < 0.3 ? bad : undefined);
  const watcher = new Watcher(service);
  const waits = names(300).map((id) => new Wait(watcher, id, Date.now() - hourMs));
  await pass(6 * minuteMs);
  const { length } = service.looks;
  const fromMs = Date.now();
  await pass(2 * minuteMs);
  // 45 a minute where nothing fails.
  expect((service.looks.length - length) / 2).toBeLessThan(180);
  expect(Math.max(...waits.map((wait) => longestUnseenMs(wait, fromMs)))).toBeLessThan(minuteMs);
});

test('a job for which the service always says that it is too busy keeps none of its neighbours', async () => {
  const service = Object.assign(poisoned('job-77', 30), { isOfTheService: () => true });
  const watcher = new Watcher(service);
  const waits = names(80).map((id) => new Wait(watcher, id));
  await pass(2 * minuteMs);
  const fromMs = Date.now();
  await pass(5 * minuteMs);
  const [guilty] = waits.splice(77, 1);
  expect(Math.max(...waits.map((wait) => longestUnseenMs(wait, fromMs)))).toBeLessThan(40_000);
  expect(guilty?.last).toMatchObject({ kind: 'error', error: bad });
});

test('a list that is slow beside quick single requests is given its time', async () => {
  class Account extends Service {
    asksEach = (jobs: number) => jobs === 1;

    override look(ids: readonly string[]) {
      this.tookMs = this.asksEach(ids.length) ? 50 : 12 * secondMs;
      return super.look(ids);
    }
  }
  const service = new Account();
  const watcher = new Watcher(service);
  // Patience falls to the least while there is but one.
  new Wait(watcher, 'first');
  await pass(minuteMs);
  const waits = names(1000).map((id) => new Wait(watcher, id));
  await pass(minuteMs);
  const fromMs = Date.now();
  await pass(10 * minuteMs);
  // The list, as long a rest, and the list.
  expect(Math.max(...waits.map((wait) => longestUnseenMs(wait, fromMs)))).toBeLessThan(40_000);
  expect(new Set(waits.flatMap(({ kinds }) => kinds))).not.toContain('error');
});

test('the time in which calls wait for the own budget is not the service being silent', async () => {
  const budget = new RequestBudget();
  class Pages extends Service {
    override async look(ids: readonly string[], signal = never) {
      for (let page = 0; page < 12; page++) {
        await budget.admit('background', signal);
        budget.answered('background', 200);
      }
      return super.look(ids);
    }
  }
  const service = new Pages();
  service.tookMs = 50;
  const watcher = new Watcher(service, { budget });
  const waits = names(300).map((id) => new Wait(watcher, id, Date.now() - hourMs));
  await pass(minuteMs);
  // Somebody else has more calls than the budget lets go.
  const others = async () => {
    for (;;) {
      await budget.admit('foreground', never);
      budget.answered('foreground', 200);
    }
  };
  for (let other = 0; other < 20; other++) void others();
  const fromMs = Date.now();
  await pass(3 * minuteMs);
  expect(new Set(waits.flatMap(({ kinds }) => kinds))).not.toContain('error');
  expect(Math.max(...waits.map((wait) => longestUnseenMs(wait, fromMs)))).toBeLessThan(minuteMs);
});
