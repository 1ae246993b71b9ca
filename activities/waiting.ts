import type { JobProgress } from '../src/contracts/job';
import type { Observation, Watcher } from '../src/watch/watcher';
import { failureTypes } from '../src/contracts/failure-types';
import { definiteFailure } from './failure';
import type { ActivitySession } from './session';

/** Looks at a job that definitely isn't there are believed after this many, over this long. */
const missesToBelieve = 5;
const missesForMs = 20_000;

/** What the status call itself tells. */
export type SeenProgress = Pick<JobProgress, 'status' | 'progress' | 'detail' | 'seenAtWork'>;

export interface WaitingJob<Snapshot, Ended> {
  readonly watcher: Watcher<Snapshot>;
  /** The id the watcher asks for. */
  readonly id: string;
  /** For a person: "SQLFlow job abc". */
  readonly title: string;
  readonly submittedAtMs: number;
  readonly deadlineAtMs: number;
  /** What a snapshot says of progress; the figures that cost extra calls come from `live`. */
  progressOf(snapshot: Snapshot): SeenProgress;
  /**
   * The job's end, if this snapshot may be it. Called for every sighting; it must ask the one
   * source that ends a job before it says so.
   */
  endOf(snapshot: Snapshot, signal: AbortSignal): Promise<Ended | undefined>;
  /** Asked when a look didn't list the job; `gone` only on the service's definite word. */
  stillThere(signal: AbortSignal): Promise<Snapshot | 'gone'>;
  /** Extra figures and live logs, for tasks that have a place in the live budget. */
  live?(snapshot: Snapshot, signal: AbortSignal): Promise<Partial<JobProgress>>;
  /** An error that is definite, so that asking again is of no use (the credential was refused). */
  isDefinite(error: unknown): boolean;
}

/**
 * Waits until the one source that may say so says that the job has ended. Poll errors never end a
 * wait; the deadline, a definite word of the service or a definite refusal does.
 */
export async function waitForEnd<Snapshot, Ended>(
  session: ActivitySession,
  job: WaitingJob<Snapshot, Ended>,
): Promise<Ended> {
  const progress = new ProgressCheckpoint(session, job.live !== undefined);
  const deadline = AbortSignal.timeout(
    Math.min(2 ** 31 - 1, Math.max(0, job.deadlineAtMs - Date.now())),
  );
  const left = AbortSignal.any([session.signal, deadline]);
  const misses: number[] = [];
  try {
    for await (const seen of job.watcher.observe(job.id, job.submittedAtMs, left)) {
      try {
        const ended = await step(job, seen, progress, misses, left);
        if (ended !== undefined) return ended;
      } catch (error) {
        left.throwIfAborted();
        if (error instanceof Gone || job.isDefinite(error)) throw error;
        progress.failed(error);
      }
    }
  } catch (error) {
    if (error instanceof Gone) throw notFound(job.title, misses.length);
    if (deadline.aborted && !session.signal.aborted) throw deadlinePassed(job, progress.last);
    throw error;
  }
  throw new Error('the watcher ended before the job did');
}

class Gone extends Error {}

async function step<Snapshot, Ended>(
  job: WaitingJob<Snapshot, Ended>,
  seen: Observation<Snapshot>,
  progress: ProgressCheckpoint,
  misses: number[],
  signal: AbortSignal,
): Promise<Ended | undefined> {
  if (seen.kind === 'error') throw seen.error;
  let snapshot: Snapshot;
  if (seen.kind === 'seen') {
    snapshot = seen.snapshot;
  } else {
    const word = await job.stillThere(signal);
    if (word === 'gone') {
      misses.push(seen.atMs);
      if (misses.length >= missesToBelieve && seen.atMs - (misses[0] ?? 0) >= missesForMs) {
        throw new Gone();
      }
      return undefined;
    }
    snapshot = word;
  }
  misses.length = 0;
  progress.seen(job.progressOf(snapshot));
  const ended = await job.endOf(snapshot, signal);
  if (ended === undefined && job.live !== undefined) {
    progress.more(await job.live(snapshot, signal));
  }
  return ended;
}

/** How old the figures of a followed task may be, in milliseconds. */
const freshMs = 1000;

/**
 * What the heartbeat carries; it goes on from where an earlier attempt left it. The SDK sends
 * heartbeats seldom, so a new status is sent at once, and so are the figures of a task that has a
 * place in the live budget, at most once a second.
 */
class ProgressCheckpoint {
  last: JobProgress;
  private sentStatus = '';
  private sentAtMs = 0;

  constructor(
    private readonly session: ActivitySession,
    private readonly live: boolean,
  ) {
    this.last = session.lastDetails<JobProgress>() ?? {
      status: 'submitted',
      observedAtMs: Date.now(),
      consecutiveErrors: 0,
    };
    session.beat(this.last);
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
    this.change(figures);
  }

  failed(error: unknown): void {
    this.change({
      consecutiveErrors: this.last.consecutiveErrors + 1,
      unreachableSinceMs: this.last.unreachableSinceMs ?? Date.now(),
      lastError: (error instanceof Error ? error.message : String(error)).slice(0, 300),
    });
  }

  private change(change: Partial<JobProgress>): void {
    this.last = { ...this.last, ...change };
    this.session.beat(this.last);
    const isNew = this.last.status !== this.sentStatus;
    if (!isNew && !(this.live && Date.now() - this.sentAtMs >= freshMs)) return;
    this.sentStatus = this.last.status;
    this.sentAtMs = Date.now();
    // A help for whoever looks; the next heartbeat says the same.
    this.session.record(this.last).catch(() => {});
  }
}

function notFound(title: string, looks: number) {
  return definiteFailure(
    failureTypes.notFound,
    `${title} is not known to the service any more: ${looks} looks in a row said so. It may have been deleted there.`,
  );
}

function deadlinePassed(
  job: Pick<WaitingJob<unknown, unknown>, 'title' | 'submittedAtMs' | 'deadlineAtMs'>,
  last: JobProgress,
) {
  const waitedS = Math.round((job.deadlineAtMs - job.submittedAtMs) / 1000);
  const trouble = last.lastError === undefined ? '' : `; the last look failed: ${last.lastError}`;
  return definiteFailure(
    failureTypes.deadlineExceeded,
    `${job.title} had not ended after ${waitedS} s, when its deadline passed; its last status was "${last.status}"${trouble}`,
  );
}
