import { RequestBudget } from '../../src/watch/request-budget';
import { Watcher } from '../../src/watch/watcher';
import { hourMs, minuteMs, names, pass, secondMs, Service, simulateTime, Wait } from './support';

simulateTime();

const down = new Error('connect ECONNREFUSED');

class Busy extends Error {
  constructor(readonly waitMs: number) {
    super('429');
  }
}

class AskingService extends Service {
  retryAfterMs = (error: unknown) => (error instanceof Busy ? error.waitMs : undefined);
}

describe.each([
  ['one look for all jobs', undefined],
  ['looks of 30', 30],
])('%s', (_, idsPerLook) => {
  test('while the service is down one job at a time tries it, each ten seconds at last, and all are told', async () => {
    const service = new Service();
    service.idsPerLook = idsPerLook;
    service.tookMs = 20;
    const watcher = new Watcher(service);
    const waits = names(120).map((id) => new Wait(watcher, id));
    await pass(minuteMs);
    service.failure = () => down;
    // The last looks before it may lie six seconds back.
    await pass(10 * secondMs);
    const before = service.looks.length;
    await pass(10 * minuteMs);
    const probes = service.looks.slice(before);
    expect(probes.every(({ ids }) => ids.length === 1)).toBe(true);
    expect(probes.length).toBeGreaterThan(60);
    expect(probes.length).toBeLessThan(90);
    // Another job each time: the one that is asked for may be at fault itself.
    expect(new Set(probes.flatMap(({ ids }) => ids)).size).toBeGreaterThan(60);
    for (const { last } of waits) {
      expect(last).toMatchObject({ kind: 'error', error: down });
      if (last?.kind !== 'error') continue;
      expect(last.consecutive).toBeGreaterThan(60);
      expect(Date.now() - last.sinceMs).toBeGreaterThan(10 * minuteMs);
    }

    service.failure = () => undefined;
    await pass(10 * secondMs + 3 * secondMs);
    expect(waits.every(({ last }) => last?.kind === 'seen')).toBe(true);
    expect(service.mostUnderWay).toBeLessThanOrEqual(4);
  });

  test('an answered call of somebody else ends the quiet within a second', async () => {
    const service = new Service();
    service.idsPerLook = idsPerLook;
    const budget = new RequestBudget();
    const watcher = new Watcher(service, { budget });
    const waits = names(100).map((id) => new Wait(watcher, id));
    await pass(secondMs);
    service.failure = () => down;
    await pass(5 * minuteMs);
    const { length } = service.looks;
    // Signs of trouble, and looks, prove nothing.
    budget.answered('foreground', 503);
    budget.failed('foreground');
    budget.answered('background', 200);
    await pass(10);
    expect(service.looks).toHaveLength(length);

    service.failure = () => undefined;
    const upMs = performance.now();
    while (service.looks.length === length) {
      budget.answered('foreground', 200);
      await pass(50);
    }
    expect(performance.now() - upMs).toBeLessThan(1100);
    await pass(1200);
    expect(waits.every(({ last }) => last?.kind === 'seen')).toBe(true);
  });

  test('calls that are answered while looks go on failing hasten those to one a second at most', async () => {
    const service = new Service();
    service.idsPerLook = idsPerLook;
    const budget = new RequestBudget();
    const watcher = new Watcher(service, { budget });
    names(100).forEach((id) => new Wait(watcher, id));
    service.failure = () => down;
    await pass(5 * minuteMs);
    const { length } = service.looks;
    for (let call = 0; call < 600; call++) {
      budget.answered('foreground', 200);
      await pass(100);
    }
    expect(service.looks.length - length).toBeLessThanOrEqual(61);
  });

  test('a service that asks to be left alone is left alone, and then tried with one job', async () => {
    const service = new AskingService();
    service.idsPerLook = idsPerLook;
    const watcher = new Watcher(service);
    const waits = names(100).map((id) => new Wait(watcher, id));
    await pass(5 * secondMs);
    service.failure = () => new Busy(5 * minuteMs);
    await pass(5 * secondMs);
    service.failure = () => undefined;
    const { length } = service.looks;
    await pass(4.5 * minuteMs);
    expect(service.looks).toHaveLength(length);
    await pass(minuteMs);
    expect(service.looks[length]?.ids).toHaveLength(1);
    expect(waits.every(({ last }) => last?.kind === 'seen')).toBe(true);
  });
});

test('a single failure is told to those whom it met, and the next answer ends it', async () => {
  const service = new Service();
  const watcher = new Watcher(service);
  const waits = names(3).map((id) => new Wait(watcher, id));
  service.failure = () => (service.looks.length === 1 ? down : undefined);
  await pass(10 * secondMs);
  const kinds = waits.map((wait) => wait.kinds.join(' '));
  expect(kinds.every((told) => /^(error )?seen( seen)+$/.test(told))).toBe(true);
  expect(kinds.filter((told) => told.startsWith('error'))).not.toEqual([]);
});

