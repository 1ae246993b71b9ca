import { RequestBudget, type BudgetedCall } from '../../src/watch/request-budget';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const { signal } = new AbortController();
const minuteMs = 60_000;

/** Asks for a place, and notes its name when the call may go. */
function asker(budget: RequestBudget) {
  const gone: string[] = [];
  const ask = (name: string, background: boolean, of = signal) =>
    budget.admit(background, of).then(() => void gone.push(name));
  return { gone, ask };
}

/** Lets a budget's bucket run dry. */
async function drain(budget: RequestBudget, calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) await budget.admit(false, signal);
}

describe('whose turn it is', () => {
  test('a kill that is asked for while a thousand sweeps wait goes next', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 10 });
    await drain(budget, 10);
    const { gone, ask } = asker(budget);
    for (let sweep = 0; sweep < 1000; sweep++) void ask('sweep', true);
    // Also after they have waited for longer than looks are patient.
    await jest.advanceTimersByTimeAsync(20_000);
    const before = gone.length;
    void ask('kill', false);
    await jest.advanceTimersByTimeAsync(100);
    expect(before).toBeLessThan(1000);
    expect(gone.slice(before)).toContain('kill');
    expect(gone.length - before).toBeLessThanOrEqual(2);
  });

  test('a kill needs no token that sweeps took: they leave half of the bucket', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 10 });
    const { gone, ask } = asker(budget);
    for (let sweep = 0; sweep < 100; sweep++) void ask('sweep', true);
    await jest.advanceTimersByTimeAsync(0);
    expect(gone).toHaveLength(5);
    void ask('kill', false);
    await jest.advanceTimersByTimeAsync(0);
    expect(gone).toHaveLength(6);
    expect(gone.at(-1)).toBe('kill');
  });

  test('calls of one class go in the order in which they came', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 5 });
    await drain(budget, 5);
    const { gone, ask } = asker(budget);
    const names = [...'abcdefghijkl'];
    for (const name of names) {
      void ask(name, false);
      void ask(name.toUpperCase(), true);
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
    for (let call = 0; call < 200; call++) void ask('submit', false);
    for (let sweep = 0; sweep < 20; sweep++) void ask('sweep', true);
    await jest.advanceTimersByTimeAsync(10_000);
    const sweeps = gone.filter((name) => name === 'sweep').length;
    expect(sweeps).toBeGreaterThanOrEqual(9);
    expect(sweeps).toBeLessThanOrEqual(11);
  });

  test('a call that is given up while it waits frees its place, and rejects with the reason', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 1 });
    await drain(budget, 1);
    const { gone, ask } = asker(budget);
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const given = ask('given up', false, controller.signal);
    void ask('next', false);
    controller.abort(reason);
    await expect(given).rejects.toBe(reason);
    await jest.advanceTimersByTimeAsync(1000);
    expect(gone).toEqual(['next']);
    await expect(budget.admit(false, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test('a budget that is closed holds nobody, and leaves no timer', async () => {
    const budget = new RequestBudget({ maxRequestsPerSecond: 1 });
    const { gone, ask } = asker(budget);
    for (let call = 0; call < 5; call++) void ask('call', call % 2 === 0);
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
    for (let call = 0; call < calls; call++) void ask('', false);
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
    for (let call = 0; call < 200; call++) void ask('', false);
    await jest.advanceTimersByTimeAsync(0);
    expect(gone).toHaveLength(50);
    await jest.advanceTimersByTimeAsync(1000);
    expect(gone).toHaveLength(100);
  });
});

describe('what a service asks for', () => {
  test.each([429, 503])('a Retry-After with %d holds sweeps, and nothing else', async (status) => {
    const budget = new RequestBudget();
    const startMs = Date.now();
    budget.answered(false, status, 30_000);
    expect(budget.quietUntilMs).toBe(startMs + 30_000);
    const { gone, ask } = asker(budget);
    void ask('sweep', true);
    void ask('kill', false);
    await jest.advanceTimersByTimeAsync(29_999);
    expect(gone).toEqual(['kill']);
    await jest.advanceTimersByTimeAsync(2);
    expect(gone).toEqual(['kill', 'sweep']);
  });

  test('no service holds sweeps for longer than a quarter of an hour', () => {
    const budget = new RequestBudget();
    const startMs = Date.now();
    budget.answered(true, 429, 24 * 60 * minuteMs);
    expect(budget.quietUntilMs).toBe(startMs + 15 * minuteMs);
    budget.answered(true, 429, Infinity);
    expect(budget.quietUntilMs).toBe(startMs + 15 * minuteMs);
  });

  test('a 429 without a time holds for a second, doubled each time until another answer comes', async () => {
    const budget = new RequestBudget();
    const holdMs = async () => {
      budget.answered(true, 429);
      budget.answered(true, 429);
      const leftMs = budget.quietUntilMs - Date.now();
      await jest.advanceTimersByTimeAsync(leftMs);
      return leftMs;
    };
    expect([await holdMs(), await holdMs(), await holdMs()]).toEqual([1000, 2000, 4000]);
    for (let more = 0; more < 10; more++) await holdMs();
    expect(await holdMs()).toBe(15 * minuteMs);
    budget.answered(false, 200);
    expect(await holdMs()).toBe(1000);
  });

  test('a 500 without a time asks for nothing', () => {
    const budget = new RequestBudget();
    budget.answered(true, 500);
    expect(budget.quietUntilMs).toBe(Date.now());
  });

  test('a clock that is set back or forth changes no wait', async () => {
    const budget = new RequestBudget();
    budget.answered(true, 429, 10_000);
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
  for (const status of [200, 404, 429, 502]) budget.answered(false, status);
  budget.failed(true);
  leave();
  budget.failed(true);
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
      await budget.admit(true, signal);
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
    await drain(budget, 1000);
    expect(Date.now()).toBe(startMs);
    expect(budget.quotaLeft).toBeCloseTo(-970);
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

  test('forgets what was overdrawn beyond a whole period', async () => {
    const calls = 100;
    const budget = new RequestBudget({
      maxRequestsPerSecond: 10_000,
      quota: { calls, per: 'day' },
    });
    await drain(budget, 500);
    expect(budget.quotaLeft).toBeCloseTo(-calls);
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
    for (let call = 0; call < 8; call++) await budget.admit(true, signal);
    expect(Date.now()).toBe(startMs);
    expect(budget.quotaLeft).toBeCloseTo(before - 8);
    expect(budget.quietUntilMs).toBeGreaterThan(Date.now() + minuteMs);
  });
});
