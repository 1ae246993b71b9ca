import { pace } from '../../src/watch/pace';

test('young jobs are asked for often and old ones seldom, within the bounds', () => {
  const { intervalMs } = pace({ minIntervalMs: 500, maxIntervalMs: 15_000 });
  for (const [ageMs, expectedMs] of [
    [0, 500],
    [5000, 500],
    [60_000, 6000],
    [3_600_000, 15_000],
  ] as const) {
    const waitMs = intervalMs(ageMs);
    expect(waitMs).toBeGreaterThanOrEqual(expectedMs * 0.9);
    expect(waitMs).toBeLessThanOrEqual(expectedMs * 1.1);
  }
});

test('a failing service is left alone for longer and longer, but never for more than 33 s', () => {
  const { backoffMs } = pace({});
  expect(backoffMs(1)).toBeLessThan(backoffMs(4));
  expect(backoffMs(1000)).toBeLessThanOrEqual(33_000);
});
