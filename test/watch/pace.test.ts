import { Pace } from '../../src/watch/pace';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Each as often as it takes for chance to show. */
function range(draw: () => number): { readonly least: number; readonly most: number } {
  const drawn = Array.from({ length: 1000 }, draw);
  return { least: Math.min(...drawn), most: Math.max(...drawn) };
}

test('young jobs are looked at often and old ones seldom, within the bounds, where nothing is known of their end', () => {
  const pace = new Pace({ minIntervalMs: 500, maxIntervalMs: 15_000 });
  for (const [ageMs, expectedMs] of [
    [0, 500],
    [5000, 500],
    [minuteMs, 6000],
    [hourMs, 15_000],
  ] as const) {
    const { least, most } = range(() => pace.intervalMs(ageMs, undefined));
    expect(least).toBeGreaterThanOrEqual(expectedMs * 0.9);
    expect(most).toBeLessThanOrEqual(expectedMs * 1.1);
  }
});

test('a job whose end is known about is looked at ever more often until then, and ever less after it', () => {
  const pace = new Pace({});
  for (const [leftMs, expectedMs] of [
    [hourMs, 15_000],
    [40_000, 8000],
    [10_000, 2000],
    [1000, 500],
    [0, 500],
    [-1000, 500],
    [-minuteMs, 6000],
    [-hourMs, 15_000],
  ] as const) {
    const { least, most } = range(() => pace.intervalMs(2 * hourMs, leftMs));
    expect(least).toBeGreaterThanOrEqual(expectedMs * 0.9);
    expect(most).toBeLessThanOrEqual(expectedMs * 1.1);
  }
});

test('a young job is looked at often whatever is expected of it: most mistakes show at once', () => {
  const { most } = range(() => new Pace({}).intervalMs(1000, hourMs));
  expect(most).toBeLessThanOrEqual(550);
});

test('the first look at a job comes at once where few wait, and is spread where many come together', () => {
  const pace = new Pace({});
  expect(range(() => pace.firstMs(0, 1)).most).toBeLessThanOrEqual(55);
  expect(range(() => pace.firstMs(0, 10_000)).least).toBeGreaterThanOrEqual(450);
  expect(range(() => pace.firstMs(0, 10_000)).most).toBeLessThanOrEqual(550);
  expect(range(() => pace.firstMs(hourMs, 1)).most).toBeLessThanOrEqual(10);
  const handedOver = range(() => pace.firstMs(hourMs, 10_000));
  expect(handedOver.least).toBeLessThan(200);
  expect(handedOver.most).toBeGreaterThan(900);
  expect(handedOver.most).toBeLessThanOrEqual(1000);
});

test('looks at all jobs come closer together with the root of their number', () => {
  const pace = new Pace({});
  const old = { intervalMs: 15_000 };
  expect(pace.togetherMs([old])).toBeCloseTo(15_000);
  expect(pace.togetherMs(Array(25).fill(old))).toBeCloseTo(3000);
  expect(pace.togetherMs([...Array<typeof old>(3).fill(old), { intervalMs: 500 }])).toBeCloseTo(
    500,
    -1,
  );
});

test('no two looks at all jobs begin within a second', () => {
  const { least, most } = range(() => new Pace({}).sweepGapMs());
  expect(least).toBeGreaterThanOrEqual(1000);
  expect(most).toBeLessThanOrEqual(1100);
});

test('a failing service is left alone for longer and longer, but never for more than ten seconds', () => {
  const pace = new Pace({});
  expect(range(() => pace.backoffMs(1)).most).toBeLessThanOrEqual(500);
  expect(range(() => pace.backoffMs(4)).least).toBeGreaterThan(2900);
  const long = range(() => pace.backoffMs(1000));
  expect(long.least).toBeLessThan(8000);
  expect(long.most).toBeLessThanOrEqual(10_000);
});

test('a bound of zero neither divides by zero nor stands still', () => {
  const pace = new Pace({ minIntervalMs: 1, maxIntervalMs: 1 });
  expect(range(() => pace.intervalMs(0, 0)).least).toBeGreaterThan(0);
});