test('a service that asks for a day of quiet is asked again within a quarter of an hour', async () => {
  const service = new AskingService();
  service.failure = () => new Busy(1e15);
  const watcher = new Watcher(service);
  new Wait(watcher, 'a');
  await pass(14 * minuteMs);
  expect(service.looks).toHaveLength(1);
  await pass(2 * minuteMs);
  expect(service.looks).toHaveLength(2);
});

test('no look begins while the budget wants quiet, however long, and one does soon after', async () => {
  const service = new Service();
  let quietUntilMs = Date.now() + 3 * hourMs;
  const budget = {
    get quietUntilMs() {
      return quietUntilMs;
    },
    queuedMs: () => 0,
    listen: () => () => undefined,
  };
  const watcher = new Watcher(service, { budget });
  new Wait(watcher, 'a');
  await pass(2 * hourMs);
  expect(service.looks).toEqual([]);
  // It may change its mind.
  quietUntilMs = 0;
  await pass(minuteMs);
  expect(service.looks.length).toBeGreaterThan(0);
});

test('a quota of ten thousand calls a month lets a hundred jobs be looked at all day, at no more than the part of a day', async () => {
  const service = new Service();
  const budget = new RequestBudget({ quota: { calls: 10_000, per: 'month' } });
  service.failure = () => {
    void budget
      .admit('background', new AbortController().signal)
      .then(() => budget.answered('background', 200));
    return undefined;
  };
  const watcher = new Watcher(service, { budget });
  names(100).forEach((id) => new Wait(watcher, id));
  await pass(24 * hourMs);
  expect(service.looks.length).toBeLessThanOrEqual(10_000 / 30);
  expect(service.looks.length).toBeGreaterThan(200);
});

test('a clock that is set back or forward neither stops the looks nor hurries them', async () => {
  const service = new Service();
  const watcher = new Watcher(service);
  const wait = new Wait(watcher, 'a');
  await pass(10 * minuteMs);
  for (const jumpMs of [-5 * hourMs, 5 * hourMs]) {
    jest.setSystemTime(Date.now() + jumpMs);
    const { length } = service.looks;
    await pass(5 * minuteMs);
    expect(service.looks.length - length).toBeGreaterThanOrEqual(17);
    expect(service.looks.length - length).toBeLessThanOrEqual(24);
  }
  expect(wait.kinds.every((kind) => kind === 'seen')).toBe(true);
});

test('a machine that slept for a night asks once, not for every look that it missed', async () => {
  const service = new Service();
  const watcher = new Watcher(service);
  const wait = new Wait(watcher, 'a');
  await pass(10 * minuteMs);
  const { length } = service.looks;
  // Its timers ran late, all of them at once.
  jest.setSystemTime(Date.now() + 8 * hourMs);
  await pass(15_000 * 1.1);
  expect(service.looks.length - length).toBeLessThanOrEqual(2);
  expect(service.looks.length - length).toBeGreaterThanOrEqual(1);
  expect(wait.last?.atMs).toBeGreaterThan(Date.now() - minuteMs);
});

describe.each([
  ['names a second', secondMs],
  ['names no time', undefined],
])('a service that takes two calls a second and %s to come again', (_, retryAfterMs) => {
  test('is asked in full looks, and no job starves', async () => {
    const tooMany = new Busy(retryAfterMs ?? 0);
    let tokens = 2;
    let atMs = performance.now();
    class Limited extends AskingService {
      isOfTheService = (error: unknown) => error === tooMany;
    }
    const service = new Limited();
    service.idsPerLook = 30;
    service.tookMs = 50;
    service.failure = () => {
      const nowMs = performance.now();
      tokens = Math.min(2, tokens + (2 * (nowMs - atMs)) / secondMs);
      atMs = nowMs;
      if (tokens < 1) {
        budget.answered('background', 429, retryAfterMs);
        return tooMany;
      }
      tokens -= 1;
      budget.answered('background', 200);
      return undefined;
    };
    const budget = new RequestBudget();
    const watcher = new Watcher(service, { budget });
    const waits = names(1000).map((id) => new Wait(watcher, id, Date.now() - hourMs));
    await pass(minuteMs);
    const { length } = service.looks;
    await pass(2 * minuteMs);
    const looks = service.looks.slice(length);
    // Twice what it takes: each refusal tells that it was enough.
    expect(looks.length).toBeLessThan(2 * 240);
    expect(looks.every(({ ids }) => ids.length === 1 || ids.length > 20)).toBe(true);
    const seenMs = waits.map(({ told }) => told.filter(({ kind }) => kind === 'seen').at(-1)?.atMs);
    expect(Math.min(...seenMs.map((ms = 0) => ms))).toBeGreaterThan(Date.now() - minuteMs);
  });
});
