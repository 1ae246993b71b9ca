import type { Job } from './job';

/** Jobs of one stretch of the list, in the order of their latest submits. */
export interface Stretch {
  readonly jobs: Set<Job>;
  /** How many it has ever taken: what leaves it makes no room, so that the order stays. */
  taken: number;
  /** Goes up with every change, so that what was made of older jobs is told apart. */
  version: number;
}

interface Place {
  readonly stretch: Stretch;
  readonly submittedAtMs: number;
  readonly jobName: string;
}

const jobsAStretch = 256;

/**
 * One user's jobs in the order of their latest submits. What is made of a long list can be kept
 * stretch by stretch, since a change touches only one or two of them.
 */
export class JobList {
  #stretches: Stretch[] = [];
  readonly #places = new Map<Job, Place>();
  readonly #byName = new Map<string, Set<Job>>();

  /** Takes up a new job, or one whose submit, name or anything else has changed. */
  update(job: Job): void {
    const place = this.#places.get(job);
    if (place?.submittedAtMs === job.submittedAtMs && place.jobName === job.jobName) {
      place.stretch.version += 1;
      return;
    }
    this.remove(job);
    let last = this.#stretches.at(-1);
    if (last === undefined || last.taken >= jobsAStretch) {
      last = { jobs: new Set(), taken: 0, version: 0 };
      this.#stretches.push(last);
    }
    last.jobs.add(job);
    last.taken += 1;
    last.version += 1;
    const { submittedAtMs, jobName } = job;
    this.#places.set(job, { stretch: last, submittedAtMs, jobName });
    const named = this.#byName.get(jobName);
    if (named) named.add(job);
    else this.#byName.set(jobName, new Set([job]));
  }

  remove(job: Job): void {
    const place = this.#places.get(job);
    if (place === undefined) return;
    const { stretch, jobName } = place;
    this.#places.delete(job);
    stretch.jobs.delete(job);
    stretch.version += 1;
    if (stretch.jobs.size === 0) {
      this.#stretches = this.#stretches.filter((other) => other !== stretch);
    }
    const named = this.#byName.get(jobName);
    named?.delete(job);
    if (named?.size === 0) this.#byName.delete(jobName);
  }

  get size(): number {
    return this.#places.size;
  }

  /** The latest submit first. */
  *newestFirst(): Generator<Job, undefined> {
    for (const stretch of this.stretches()) yield* [...stretch.jobs].reverse();
    return undefined;
  }

  /** Of the jobs of this name, the one that was submitted last. */
  named(jobName: string): Job | undefined {
    return [...(this.#byName.get(jobName) ?? [])].sort(
      (a, b) => b.submittedAtMs - a.submittedAtMs || b.number - a.number,
    )[0];
  }

  /** The newest first; the jobs inside of each are the oldest first. */
  stretches(): readonly Readonly<Stretch>[] {
    return [...this.#stretches].reverse();
  }
}
