import { ApplicationFailure } from '@temporalio/common';
import type { JobProgress } from '../src/contracts/job';
import type { Observation, Watcher } from '../src/watch/watcher';
import { failureTypes } from '../src/contracts/failure-types';
import { Aside } from './aside';
import { definiteFailure } from './failure';
import { ProgressCheckpoint, type SeenProgress } from './progress-checkpoint';
import { RunOfLooks } from './run-of-looks';
import type { ActivitySession } from './session';

/** "No such job" is believed after this many looks in a row, over this long. */
const missing = { looks: 5, forMs: 60_000 };
/** So is "wrong credential": one answer may be a server that restarts, or a key that is rotated. */
const refused = { looks: 10, forMs: 5 * 60_000 };

export interface WaitingJob<Snapshot, Ended> {
  readonly watcher: Watcher<Snapshot>;
  /** The id the watcher asks for. */
  readonly id: string;
  /** Names jobs that take about as long as this one. */
  readonly kind?: string;
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
  /**
   * Reads extra figures and live logs, beside the wait; it has stopped before the wait ends.
   * Undefined where it isn't the job's turn in the live budget.
   */
  live?(snapshot: Snapshot): ((signal: AbortSignal) => Promise<Partial<JobProgress>>) | undefined;
  /** An answer that would be definite if it stayed: the credential or the licence was refused. */
  isRefusal(error: unknown): boolean;
}

/**
 * Waits until the one source that may say so says that the job has ended. Poll errors never end a
 * wait; the deadline, a definite word of the service or a definite refusal does.
 */
export async function waitForEnd<Snapshot, Ended>(
  session: ActivitySession,
  job: WaitingJob<Snapshot, Ended>,
): Promise<Ended> {
  const progress = new ProgressCheckpoint(session);
  const deadline = AbortSignal.timeout(Math.max(0, job.deadlineAtMs - Date.now()));
  const left = AbortSignal.any([session.signal, deadline]);
  const misses = new RunOfLooks(missing);
  const refusals = new RunOfLooks(refused);
  let live: Aside | undefined;
  try {
    const watched = { id: job.id, sinceMs: job.submittedAtMs, kind: job.kind };
    for await (const seen of job.watcher.observe(watched, left)) {
      try {
        const word = await look(job, seen, left);
        refusals.end();
        if (word === 'gone') {
          if (misses.believed()) throw notFound(job.title);
          continue;
        }
        misses.end();
        progress.seen(job.progressOf(word));
        const ended = await job.endOf(word, left);
        if (ended !== undefined) {
          job.watcher.ended(job.id);
          return ended;
        }
        const read = job.live?.(word);
        if (read === undefined) continue;
        live ??= new Aside(left);
        live.begin(async (signal) => progress.more(await read(signal)));
      } catch (error) {
        left.throwIfAborted();
        if (error instanceof ApplicationFailure) throw error;
        misses.end();
        if (!job.isRefusal(error)) refusals.end();
        else if (refusals.believed()) throw error;
        progress.failed(error);
      }
    }
  } catch (error) {
    if (!deadline.aborted || session.signal.aborted) throw error;
    const ended = await lastLook(job, session.signal);
    if (ended !== undefined) return ended;
    throw deadlinePassed(job, progress.last);
  } finally {
    await live?.leave();
  }
  throw new Error('the watcher ended before the job did');
}

/** What one sweep says of the job; a job that the answer left out is asked for by itself. */
async function look<Snapshot>(
  job: WaitingJob<Snapshot, unknown>,
  seen: Observation<Snapshot>,
  signal: AbortSignal,
): Promise<Snapshot | 'gone'> {
  if (seen.kind === 'error') throw seen.error;
  return seen.kind === 'seen' ? seen.snapshot : await job.stillThere(signal);
}

/** The server's own limit lies 15 s behind the deadline. */
const lastLookMs = 5000;

/** A job that ended between the last sweep and the deadline is in time: it is not to be killed. */
async function lastLook<Snapshot, Ended>(
  job: WaitingJob<Snapshot, Ended>,
  signal: AbortSignal,
): Promise<Ended | undefined> {
  const briefly = AbortSignal.any([signal, AbortSignal.timeout(lastLookMs)]);
  try {
    const word = await job.stillThere(briefly);
    return word === 'gone' ? undefined : await job.endOf(word, briefly);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function notFound(title: string) {
  return definiteFailure(
    failureTypes.notFound,
    `${title} is not known to the service any more: ${missing.looks} looks in a row said so. It may have been deleted there.`,
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
