/** How many calls a service allows, of which a worker may use its share. */
export interface RequestQuota {
  readonly calls: number;
  /** A month is 30 days. */
  readonly per: 'day' | 'month';
  /** This worker's part, over 0 and up to 1. @default 1 */
  readonly share?: number;
}

const dayMs = 24 * 60 * 60_000;
/** Months have 31 days, and workers that start anew begin with a credit. */
const keptBack = 0.1;
/** Of a day's part: what a worker begins with. One that crashes again and again spends little more. */
const startFraction = 0.1;
/** Of a day's part: the credit at which as much is spent as comes in. */
const evenFraction = 0.03;
/** The longest gap lasts no less than this, and two calls' time where a call's time is longer. */
const longestGapMs = 15 * 60_000;

/** Days' parts that may be overdrawn; what is more is forgotten, as a service forgets it with its period. */
const overdrawnDays = { day: 1, month: 3 };

/** The calls of a quota that come in a day, and how far apart they are. */
export function quotaPace({ calls, per, share = 1 }: RequestQuota) {
  const perDay = (calls / (per === 'day' ? 1 : 30)) * share * (1 - keptBack);
  const callEveryMs = dayMs / perDay;
  const gapMs = Math.min(dayMs, Math.max(longestGapMs, 2 * callEveryMs));
  return { perDay, callEveryMs, longestGapMs: gapMs };
}

/**
 * The credit of a quota: it comes in evenly, a day's part is saved up at most, and every call takes
 * of it. The less is left, the wider are the gaps between looks: none to speak of while there is
 * much, one call's time where only so much is left as comes in, and never more than `longestGapMs`.
 * So looks never stop, and other calls never wait, though they count: what they overdraw is made up
 * for within six days, since at least half of what comes in is kept then. Times are of one monotonic
 * clock, in milliseconds.
 */
export class QuotaCredit {
  private readonly pace: ReturnType<typeof quotaPace>;
  private readonly most: number;
  private readonly mostOverdrawn: number;
  private credit: number;
  private atMs: number;
  private lastLookMs = -Infinity;

  constructor(quota: RequestQuota, nowMs: number) {
    this.pace = quotaPace(quota);
    this.most = Math.max(1, this.pace.perDay);
    this.mostOverdrawn = overdrawnDays[quota.per] * this.most;
    this.credit = this.most * startFraction;
    this.atMs = nowMs;
  }

  spend(background: boolean, nowMs: number): void {
    this.credit = Math.max(-this.mostOverdrawn, this.left(nowMs) - 1);
    this.atMs = nowMs;
    if (background) this.lastLookMs = nowMs;
  }

  /** Calls that may be made now; below 0 where more were made than had come in. */
  left(nowMs: number): number {
    return Math.min(this.most, this.credit + (nowMs - this.atMs) / this.pace.callEveryMs);
  }

  /** Time until the next look may begin. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.lastLookMs + this.gapMs(this.left(nowMs)) - nowMs);
  }

  private gapMs(left: number): number {
    if (left <= 0) return this.pace.longestGapMs;
    const { callEveryMs, longestGapMs: mostMs } = this.pace;
    return Math.min(mostMs, callEveryMs * ((this.most * evenFraction) / left) ** 3);
  }
}
