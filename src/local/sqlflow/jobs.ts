import { isEnded, type JobStatus } from './job';
import type { JobStore } from './job-store';
import type { Runner } from './runner';

/** A job as the stand-in knows it, for what a test asserts. */
export interface LocalJob {
  readonly jobId: string;
  readonly jobName: string;
  readonly userId: string;
  /** A regular job, that is one from submitPersistJob. */
  readonly persist: boolean;
  /** The true one, whatever summaries show. */
  readonly status: JobStatus;
  /** Whether it runs or is about to. */
  readonly isBusy: boolean;
  /** How often it was sent to run: submits with its jobId and reruns count too. */
  readonly revision: number;
  readonly fileNames: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAtMs: number;
  /** When its last run ended, epoch milliseconds; undefined while it is busy. */
  readonly endedAtMs?: number;
}

export function jobsOf(store: JobStore, runner: Runner): LocalJob[] {
  const oldestFirst = store.all().sort((a, b) => a.number - b.number);
  return oldestFirst.map((job) => ({
    jobId: job.jobId,
    jobName: job.jobName,
    userId: job.userId,
    persist: job.persist,
    status: job.status,
    isBusy: runner.isBusyWith(job),
    revision: job.revision,
    fileNames: job.uploads.map(({ name }) => name),
    createdAtMs: job.createdAtMs,
    endedAtMs: isEnded(job.status) ? job.endedAtMs : undefined,
  }));
}
