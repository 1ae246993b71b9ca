import type { Pace } from './pace';

/** A failing service is tried no sooner, even when something else of it is answered. */
const soonestMs = 1000;

/**
 * Leaves a failing service alone: longer and longer, with one look at one job as a probe in between,
 * until any look is answered. Times are of the monotonic clock, but for `sinceMs`.
 */
export class Circuit {
  /** Failures in a row; 0 while the service answers. */
  failures = 0;
  /** When the first of them was, epoch milliseconds. */
  sinceMs = 0;
  /** When the next probe may go. */
  retryAtMs = -Infinity;
  private lastFailureMs = -Infinity;

  constructor(private readonly pace: Pick<Pace, 'backoffMs'>) {}

  get isOpen(): boolean {
    return this.failures > 0;
  }

  /** @returns false for a look that began before an earlier one failed: that is the same outage */
  failed(beganMs: number, nowMs: number): boolean {
    if (this.isOpen && beganMs <= this.lastFailureMs) return false;
    if (!this.isOpen) this.sinceMs = Date.now();
    this.failures += 1;
    this.lastFailureMs = nowMs;
    this.retryAtMs = nowMs + this.pace.backoffMs(this.failures);
    return true;
  }

  /** A look was answered. */
  answered(): void {
    this.failures = 0;
    this.retryAtMs = -Infinity;
  }

  /** Another call of the connection was answered: what failed is worth another try. */
  heard(): void {
    this.retryAtMs = Math.min(this.retryAtMs, this.lastFailureMs + soonestMs);
  }
}
