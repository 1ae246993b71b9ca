import type { LocalReply } from '../http/exchange';

/** How many calls the stand-in allows each user. */
export interface QuotaOptions {
  /** Calls that a user may make in one period. */
  readonly calls: number;
  /** Length of a period, in milliseconds. */
  readonly periodMs: number;
}

/** Counts each user's calls; beyond the limit there is a real HTTP 429. */
export class Quota {
  readonly #used = new Map<string, { since: number; calls: number }>();

  constructor(private readonly options: QuotaOptions | undefined) {}

  exceeded(userId: string): LocalReply | undefined {
    if (this.options === undefined) return undefined;
    const { calls, periodMs } = this.options;
    const now = Date.now();
    let used = this.#used.get(userId);
    if (used === undefined || used.since + periodMs <= now) used = { since: now, calls: 0 };
    used.calls += 1;
    this.#used.set(userId, used);
    if (used.calls <= calls) return undefined;
    return { status: 429, ...usedUp(calls) };
  }
}

/** In the vendor's words. */
export function usedUp(calls: number) {
  return {
    json: {
      code: 429,
      error: 'rate_limit_exceeded',
      message: `You have used all ${calls} calls of this period.`,
      upgrade: 'https://www.gudusoft.com/pricing',
    },
  };
}
