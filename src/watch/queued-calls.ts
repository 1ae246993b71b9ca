interface Calls {
  waiting: number;
  sinceMs: number;
  queuedMs: number;
  hasLeft: boolean;
}

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
      this.bySignal.set(signal, { waiting: 1, sinceMs, queuedMs: 0, hasLeft: false });
      return;
    }
    if (calls.waiting === 0) calls.sinceMs = sinceMs;
    calls.waiting += 1;
  }

  left(signal: AbortSignal): void {
    const calls = this.bySignal.get(signal);
    if (calls === undefined) return;
    calls.hasLeft = true;
    calls.waiting -= 1;
    if (calls.waiting === 0) calls.queuedMs += performance.now() - calls.sinceMs;
  }

  /** Whether the look is under way: it had a call let go before. */
  hasLeft(signal: AbortSignal): boolean {
    return this.bySignal.get(signal)?.hasLeft ?? false;
  }

  queuedMs(signal: AbortSignal): number {
    const calls = this.bySignal.get(signal);
    if (calls === undefined) return 0;
    return calls.queuedMs + (calls.waiting > 0 ? performance.now() - calls.sinceMs : 0);
  }
}
