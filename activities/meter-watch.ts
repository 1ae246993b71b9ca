import { noopMetricMeter, type MetricMeter } from '@temporalio/common';
import { metricNames } from '../src/contracts/metric-names';
import type { Vendor } from '../src/contracts/names';
import type { StatusSource } from '../src/watch/watcher';

/** A job that wasn't looked at for so long is no longer waited for. */
const forgetAfterMs = 60 * 60_000;

/** Measures the looks of one watcher: what they take, and how old their jobs' news had become. */
export function meteredSource<Snapshot>(
  source: StatusSource<Snapshot>,
  tags: { readonly vendor: Vendor; readonly connection: string },
  meter: MetricMeter = noopMetricMeter,
): StatusSource<Snapshot> {
  const took = meter.createHistogram(metricNames.sweepSeconds, 'float');
  const lag = meter.createHistogram(metricNames.sweepLagSeconds, 'float');
  const lookedAtMs = new Map<string, number>();
  let tidiedMs = performance.now();

  function seen(ids: readonly string[], nowMs: number): void {
    let oldestMs = Infinity;
    for (const id of ids) {
      oldestMs = Math.min(oldestMs, lookedAtMs.get(id) ?? Infinity);
      lookedAtMs.set(id, nowMs);
    }
    if (oldestMs < nowMs) lag.record((nowMs - oldestMs) / 1000, tags);
    if (nowMs < tidiedMs + forgetAfterMs) return;
    tidiedMs = nowMs;
    for (const [id, atMs] of lookedAtMs) {
      if (atMs < nowMs - forgetAfterMs) lookedAtMs.delete(id);
    }
  }

  return Object.create(source, {
    look: {
      value: async (ids: readonly string[], signal: AbortSignal) => {
        const beganMs = performance.now();
        let outcome = 'failed';
        try {
          const answer = await source.look(ids, signal);
          outcome = 'answered';
          if (answer !== undefined) seen(ids, performance.now());
          return answer;
        } catch (error) {
          if (signal.aborted) outcome = 'givenUp';
          throw error;
        } finally {
          took.record((performance.now() - beganMs) / 1000, { ...tags, outcome });
        }
      },
    },
  }) as StatusSource<Snapshot>;
}

/** How many jobs of each connection this worker waits for. */
export class WaitingMeter {
  private readonly waiting = new Map<string, number>();

  constructor(
    private readonly vendor: Vendor,
    private readonly meter: MetricMeter = noopMetricMeter,
  ) {}

  async during<Answer>(connection: string, wait: () => Promise<Answer>): Promise<Answer> {
    this.add(connection, 1);
    try {
      return await wait();
    } finally {
      this.add(connection, -1);
    }
  }

  private add(connection: string, more: number): void {
    const now = (this.waiting.get(connection) ?? 0) + more;
    this.waiting.set(connection, now);
    this.meter.createGauge(metricNames.waiting).set(now, { vendor: this.vendor, connection });
  }
}
