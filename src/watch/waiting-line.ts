import { DueHeap } from './due-heap';
import type { Suspects, Watched } from './watched';

/** Into so many parts a look that failed is taken apart: few looks more, few rounds. */
const parts = 4;

/**
 * The jobs that are in no look at this moment, by when their turn is; those that spoiled a look
 * stand apart, with whom they are to be looked at. Times are of the monotonic clock.
 */
export class WaitingLine<Snapshot> {
  private readonly jobs = new DueHeap<Watched<Snapshot>>();
  private readonly suspects = new DueHeap<Suspects<Snapshot>>();

  get jobsDueMs(): number {
    return this.jobs.firstMs;
  }

  get suspectsDueMs(): number {
    return this.suspects.firstMs;
  }

  add(job: Watched<Snapshot>, dueMs: number): void {
    this.jobs.remove(job);
    job.dueMs = dueMs;
    this.jobs.push(job);
  }

  /** For a job that nobody waits for any more. Where it stands apart, its turn comes without it. */
  leave(job: Watched<Snapshot>): void {
    this.jobs.remove(job);
  }

  /** @param dueMs they keep their place in the line, but have no turn before this */
  addApart(
    jobs: Watched<Snapshot>[],
    { answersBefore, isSecond }: Pick<Suspects<Snapshot>, 'answersBefore' | 'isSecond'>,
    dueMs: number,
  ): void {
    let rankMs = Infinity;
    for (const job of jobs) rankMs = Math.min(rankMs, job.dueMs);
    this.suspects.push({ jobs, answersBefore, isSecond, dueMs, rankMs, place: -1 });
  }

  /** A job that is looked at by itself. */
  addAlone(job: Watched<Snapshot>, dueMs: number): void {
    job.dueMs = dueMs;
    this.addApart([job], { answersBefore: Infinity, isSecond: false }, dueMs);
  }

  /** Looks at these failed by the fault of some of them. */
  addInParts(jobs: readonly Watched<Snapshot>[], answersBefore: number, nowMs: number): void {
    const size = Math.ceil(jobs.length / parts);
    // All of them may be answered alone: then nobody knows which one it was.
    if (size === 1) for (const job of jobs) job.standAlone(nowMs);
    // Those that will be taken apart to single ones next have their second chance there.
    const isSecond = size <= parts;
    for (let start = 0; start < jobs.length; start += size) {
      this.addApart(jobs.slice(start, start + size), { answersBefore, isSecond }, nowMs);
    }
  }

  /** Whether the next look is at those that stand apart: their turn was before all others'. */
  hasSuspects(nowMs: number, jobsDueMs: number): boolean {
    const { first } = this.suspects;
    if (first === undefined || first.dueMs > nowMs) return false;
    return first.rankMs <= jobsDueMs || jobsDueMs > nowMs;
  }

  takeAll(): Watched<Snapshot>[] {
    return this.jobs.takeAll();
  }

  /**
   * The next jobs, whoever waits longest first: those due until the horizon, and where places are
   * left, those whose time is half over. They come along for nothing, and need no look later.
   */
  takeDue(horizonMs: number, nowMs: number, most: number): Watched<Snapshot>[] {
    const taken: Watched<Snapshot>[] = [];
    while (taken.length < most) {
      const { first } = this.jobs;
      if (first === undefined) break;
      if (first.dueMs > horizonMs && first.dueMs - nowMs > first.intervalMs / 2) break;
      this.jobs.remove(first);
      taken.push(first);
    }
    return taken;
  }

  /** The next of those that stand apart, as many of them as a look takes. */
  takeSuspects(most: number): Pick<Suspects<Snapshot>, 'jobs' | 'answersBefore' | 'isSecond'> {
    const group = this.suspects.shift();
    if (group === undefined) return { jobs: [], answersBefore: 0, isSecond: false };
    const { dueMs } = group;
    const jobs = group.jobs.filter(({ isWatched }) => isWatched);
    if (jobs.length > most) this.addApart(jobs.splice(most), group, dueMs);
    return { ...group, jobs };
  }

  /** The one job that waits longest, wherever it stands. */
  takeOne(): Watched<Snapshot> | undefined {
    if (this.jobs.firstMs <= this.suspects.firstMs) return this.jobs.shift();
    for (;;) {
      const group = this.suspects.first;
      if (group === undefined) return this.jobs.shift();
      const job = group.jobs.shift();
      if (group.jobs.length === 0) this.suspects.remove(group);
      if (job?.isWatched === true) return job;
    }
  }
}
