import { Durations } from './durations';
import type { PaceOptions } from './pace';
import { Rounds } from './rounds';
import type { Observation, StatusSource, WatchBudget, WatchedJob } from './status-source';
import { Observer, Watched } from './watched';

export type { Observation, StatusSource, WatchBudget, WatchedJob } from './status-source';

export interface WatcherOptions extends PaceOptions {
  /** The request budget of the connection. @default none */
  readonly budget?: WatchBudget;
  /** Longest time one look may take before it counts as failed, in milliseconds. @default 60_000 */
  readonly lookTimeoutMs?: number;
}

/**
 * Watches all waiting jobs of one connection with batched looks, and tells each who waits what they
 * say. How the pieces fit:
 *
 * - `observe` registers a job with its observer, a {@link Mailbox} that holds the latest observation.
 * - The {@link WaitingLine} holds the jobs by when their turn is. The {@link Pace} says when that is:
 *   by a job's age and its {@link ExpectedEnd}, which progress tells, or the {@link Durations} of
 *   earlier jobs of its kind.
 * - The {@link Rounds} take whose turn is into a {@link Look}: so many as the source takes, or all
 *   jobs where it takes any number. Each job has a place in the line or in one look, never in both.
 * - A look that fails while others are answered is tried again, and taken apart until the job at
 *   fault stands alone: that one gets the errors, and its neighbours go on. Where nothing is answered,
 *   or the error is the service's own, the service is down: the {@link Circuit} lets one job's look
 *   through as a probe, and everybody is told. A look that failed costs its jobs no place in the line.
 *
 * Nothing here ends a wait: whoever waits concludes that from what it is told.
 *
 * Fair: a job whose turn has come is looked at after those whose turn came before, each of them once.
 * With n such jobs, k a look and t the time of a look, that is n / 4k × t later (at most 4 looks at a
 * time; where a look takes all jobs, one look's time and as much rest), or as the budget allows. A
 * look that hangs delays nobody but its own jobs, and those for as long as they were in looks with
 * the one at fault: four looks for 30 jobs, each given ten times what looks take, 5 s at least. While
 * the service is down, ten seconds lie between two probes at most. A service that refuses what comes
 * too fast gets looks one by one, then twice as many with each answer, up to four side by side.
 *
 * Registering and leaving cost O(log n) and send nothing. What waits waits by the monotonic clock:
 * setting the clock hastens and delays nothing.
 */
export class Watcher<Snapshot> {
  private readonly jobs = new Map<string, Watched<Snapshot>>();
  private readonly durations = new Durations();
  private readonly rounds: Rounds<Snapshot>;

  constructor(source: StatusSource<Snapshot>, options: WatcherOptions = {}) {
    this.rounds = new Rounds(source, options, this.jobs, this.durations);
  }

  /** Jobs that wait at this moment. */
  get size(): number {
    return this.jobs.size;
  }

  /**
   * What the service says of a job, from this call until the caller leaves its loop over it or
   * aborts. Only the latest observation is kept for a caller that is slower than the looks.
   */
  observe(watched: WatchedJob, signal: AbortSignal): AsyncIterableIterator<Observation<Snapshot>> {
    const observer = new Observer<Snapshot>(signal, () => this.leave(job, observer));
    const job = this.register(watched, observer);
    return observer.mailbox;
  }

  /** Whoever waits for a job has seen its end, and has not left yet: so long its kind takes. */
  ended(id: string): void {
    const job = this.jobs.get(id);
    if (job?.kind !== undefined) this.durations.add(job.kind, performance.now() - job.bornMs);
  }

  private register(watched: WatchedJob, observer: Observer<Snapshot>): Watched<Snapshot> {
    const known = this.jobs.get(watched.id);
    const job = known ?? new Watched<Snapshot>(watched, performance.now());
    job.observers.add(observer);
    this.jobs.set(job.id, job);
    this.rounds.welcome(job);
    return job;
  }

  private leave(job: Watched<Snapshot>, observer: Observer<Snapshot>): void {
    job.observers.delete(observer);
    if (job.isWatched) return;
    this.jobs.delete(job.id);
    this.rounds.dismiss(job);
  }
}
