import type {
  EndedJob,
  KillReport,
  LogRef,
  RemovedTwins,
  SubmissionHistory,
  SubmittedJob,
} from '../../src/contracts/job';
import type { Vendor } from '../../src/contracts/names';
import type { ResubmitPolicy } from '../../src/contracts/resubmit';

/** One submission: what names it, and since when its requests can have been sent. */
export interface Submission {
  /** Drawn in the workflow; the remote job bears it. */
  readonly key: string;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  /** 1 for the first; more where a policy submits a failed job again. */
  readonly number: number;
}

/** What one vendor's workflow brings: each step is an activity call or a decision about one. */
export interface RemoteJobSteps<
  Submitted extends SubmittedJob,
  Ended extends EndedJob,
  Result extends SubmissionHistory,
> {
  readonly vendor: Vendor;
  /** As the input names it; the submit resolves a missing one. */
  readonly connection?: string;
  /** Longest time from start to end, in milliseconds. @default 24 hours */
  readonly timeoutMs?: number;
  readonly resubmit?: ResubmitPolicy;
  submit(submission: Submission, timeoutMs: number): Promise<Submitted>;
  awaitEnd(job: Submitted, deadlineAtMs: number): Promise<Ended>;
  /** Fetches what a job left that succeeded. */
  collect(job: Submitted, ended: Ended): Promise<Result>;
  /** Fetches the log of a job that didn't succeed; vendors without logs leave it out. */
  collectLog?(job: Submitted): Promise<{ log?: LogRef; logTail: string }>;
  kill(job: Submitted): Promise<KillReport>;
  /** Kills whatever a submit of unknown outcome left behind; for a job of somebody else's it is left out. */
  readonly killByKey?: (submission: Submission) => Promise<KillReport>;
  /** Ends other jobs of the submission's key; left out where a submission can't make a second one. */
  readonly removeTwins?: (
    job: Submitted,
    submission: Submission,
    untilMs: number,
    known?: readonly KillReport[],
  ) => Promise<RemovedTwins>;
}
