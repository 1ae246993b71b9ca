import type { WatchBudget } from './status-source';
import type { Watched } from './watched';

/** How long a service is given that hasn't answered any look yet. */
const unknownPatienceMs = 60_000;
const leastPatienceMs = 5000;
const patienceFactor = 10;
/** While its calls wait for the budget the time that is left stays as it is. */
const shortestWaitMs = 50;

/** What is known of a look before it begins. */
interface LookTerms {
  /** Looks that had been answered when these jobs were last known to do no harm. */
  readonly answersBefore: number;
  /** A look at the same jobs failed before. @default false */
  readonly isSecond?: boolean;
  /** Tries out if the service is up again. @default false */
  readonly isProbe?: boolean;
  /** Asks for each job by itself, not for a list. @default false */
  readonly asksEach?: boolean;
}

/** Why a look's signal aborted: it says nothing of the service. */
export class AbandonedLook extends Error {
  constructor() {
    super('nobody waits for these jobs any more');
  }
}

/** One request for some jobs, under way. Times are of the monotonic clock, in milliseconds. */
export class Look<Snapshot> {
  timedOut = false;
  private readonly giveUp = new AbortController();

  constructor(
    readonly jobs: readonly Watched<Snapshot>[],
    readonly beganMs: number,
    readonly terms: LookTerms,
    private readonly budget?: Pick<WatchBudget, 'queuedMs'>,
  ) {}

  /** How long the service has been at it: the time in which calls waited for our own budget isn't its. */
  get tookMs(): number {
    const queuedMs = this.budget?.queuedMs(this.giveUp.signal) ?? 0;
    return Math.max(0, performance.now() - this.beganMs - queuedMs);
  }

  /** Those of its jobs that somebody still waits for. */
  get watchedJobs(): Watched<Snapshot>[] {
    return this.jobs.filter(({ isWatched }) => isWatched);
  }

  /**
   * What the work answers within the time that there is patience for, which may become less while it
   * is under way: other looks are answered. A source that heeds no signal holds up nobody.
   */
  async run<Answer>(
    work: (signal: AbortSignal) => Promise<Answer>,
    patience: Patience,
  ): Promise<Answer> {
    const { signal } = this.giveUp;
    let timer: NodeJS.Timeout | undefined;
    const wait = () => {
      const { timeoutMs } = patience;
      const { tookMs } = this;
      if (tookMs < timeoutMs) {
        const leftMs = Math.max(shortestWaitMs, Math.min(timeoutMs - tookMs, leastPatienceMs));
        timer = setTimeout(wait, Math.ceil(leftMs));
        return;
      }
      this.timedOut = true;
      const waitedS = Math.round(tookMs / 1000);
      this.giveUp.abort(new Error(`a look had no answer within ${waitedS} s`));
    };
    wait();
    try {
      return await new Promise<Answer>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        work(signal).then(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Nobody waits for its answer any more. */
  abandon(): void {
    this.giveUp.abort(new AbandonedLook());
  }
}

/** How long looks of one way may take: ten times what they took lately, 5 s at least and a minute at most. */
export class Patience {
  private slowestMs: number | undefined;

  constructor(private readonly mostMs = unknownPatienceMs) {}

  get timeoutMs(): number {
    if (this.slowestMs === undefined) return this.mostMs;
    const usualMs = Math.max(leastPatienceMs, patienceFactor * this.slowestMs);
    return Math.min(this.mostMs, usualMs);
  }

  /** A slow look is remembered for some dozens of faster ones. */
  took(durationMs: number): void {
    this.slowestMs = Math.max(durationMs, (this.slowestMs ?? 0) * 0.95);
  }

  /** Nothing was answered: the service itself may have become slow. */
  timedOut(): void {
    this.slowestMs = (2 * this.timeoutMs) / patienceFactor;
  }
}
