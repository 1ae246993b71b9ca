import type { Due } from './due-heap';
import { ExpectedEnd } from './expected-end';
import { Mailbox } from './mailbox';
import type { Observation, StatusSource, WatchedJob } from './status-source';

const aloneMs = 60_000;
const longestAloneMs = 10 * 60_000;

/** One who waits for a job. */
export class Observer<Snapshot> {
  readonly mailbox: Mailbox<Observation<Snapshot>>;
  private told: Observation<Snapshot> | undefined;
  private toldMs = 0;

  constructor(signal: AbortSignal, onLeave: () => void) {
    this.mailbox = new Mailbox(signal, onLeave);
  }

  /** @param untoldMs for how long what was told already isn't told again */
  tell(
    observation: Observation<Snapshot>,
    source: StatusSource<Snapshot>,
    nowMs: number,
    untoldMs: number,
  ): void {
    const known = sameAsTold(this.told, observation, source);
    if (known !== undefined && nowMs - this.toldMs < untoldMs) return;
    this.told = known ?? observation;
    this.toldMs = nowMs;
    this.mailbox.put(this.told);
  }
}

/** A job that somebody waits for. Times are of the monotonic clock, in milliseconds. */
export class Watched<Snapshot> implements Due {
  readonly id: string;
  readonly kind: string | undefined;
  readonly bornMs: number;
  readonly end: ExpectedEnd;
  readonly observers = new Set<Observer<Snapshot>>();
  dueMs = 0;
  place = -1;
  /** What the last look set between itself and the next. */
  intervalMs = 0;
  /** Looks at it alone that failed while others were answered. */
  failures = 0;
  /** When the first of them failed, epoch milliseconds. */
  failingSinceMs = 0;
  /** Looks in a row that the service refused, as it would any other. */
  refusals = 0;
  /** Until when it takes no place in a look with others: it may have spoiled one, */
  aloneUntilMs = -Infinity;
  /** so many times since the last one that was answered. */
  timesAlone = 0;

  constructor(job: WatchedJob, nowMs: number) {
    this.id = job.id;
    this.kind = job.kind;
    // A service's clock may be ahead of ours.
    this.bornMs = nowMs - Math.max(0, Date.now() - job.sinceMs);
    this.end = new ExpectedEnd(this.bornMs);
  }

  get isWatched(): boolean {
    return this.observers.size > 0;
  }

  /** Longer each time: some spoil every look with others, and none by themselves. */
  standAlone(nowMs: number): void {
    this.aloneUntilMs = nowMs + Math.min(longestAloneMs, aloneMs * 2 ** this.timesAlone);
    this.timesAlone += 1;
  }

  tell(...news: Parameters<Observer<Snapshot>['tell']>): void {
    for (const observer of this.observers) observer.tell(...news);
  }
}

/** Jobs that are to be looked at apart from all others, since a look with them failed. */
export interface Suspects<Snapshot> extends Due {
  readonly jobs: Watched<Snapshot>[];
  /** Looks that had been answered when it failed: more of them now, and it was these jobs' fault. */
  readonly answersBefore: number;
  /** The look that failed was at these very jobs. */
  readonly isSecond: boolean;
  /** The turn of the one that waits longest, which a look that failed doesn't cost. */
  readonly rankMs: number;
}

/**
 * An observation that says what was told already, with the snapshot that was told: a new one for each
 * of thousands of jobs, grown old when the next takes its place, would cost more than the looks.
 */
function sameAsTold<Snapshot>(
  told: Observation<Snapshot> | undefined,
  now: Observation<Snapshot>,
  source: StatusSource<Snapshot>,
): Observation<Snapshot> | undefined {
  if (told?.kind === 'missing') return now.kind === 'missing' ? now : undefined;
  if (told?.kind !== 'seen' || now.kind !== 'seen') return undefined;
  const { snapshot } = told;
  return source.sameAs?.(snapshot, now.snapshot) === true ? { ...now, snapshot } : undefined;
}
