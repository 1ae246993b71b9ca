/**
 * Tokens that come back evenly, one a call. It keeps only the moment at which it will be full again,
 * so late timers lose nothing and nothing adds up. Times are of one monotonic clock, in milliseconds.
 */
export class TokenBucket {
  private readonly intervalMs: number;
  private fullAtMs = -Infinity;

  /** @param capacity tokens that are there at first, and that an idle time saves up at most */
  constructor(
    perSecond: number,
    readonly capacity: number,
  ) {
    this.intervalMs = 1000 / perSecond;
  }

  /** Time until there is a token beyond the `spare` ones that stay behind; 0 where there is one. */
  waitMs(nowMs: number, spare = 0): number {
    return Math.max(0, this.fullAtMs - nowMs - (this.capacity - 1 - spare) * this.intervalMs);
  }

  take(nowMs: number): void {
    this.fullAtMs = Math.max(this.fullAtMs, nowMs) + this.intervalMs;
  }
}
