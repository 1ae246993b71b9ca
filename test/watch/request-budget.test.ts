import {
  RequestBudget,
  type BudgetedCall,
  type CallPriority,
} from '../../src/watch/request-budget';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const { signal } = new AbortController();
const minuteMs = 60_000;

/** Asks for a place, each call for itself, and notes its name when the call may go. */
function asker(budget: RequestBudget) {
  const gone: string[] = [];
  const ask = (name: string, priority: CallPriority, of = new AbortController().signal) =>
    budget.admit(priority, of).then(() => void gone.push(name));
  return { gone, ask };
}

/** Lets a budget's bucket run dry. */
async function drain(budget: RequestBudget, calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) await budget.admit('foreground', signal);
}

describe('whose turn it is', () => {
  test('a kill that is asked for while a thousand sweeps wait goes next', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 10 });
    await drain(budget, 10);
    const { gone, ask } = asker(budget);
    for (let sweep = 0; sweep < 1000; sweep++) void ask('sweep', 'background');
    // Also after they have waited for longer than looks are patient.
    await jest.advanceTimersByTimeAsync(20_000);
    const before = gone.length;
    void ask('kill', 'foreground');
    await jest.advanceTimersByTimeAsync(100);
    expect(before).toBeLessThan(1000);
    expect(gone.slice(before)).toContain('kill');
    expect(gone.length - before).toBeLessThanOrEqual(2);
  });

  test('a kill needs no token that sweeps took: they leave half of the bucket', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 10 });
    const { gone, ask } = asker(budget);
    for (let sweep = 0; sweep < 100; sweep++) void ask('sweep', 'background');
    await jest.advanceTimersByTimeAsync(0);
    expect(gone).toHaveLength(5);
    void ask('kill', 'foreground');
    await jest.advanceTimersByTimeAsync(0);
    expect(gone).toHaveLength(6);
    expect(gone.at(-1)).toBe('kill');
  });

  test('the calls of a kill leave at once while five hundred submits wait', async () => {
    const budget = new RequestBudget();
    const { gone, ask } = asker(budget);
    for (let submit = 0; submit < 500; submit++) void ask('submit', 'foreground');
    await jest.advanceTimersByTimeAsync(100);
    const before = gone.length;
    expect(before).toBeLessThan(60);
    for (let call = 0; call < 10; call++) void ask('kill', 'urgent');
    await jest.advanceTimersByTimeAsync(0);
    expect(gone.slice(before)).toEqual(Array(10).fill('kill'));
    // They are made up for: as many calls leave in ten seconds as without them.
    await jest.advanceTimersByTimeAsync(9900);
    expect(gone).toHaveLength(510);
  });

  test('kills are ten seconds of calls ahead of the rate at most, however many there are', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 10 });
    await drain(budget, 10);
    const { gone, ask } = asker(budget);
    for (let call = 0; call < 200; call++) void ask('kill', 'urgent');
    await jest.advanceTimersByTimeAsync(0);
    expect(gone).toHaveLength(100);
    await jest.advanceTimersByTimeAsync(5000);
    expect(gone).toHaveLength(150);
  });

  test.each([10, 1])(
    'at %d calls a second kills without end leave room for the others',
    async (rate) => {
      const budget = new RequestBudget({ maxRequestsPerSecond: rate });
      const { gone, ask } = asker(budget);
      for (let call = 0; call < 1000; call++) void ask('kill', 'urgent');
      for (const other of ['foreground', 'background'] as const) {
        for (let call = 0; call < 50; call++) void ask(other, other);
      }
      await jest.advanceTimersByTimeAsync(40_000);
      const count = (name: string) => gone.filter((one) => one === name).length;
      expect(count('foreground')).toBeGreaterThanOrEqual(rate === 10 ? 39 : 9);
      expect(count('background')).toBeGreaterThanOrEqual(rate === 10 ? 39 : 9);
      expect(count('kill')).toBeGreaterThanOrEqual(gone.length / 2);
    },
  );

  test('calls of one class go in the order in which they came', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 5 });
    await drain(budget, 5);
    const { gone, ask } = asker(budget);
    const names = [...'abcdefghijkl'];
    for (const name of names) {
      void ask(name, 'foreground');
      void ask(name.toUpperCase(), 'background');
    }
    await jest.advanceTimersByTimeAsync(10_000);
    expect(gone.filter((name) => name === name.toLowerCase())).toEqual(names);
    expect(
      gone
        .filter((name) => name !== name.toLowerCase())
        .join('')
        .toLowerCase(),
    ).toBe(names.join(''));
  });

  test('a sweep goes once a second however many other calls wait', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 10 });
    const { gone, ask } = asker(budget);
    for (let call = 0; call < 200; call++) void ask('submit', 'foreground');
    for (let sweep = 0; sweep < 20; sweep++) void ask('sweep', 'background');
    await jest.advanceTimersByTimeAsync(10_000);
    const sweeps = gone.filter((name) => name === 'sweep').length;
    expect(sweeps).toBeGreaterThanOrEqual(9);
    expect(sweeps).toBeLessThanOrEqual(11);
  });

  test('looks go before what is only shown of running jobs, of which one goes a second', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 10 });
    const { gone, ask } = asker(budget);
    for (let page = 0; page < 100; page++) void ask('page', 'live');
    await jest.advanceTimersByTimeAsync(0);
    for (let sweep = 0; sweep < 40; sweep++) void ask('sweep', 'background');
    await jest.advanceTimersByTimeAsync(3000);
    // Half of the bucket at first, ten a second from then on.
    expect(gone.slice(0, 5)).toEqual(Array(5).fill('page'));
    const later = gone.slice(5);
    expect(later.filter((name) => name === 'page').length).toBeLessThanOrEqual(3);
    expect(later.filter((name) => name === 'sweep').length).toBeGreaterThanOrEqual(26);
  });

  test('a call that is given up while it waits frees its place, and rejects with the reason', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 1 });
    await drain(budget, 1);
    const { gone, ask } = asker(budget);
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const given = ask('given up', 'foreground', controller.signal);
    void ask('next', 'foreground');
    controller.abort(reason);
    await expect(given).rejects.toBe(reason);
    await jest.advanceTimersByTimeAsync(1000);
    expect(gone).toEqual(['next']);
    await expect(budget.admit('foreground', AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test('a budget that is closed holds nobody, and leaves no timer', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 1 });
    const { gone, ask } = asker(budget);
    for (let call = 0; call < 5; call++)
      void ask('call', call % 2 === 0 ? 'background' : 'foreground');
    budget.close();
    await jest.advanceTimersByTimeAsync(0);
    expect(gone).toHaveLength(5);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('the rate', () => {
  test('does not drift: ten thousand calls take as long as they should', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 300 });
    const calls = 10_000;
    const startMs = Date.now();
    const { gone, ask } = asker(budget);
    for (let call = 0; call < calls; call++) void ask('', 'foreground');
    while (gone.length < calls) await jest.advanceTimersToNextTimerAsync();
    const tookMs = Date.now() - startMs;
    // The bucket's 300 tokens were there at first.
    expect(Math.abs(tookMs - ((calls - 300) / 300) * 1000)).toBeLessThan(10);
  });

  test('an idle hour saves up one second of calls, no more', async () => {
    const budget = new RequestBudget();
    await drain(budget, 50);
    await jest.advanceTimersByTimeAsync(60 * minuteMs);
    const { gone, ask } = asker(budget);
    for (let call = 0; call < 200; call++) void ask('', 'foreground');
    await jest.advanceTimersByTimeAsync(0);
    expect(gone).toHaveLength(50);
    await jest.advanceTimersByTimeAsync(1000);
    expect(gone).toHaveLength(100);
  });
});

