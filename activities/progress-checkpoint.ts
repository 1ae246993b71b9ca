import type { JobProgress } from '../src/contracts/job';
import type { ActivitySession } from './session';

/** What the status call itself tells. */
export type SeenProgress = Pick<
  JobProgress,
  'status' | 'progress' | 'detail' | 'seenAtWork' | 'unchanged'
>;

/** How old the figures of a followed task may be, in milliseconds. */
const freshMs = 1000;

/**
 * What the heartbeat carries; it goes on from where an earlier attempt left it. The SDK sends
 * heartbeats seldom, so a new status is sent at once, and so are the figures of a task whose turn it
 * is in the live budget, at most once a second.
 */
export class ProgressCheckpoint {
  last: JobProgress;
  /** What was told last that was news. */
  private told: JobProgress;
  private sentStatus: string | undefined;
  private sentAtMs = 0;

  constructor(private readonly session: ActivitySession) {
    const left = session.lastDetails<JobProgress>();
    this.last = left ?? { status: 'submitted', observedAtMs: Date.now(), consecutiveErrors: 0 };
    this.told = this.last;
    // The server knows it already: thousands of jobs that are handed over don't all tell it again.
    this.sentStatus = left?.status;
    if (left === undefined) session.beat(this.last);
  }

  seen(now: SeenProgress): void {
    this.change({
      ...now,
      observedAtMs: Date.now(),
      consecutiveErrors: 0,
      unreachableSinceMs: undefined,
      lastError: undefined,
    });
  }

  more(figures: Partial<JobProgress>): void {
    this.change(figures, true);
  }

  failed(error: unknown): void {
    this.change({
      consecutiveErrors: this.last.consecutiveErrors + 1,
      unreachableSinceMs: this.last.unreachableSinceMs ?? Date.now(),
      lastError: (error instanceof Error ? error.message : String(error)).slice(0, 300),
    });
  }

  private change(change: Partial<JobProgress>, areLive = false): void {
    this.last = { ...this.last, ...change };
    if (!isNews(this.last, this.told)) return this.session.keep(this.last);
    this.told = this.last;
    this.session.beat(this.last);
    const isNewStatus = this.last.status !== this.sentStatus;
    if (!isNewStatus && !(areLive && Date.now() - this.sentAtMs >= freshMs)) return;
    this.sentStatus = this.last.status;
    this.sentAtMs = Date.now();
    // A help for whoever looks; the next heartbeat says the same.
    this.session.record(this.last).catch(() => {});
  }
}

/**
 * Steps of progress that are told at once, twenty a job however often it is looked at: of a job of a
 * quarter of an hour and more the regular beats tell it as well.
 */
const progressStep = 0.05;
/**
 * These change with nearly each look, and the next regular beat is soon enough for them. That a
 * service can't be reached any more, and that it can again, `unreachableSinceMs` tells.
 */
const bookkeeping: readonly string[] = [
  'observedAtMs',
  'unchanged',
  'consecutiveErrors',
  'lastError',
];

function isNews(now: JobProgress, told: JobProgress): boolean {
  const names = Object.keys({ ...told, ...now }) as (keyof JobProgress)[];
  return names.some((name) => {
    if (bookkeeping.includes(name)) return false;
    if (name !== 'progress' || now.progress === undefined || told.progress === undefined) {
      return now[name] !== told[name];
    }
    return now.progress >= 1
      ? told.progress < 1
      : Math.abs(now.progress - told.progress) >= progressStep;
  });
}
