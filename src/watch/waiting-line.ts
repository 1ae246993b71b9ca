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

  addApart(jobs: Watched<Snapshot>[], answersBefore: number, dueMs: number): void {
    this.suspects.push({ jobs, answersBefore, dueMs, place: -1 });
  }

  /** A look at these failed by the fault of some of them. */
  addInParts(jobs: readonly Watched<Snapshot>[], answersBefore: number, nowMs: number): void {
    const size = Math.ceil(jobs.length / parts);
    // All of them may be answered alone: then nobody knows which one it was.
    if (size === 1) for (const job of jobs) job.standAlone(nowMs);
    for (let start = 0; start < jobs.length; start += size) {
      this.addApart(jobs.slice(start, start + size), answersBefore, nowMs);
    }
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
  takeSuspects(most: number): Pick<Suspects<Snapshot>, 'jobs' | 'answersBefore'> {
    const group = this.suspects.shift();
    if (group === undefined) return { jobs: [], answersBefore: 0 };
    const { answersBefore, dueMs } = group;
    const jobs = group.jobs.filter(({ isWatched }) => isWatched);
    if (jobs.length > most) this.addApart(jobs.splice(most), answersBefore, dueMs);
    return { jobs, answersBefore };
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