describe('what a service asks for', () => {
  test.each([
    [429, 'foreground'],
    [503, 'background'],
  ] as const)(
    'a Retry-After with %d to a %s call holds sweeps, and nothing else',
    async (status, told) => {
      const budget = new RequestBudget();
      const startMs = Date.now();
      budget.answered(told, status, 30_000);
      expect(budget.quietUntilMs).toBe(startMs + 30_000);
      const { gone, ask } = asker(budget);
      void ask('sweep', 'background');
      void ask('kill', 'foreground');
      await jest.advanceTimersByTimeAsync(29_999);
      expect(gone).toEqual(['kill']);
      await jest.advanceTimersByTimeAsync(2);
      expect(gone).toEqual(['kill', 'sweep']);
    },
  );

  test('an outage that another call was told of holds sweeps for 10 s: it may be one endpoint’s', () => {
    const budget = new RequestBudget();
    const startMs = Date.now();
    budget.answered('foreground', 503, 600_000);
    expect(budget.quietUntilMs).toBe(startMs + 10_000);
  });

  test('no service holds sweeps for longer than a quarter of an hour', () => {
    const budget = new RequestBudget();
    const startMs = Date.now();
    budget.answered('background', 429, 24 * 60 * minuteMs);
    expect(budget.quietUntilMs).toBe(startMs + 15 * minuteMs);
    budget.answered('background', 429, Infinity);
    expect(budget.quietUntilMs).toBe(startMs + 15 * minuteMs);
  });

  test('a 429 without a time holds for a second, doubled each time until another answer comes', async () => {
    const budget = new RequestBudget();
    const holdMs = async () => {
      budget.answered('background', 429);
      budget.answered('background', 429);
      const leftMs = budget.quietUntilMs - Date.now();
      await jest.advanceTimersByTimeAsync(leftMs);
      return leftMs;
    };
    expect([await holdMs(), await holdMs(), await holdMs()]).toEqual([1000, 2000, 4000]);
    for (let more = 0; more < 10; more++) await holdMs();
    expect(await holdMs()).toBe(15 * minuteMs);
    budget.answered('foreground', 200);
    expect(await holdMs()).toBe(1000);
  });

  test('a 429 that says "again in 0 s" names no time', async () => {
    const budget = new RequestBudget();
    budget.answered('background', 429, 0);
    expect(budget.quietUntilMs - Date.now()).toBe(1000);
    await jest.advanceTimersByTimeAsync(1000);
    budget.answered('background', 429, 0);
    expect(budget.quietUntilMs - Date.now()).toBe(2000);
  });

  test('a 500 without a time asks for nothing', () => {
    const budget = new RequestBudget();
    budget.answered('background', 500);
    expect(budget.quietUntilMs).toBe(Date.now());
  });

  test('a clock that is set back or forth changes no wait', async () => {
    const budget = new RequestBudget();
    budget.answered('background', 429, 10_000);
    jest.setSystemTime(Date.now() - 24 * 60 * minuteMs);
    expect(budget.quietUntilMs - Date.now()).toBe(10_000);
    jest.setSystemTime(Date.now() + 48 * 60 * minuteMs);
    expect(budget.quietUntilMs - Date.now()).toBe(10_000);
  });
});

