export interface PaceOptions {
  /** Shortest time between two looks at a job, in milliseconds. @default 500 */
  readonly minIntervalMs?: number;
  /** Longest time between two looks at a job, in milliseconds. @default 15_000 */
  readonly maxIntervalMs?: number;
  /** Shortest time between two looks at all jobs, in milliseconds. @default 1000 */
  readonly minSweepGapMs?: number;
}

/** Of a job's age: how long it is left alone where nothing is known of its end. */
const ofAge = 0.1;
/** Of the time until its likely end: how long it is left alone until then. */
const ofTimeLeft = 0.2;
/** Of the time since that end: how long a job is left alone that takes longer. */
const ofOverrun = 0.1;
/** The first looks at many jobs that come at once are spread: each that waits moves the next one by so much, */
const youngApartMs = 50;
const oldApartMs = 10;
/** and those at jobs of some age by no more than this. */
const longestFirstMs = 1000;
const longestBackoffMs = 10_000;
const shortestBackoffMs = 500;

/** When to look at what; every time is jittered, so that workers don't march in step. */
export class Pace {
  readonly minMs: number;
  readonly maxMs: number;
  private readonly minSweepGapMs: number;

  constructor(options: PaceOptions) {
    this.minMs = options.minIntervalMs ?? 500;
    this.maxMs = options.maxIntervalMs ?? 15_000;
    this.minSweepGapMs = options.minSweepGapMs ?? 1000;
  }

  /** Jobs due within this time join a look: that is what makes it a batch. */
  get slackMs(): number {
    return this.minMs / 2;
  }

  /**
   * Time until the next look at a job.
   *
   * @param ageMs since its submit
   * @param leftMs until its likely end, negative once that is past; undefined where nobody knows
   */
  intervalMs(ageMs: number, leftMs: number | undefined): number {
    return jittered(this.bounded(this.leisureMs(ageMs, leftMs)));
  }

  /** Time until the first look at a job, beside so many that wait. */
  firstMs(ageMs: number, waiting: number): number {
    return this.isYoung(ageMs)
      ? jittered(Math.min(this.minMs, waiting * youngApartMs))
      : Math.random() * Math.min(longestFirstMs, this.maxMs, waiting * oldApartMs);
  }

  /**
   * Time until the next look at all jobs, by when each one by itself would be looked at. A look
   * costs the same for one and for thousands; what it is worth grows with them. Cost and delay
   * together are least where the gap shrinks with the root of their number.
   */
  togetherMs(jobs: readonly { readonly intervalMs: number }[]): number {
    let sum = 0;
    for (const { intervalMs } of jobs) sum += 1 / (intervalMs * intervalMs);
    return 1 / Math.sqrt(sum);
  }

  /** Shortest time from one look at all jobs to the next, up to a tenth longer. */
  sweepGapMs(): number {
    return this.minSweepGapMs * (1 + 0.1 * Math.random());
  }

  /** Time to leave a failing service alone: doubles from half a second to ten. */
  backoffMs(failures: number): number {
    const mostMs = Math.min(longestBackoffMs, shortestBackoffMs * 2 ** Math.min(failures - 1, 16));
    return mostMs * (0.75 + 0.25 * Math.random());
  }

  private leisureMs(ageMs: number, leftMs: number | undefined): number {
    if (this.isYoung(ageMs)) return this.minMs;
    if (leftMs === undefined) return ageMs * ofAge;
    return leftMs > 0 ? leftMs * ofTimeLeft : -leftMs * ofOverrun;
  }

  /** Young jobs are looked at often whatever is expected: most mistakes show at once. */
  private isYoung(ageMs: number): boolean {
    return ageMs * ofAge < this.minMs;
  }

  private bounded(intervalMs: number): number {
    return Math.min(this.maxMs, Math.max(this.minMs, intervalMs));
  }
}

/** Up to ten percent either way. */
function jittered(valueMs: number): number {
  return valueMs * (0.9 + 0.2 * Math.random());
}
