interface Calls {
  waiting: number;
  sinceMs: number;
  queuedMs: number;
  leftMs: number;
}

/** A look has its next call soon after the last one; what asks once in a while under one signal is none. */
const underWayMs = 10_000;

/**
 * How long the calls of one look (of one signal) waited to be let go, so that this isn't taken for
 * the service's silence. Times are of the monotonic clock, in milliseconds.
 */
export class QueuedCalls {
  private readonly bySignal = new WeakMap<AbortSignal, Calls>();

  /** A call waits from now on. */
  waits(signal: AbortSignal): void {
    const calls = this.bySignal.get(signal);
    const sinceMs = performance.now();
    if (calls === undefined) {
      this.bySignal.set(signal, { waiting: 1, sinceMs, queuedMs: 0, leftMs: -Infinity });
      return;
    }
    if (calls.waiting === 0) calls.sinceMs = sinceMs;
    calls.waiting += 1;
  }

  left(signal: AbortSignal): void {
    const calls = this.bySignal.get(signal);
    if (calls === undefined) return;
    calls.leftMs = performance.now();
    calls.waiting -= 1;
    if (calls.waiting === 0) calls.queuedMs += calls.leftMs - calls.sinceMs;
  }

  /** Whether the look is under way: it had a call let go just before. */
  isUnderWay(signal: AbortSignal): boolean {
    const leftMs = this.bySignal.get(signal)?.leftMs ?? -Infinity;
    return performance.now() - leftMs < underWayMs;
  }

  queuedMs(signal: AbortSignal): number {
    const calls = this.bySignal.get(signal);
    if (calls === undefined) return 0;
    return calls.queuedMs + (calls.waiting > 0 ? performance.now() - calls.sinceMs : 0);
  }
}