test('every call is told with its outcome, until nobody listens', () => {
  const budget = new RequestBudget();
  const told: BudgetedCall[] = [];
  const leave = budget.listen((call) => told.push(call));
  for (const status of [200, 404, 429, 502]) budget.answered('foreground', status);
  budget.failed('background');
  leave();
  budget.failed('background');
  expect(told.map(({ outcome }) => outcome)).toEqual([
    'answered',
    'refused',
    'rateLimited',
    'unavailable',
    'failed',
  ]);
  expect(told.map(({ background }) => background)).toEqual([false, false, false, false, true]);
});

describe('a quota', () => {
  const freePlan = { calls: 10_000, per: 'month' } as const;

  /** Looks whenever it may, at most once a second, and notes when. */
  async function lookFor(budget: RequestBudget, forMs: number): Promise<number[]> {
    const looks: number[] = [];
    const untilMs = Date.now() + forMs;
    for (;;) {
      const waitMs = Math.max(1000, budget.quietUntilMs - Date.now());
      if (Date.now() + waitMs > untilMs) return looks;
      await jest.advanceTimersByTimeAsync(waitMs);
      await budget.admit('background', signal);
      looks.push(Date.now());
    }
  }

  const gapsOf = (looks: readonly number[]) =>
    looks.slice(1).map((atMs, index) => atMs - (looks[index] as number));

  const hourMs = 60 * minuteMs;

  test("fits the free plan's 10,000 calls a month, all month long", async () => {
    const budget = new RequestBudget({ quota: freePlan });
    const looks = await lookFor(budget, 31 * 24 * hourMs);
    expect(looks.length).toBeLessThan(10_000);
    expect(looks.length).toBeGreaterThan(9000);
  });

  test('widens the gaps smoothly as the credit shrinks', async () => {
    const budget = new RequestBudget({ quota: freePlan });
    await jest.advanceTimersByTimeAsync(24 * hourMs);
    const gaps = gapsOf(await lookFor(budget, 24 * hourMs));
    // A second while there is much, and then never more than a quarter over the one before.
    expect(gaps[0]).toBe(1000);
    for (const [index, gapMs] of gaps.slice(1).entries()) {
      const beforeMs = gaps[index] as number;
      expect(gapMs).toBeGreaterThanOrEqual(beforeMs - 1);
      expect(gapMs).toBeLessThan(beforeMs * 1.25 + 1);
    }
    expect(gaps.at(-1)).toBeLessThan(5 * minuteMs);
  });

  test('saves up a day, no more', async () => {
    const budget = new RequestBudget({ quota: freePlan });
    await jest.advanceTimersByTimeAsync(20 * 24 * hourMs);
    expect(budget.quotaLeft).toBeCloseTo(300);
  });

  test('lets a worker begin with a tenth of a day, so that one that crashes spends little', async () => {
    const budget = new RequestBudget({ quota: freePlan });
    expect(budget.quotaLeft).toBeCloseTo(30);
    // A worker that crashes each five minutes, for a day.
    let looks = 0;
    for (let start = 0; start < 288; start++) {
      const restarted = new RequestBudget({ quota: freePlan });
      looks += (await lookFor(restarted, 5 * minuteMs)).length;
    }
    expect(looks / 288).toBeLessThan(20);
  });

  test('lets the first look of a worker go at once', () => {
    expect(new RequestBudget({ quota: freePlan }).quietUntilMs).toBe(Date.now());
  });

  test('never holds a call that somebody waits for, but counts it', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 10_000, quota: freePlan });
    const startMs = Date.now();
    await drain(budget, 500);
    expect(Date.now()).toBe(startMs);
    expect(budget.quotaLeft).toBeCloseTo(-470);
  });

  test('looks each quarter of an hour where it is overdrawn, and recovers', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 10_000, quota: freePlan });
    await drain(budget, 330);
    const gaps = gapsOf(await lookFor(budget, 10 * 24 * hourMs));
    expect(gaps[0]).toBe(15 * minuteMs);
    expect(Math.max(...gaps)).toBe(15 * minuteMs);
    expect(gaps.at(-1)).toBeLessThan(5 * minuteMs);
    expect(budget.quotaLeft).toBeGreaterThan(0);
  });

  test('forgets what was overdrawn beyond a few days: no look waits for long after a fan-out', async () => {
    const rate = { maxRequestsPerSecond: 1e9 };
    const daily = new RequestBudget({ ...rate, quota: { calls: 100, per: 'day' } });
    await drain(daily, 500);
    expect(daily.quotaLeft).toBeCloseTo(-90);
    for (const share of [1, 0.1]) {
      const budget = new RequestBudget({ ...rate, quota: { ...freePlan, share } });
      await drain(budget, 11_000);
      expect(budget.quotaLeft).toBeCloseTo(-900 * share);
      await lookFor(budget, 6.5 * 24 * hourMs);
      expect(budget.quotaLeft).toBeGreaterThan(0);
    }
  });

  test.each([
    [{ calls: 1, per: 'month' } as const, 24],
    [{ calls: 10, per: 'day' } as const, 6],
  ])('never stops for good: %j looks at least each %d hours', async (quota, hours) => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 10_000, quota });
    await drain(budget, 1000);
    const gaps = gapsOf(await lookFor(budget, 10 * 24 * hourMs));
    expect(gaps.length).toBeGreaterThan(5);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(hours * hourMs);
  });

  test('gives a worker its share alone', async () => {
    const whole = new RequestBudget({ quota: { calls: 100_000, per: 'day' } });
    const tenth = new RequestBudget({ quota: { calls: 100_000, per: 'day', share: 0.1 } });
    expect(tenth.quotaLeft).toBeCloseTo((whole.quotaLeft as number) / 10);
    const looks = await lookFor(
      new RequestBudget({ quota: { ...freePlan, share: 0.5 } }),
      30 * 24 * hourMs,
    );
    expect(looks.length).toBeLessThan(5000);
    expect(looks.length).toBeGreaterThan(4400);
  });

  test('lets go what belongs to a look that has begun, and counts it', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 10_000, quota: freePlan });
    await drain(budget, 20);
    const before = budget.quotaLeft as number;
    const startMs = Date.now();
    for (let call = 0; call < 8; call++) await budget.admit('background', signal);
    expect(Date.now()).toBe(startMs);
    expect(budget.quotaLeft).toBeCloseTo(before - 8);
    expect(budget.quietUntilMs).toBeGreaterThan(Date.now() + minuteMs);
  });
});
