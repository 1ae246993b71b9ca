import { MockActivityEnvironment } from '@temporalio/testing';
import { ActivitySession } from '../../activities/session';

const heartbeatTimeoutMs = 90_000;
const regularMs = 45_000;

describe('the regular beats of waits that began at once', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('are spread over their interval, and each comes once in it', async () => {
    const waits = 300;
    const startedMs = Date.now();
    const beats = new Map<number, number[]>();
    const running = Array.from({ length: waits }, (_, wait) => {
      const environment = new MockActivityEnvironment({ heartbeatTimeoutMs });
      environment.on('heartbeat', () => {
        beats.set(wait, [...(beats.get(wait) ?? []), Date.now() - startedMs]);
      });
      return environment.run(async () => {
        const session = new ActivitySession();
        await new Promise((done) => setTimeout(done, 3 * regularMs - 1));
        session.close();
      });
    });
    await jest.advanceTimersByTimeAsync(10 * regularMs);
    await Promise.all(running);

    expect(beats.size).toBe(waits);
    const tenths = new Array<number>(10).fill(0);
    for (const times of beats.values()) {
      const [first = NaN] = times;
      expect(times).toEqual([first, first + regularMs, first + 2 * regularMs]);
      const tenth = Math.floor((10 * first) / regularMs);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // 30 each; none is so far off by chance once in a million runs.
    expect(Math.min(...tenths)).toBeGreaterThan(5);
    expect(Math.max(...tenths)).toBeLessThan(70);
  });
});
