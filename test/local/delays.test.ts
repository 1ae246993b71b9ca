import { Delays } from '../../src/local/delays';

const { signal } = new AbortController();

test('time passes by itself, and no earlier than it was asked for', async () => {
  const beganMs = performance.now();
  await new Delays().during((pass) => pass(50, signal));
  // Timers count whole milliseconds.
  expect(performance.now() - beganMs).toBeGreaterThanOrEqual(49);
});

test('an end is one for all that last, for what they wait for later too, and for nothing that begins later', async () => {
  const delays = new Delays();
  const seen: string[] = [];
  const lasting = ['one', 'other'].map((name) =>
    delays.during(async (pass) => {
      await pass(3_600_000, signal);
      await pass(3_600_000, signal);
      seen.push(name);
    }),
  );
  expect(delays.count).toBe(2);
  delays.end();
  await Promise.all(lasting);
  expect([seen, delays.count]).toEqual([['one', 'other'], 0]);
  const stop = new AbortController();
  const next = delays.during((pass) => pass(3_600_000, stop.signal));
  stop.abort(new Error('stopped'));
  await expect(next).rejects.toThrow('stopped');
});
