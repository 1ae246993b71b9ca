import type { Look } from './look';
import type { Pace } from './pace';
import type { StatusSource } from './status-source';
import type { WaitingLine } from './waiting-line';
import type { Watched } from './watched';

/** What a service refuses so often in a row, while it answers others, it refuses for what it asks for. */
const mostRefusals = 5;
/** A job whose own looks fail more often in a row isn't just met by a service that fails now and then. */
const believedFailures = 2;

/**
 * Finds the jobs for whose sake looks fail while the service answers others: a look that fails is
 * tried again, then taken apart, until the job to blame stands alone and its neighbours go on.
 */
export class Faults<Snapshot> {
  /** Looks that were answered, */
  private answers = 0;
  /** so many when the last list was. */
  private listAnswers = 0;

  constructor(
    private readonly source: StatusSource<Snapshot>,
    private readonly line: WaitingLine<Snapshot>,
    private readonly pace: Pace,
  ) {}

  /** Looks that have been answered so far: what fails after more of them wasn't the service's fault. */
  get answersSoFar(): number {
    return this.answers;
  }

  answered(look: Look<Snapshot>): void {
    this.answers += 1;
    if (look.terms.asksEach !== true) this.listAnswers = this.answers;
    for (const job of look.jobs) {
      job.failures = 0;
      job.refusals = 0;
      if (look.jobs.length > 1) job.timesAlone = 0;
    }
  }

  /**
   * Sets the jobs of a look that failed apart, if it failed for what it asked for.
   *
   * @param jobs those of the look that somebody still waits for, at least one
   * @param isRefused the service answered, and wouldn't have it
   * @returns false where that can't be told: nothing was done
   */
  settled(
    look: Look<Snapshot>,
    jobs: readonly [Watched<Snapshot>, ...Watched<Snapshot>[]],
    error: unknown,
    isRefused: boolean,
    nowMs: number,
  ): boolean {
    if (!this.isTheirFault(look, jobs, isRefused)) return false;
    if (jobs.length === 1) this.blame(jobs[0], error, nowMs);
    else if (look.terms.isSecond === true || look.timedOut || isRefused) {
      for (const job of jobs) job.refusals = 0;
      this.line.addInParts(jobs, this.answers, nowMs);
    } else this.tryAgain(jobs, look.terms.answersBefore, nowMs + this.pace.backoffMs(1));
    return true;
  }

  /** The same jobs in one look, which tells whether they were at fault. */
  tryAgain(jobs: readonly Watched<Snapshot>[], answersBefore: number, dueMs: number): void {
    this.line.addApart([...jobs], { answersBefore, isSecond: true }, dueMs);
  }

  /** As far as can be told: others are answered. */
  private isTheirFault(
    { terms }: Look<Snapshot>,
    jobs: readonly Watched<Snapshot>[],
    isRefused: boolean,
  ): boolean {
    if (terms.isProbe === true) return false;
    if (jobs.length === 1 && jobs.some(({ failures }) => failures > 0)) return true;
    // A list asks for the same whichever jobs it is for: only other lists tell something about it.
    const answers = terms.asksEach === true ? this.answers : this.listAnswers;
    if (!isRefused) return answers > terms.answersBefore;
    // Each time others were answered before these had their turn again.
    for (const job of jobs) job.refusals += 1;
    return jobs.some(({ refusals }) => refusals > mostRefusals);
  }

  /** The one job whose look fails while the others' are answered. */
  private blame(job: Watched<Snapshot>, error: unknown, nowMs: number): void {
    const atMs = Date.now();
    if (job.failures === 0) job.failingSinceMs = atMs;
    job.failures += 1;
    if (job.failures > believedFailures) job.standAlone(nowMs);
    const { failures: consecutive, failingSinceMs: sinceMs } = job;
    job.tell({ kind: 'error', error, atMs, consecutive, sinceMs }, this.source, nowMs, 0);
    this.line.addAlone(job, nowMs + this.pace.backoffMs(consecutive));
  }
}
