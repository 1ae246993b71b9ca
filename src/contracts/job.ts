import type { ArtifactRef } from './artifact';
import type { Vendor } from './names';
import type { NotifyEvent } from './notify';

/**
 * How a submit ended up with its remote job.
 *
 * - `freshSubmit`: one request, one job.
 * - `adopted`: an earlier attempt had submitted it; found by its key while it was under way.
 * - `adoptedFinished`: the same, and it had ended already.
 * - `resubmitAfterFailure`: a policy submitted a failed task again.
 * - `attached`: somebody else had submitted it; this package only follows it.
 */
export type SubmitDecision =
  'freshSubmit' | 'adopted' | 'adoptedFinished' | 'resubmitAfterFailure' | 'attached';

/**
 * What became of a kill, and how that is known.
 *
 * - `confirmed`: the owner of the job took the kill and the service's record is terminal after it.
 * - `unconfirmed`: a kill was sent, but the proof is missing; `evidence` says what was seen.
 * - `alreadyFinished`: the job had ended by itself.
 * - `removed`: SQLFlow has no kill; the job was deleted.
 * - `abandoned`: by policy nothing was sent; the job may run on.
 * - `nothingToKill`: no job with the submission's key exists on the service.
 */
export type KillOutcome =
  'confirmed' | 'unconfirmed' | 'alreadyFinished' | 'removed' | 'abandoned' | 'nothingToKill';

/** What became of a remote job that was to be killed. */
export interface KillReport {
  readonly outcome: KillOutcome;
  /** The remote id; absent where nothing was found to kill. */
  readonly remoteId?: string;
  /** The service's status for the job when the report was made. */
  readonly status?: string;
  /** A sentence for a person: what was sent and what was seen. At most 500 characters. */
  readonly evidence: string;
}

/** A submission that failed and was followed by another one. */
export interface FailedSubmission {
  readonly remoteId: string;
  readonly status: string;
  readonly errorCode?: string;
  /** The service's words, at most 200 characters. */
  readonly errorMessage?: string;
  /** What became of a lost one. */
  readonly kill?: KillReport;
  /** Other jobs that this submission made. */
  readonly twins?: readonly KillReport[];
}

/** Where a job workflow is in its remote job's life. */
export type JobPhase =
  'submitting' | 'waiting' | 'collecting' | 'killing' | 'succeeded' | 'failed' | 'cancelled';

/** What `jobStateQuery` answers. */
export interface JobState {
  readonly vendor: Vendor;
  readonly connection: string;
  readonly phase: JobPhase;
  /** The submission's key, drawn in the workflow; absent for a job that was attached to. */
  readonly key?: string;
  /** SQLFlow jobId or Linkis taskID, once known. */
  readonly remoteId?: string;
  readonly decision?: SubmitDecision;
  /** The vendor's own status word, as last known to the workflow. */
  readonly status?: string;
  /** Epoch milliseconds. */
  readonly submittedAtMs?: number;
  readonly endedAtMs?: number;
  /** Submissions that failed and that a policy followed by another one; the oldest first. */
  readonly failedBefore?: readonly FailedSubmission[];
  /** Other jobs that the same submission made, and what became of them. */
  readonly twins?: readonly KillReport[];
  readonly kill?: KillReport;
  /** Why the job failed, in the service's words. */
  readonly error?: string;
}

/** The waiting activity's checkpoint: what heartbeats carry, and what a resumed attempt goes on from. */
export interface JobProgress {
  /** The vendor's own status word, as last seen. */
  readonly status: string;
  /** 0 to 1; absent where the service tells none. */
  readonly progress?: number;
  /** For a person: "3 of 8 tasks, 4 cores". */
  readonly detail?: string;
  readonly resources?: JobResources;
  /** Epoch milliseconds of the last answer of the service for this job. */
  readonly observedAtMs: number;
  /** Polls that failed in a row; 0 when the last one was answered. */
  readonly consecutiveErrors: number;
  /** Epoch milliseconds since when the service can't be asked. */
  readonly unreachableSinceMs?: number;
  /** The last poll error, in a sentence. */
  readonly lastError?: string;
  /** Log lines kept in the artifact store so far; a hint, the store is what counts. */
  readonly logLines?: number;
  /** What the service's record of the job looks like, and since when (epoch milliseconds) it has not changed. */
  readonly unchanged?: { readonly mark: string; readonly sinceMs: number };
  /** True once the job was seen queued or running: what tells a new run from the previous one's end. */
  readonly seenAtWork?: boolean;
}

/** What a running job takes of its cluster, as far as the service tells. */
export interface JobResources {
  readonly cores?: number;
  readonly memoryBytes?: number;
  readonly queue?: string;
  readonly applicationId?: string;
}

/** In the memo of every job workflow under {@link remoteJobMemoKey}; it is how a job is found. */
export interface RemoteJobMemo {
  readonly vendor: Vendor;
  readonly connection: string;
  readonly remoteId?: string;
  readonly key?: string;
  readonly installation?: string;
  readonly decision?: SubmitDecision;
  /** Other jobs that the same submission made. */
  readonly twins?: readonly KillReport[];
  /** Submissions that failed before the present one, oldest first. */
  readonly failedBefore?: readonly FailedSubmission[];
  readonly kill?: KillReport;
}

/** In the details of a failure of a job that was, or may have been, submitted. */
export interface FailureReport {
  readonly vendor: Vendor;
  readonly connection: string;
  readonly remoteId?: string;
  readonly status?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** The last lines of the log, at most 40 lines and 4 KB. */
  readonly logTail?: string;
  readonly log?: LogRef;
  readonly kill?: KillReport;
  readonly twins?: readonly KillReport[];
  readonly failedBefore?: readonly FailedSubmission[];
  /** Of a chain's refresh: it failed before anything was sent. */
  readonly submitted?: 'no';
}

/** What a job's result tells of how it came about; absent where there is nothing to tell. */
export interface SubmissionHistory {
  /** Other jobs that the same submission made, after a request that took effect late; what became of each. */
  readonly twins?: readonly KillReport[];
  /** Submissions that failed and that a policy followed by another one; the oldest first. */
  readonly failedBefore?: readonly FailedSubmission[];
}

/** `persisted` is the service's own full log; `collected` are the lines read while the task ran, which may lack some. */
export interface LogRef extends ArtifactRef {
  readonly source: 'persisted' | 'collected';
  readonly lines: number;
  /**
   * How often the service began the log anew while it was collected, as when another entrance takes
   * a task over; the earlier lines stand before the later ones. Absent for none.
   */
  readonly restarts?: number;
  /**
   * Lines that the service jumped over while its log was collected: they are lost. Fewer than those
   * that it leaves out by itself, which can't be told. Absent for none.
   */
  readonly skippedLines?: number;
  /**
   * Why its end is missing, or may be; absent where it came to its end as far as can be known.
   *
   * - `notRead`: after the task's end neither the service's log file could be had nor what the
   *   entrance still held; there is what was collected until then.
   * - `overLimit`: it has more lines than `limits.maxLogLines` allows; the first ones were kept.
   */
  readonly endMissing?: 'notRead' | 'overLimit';
}

/** What every submit (or attach) activity hands to the workflow. */
export interface SubmittedJob {
  /** The connection's name, also where the input left it out. */
  readonly connection: string;
  readonly installation: string;
  readonly remoteId: string;
  readonly decision: SubmitDecision;
  /** Epoch milliseconds. */
  readonly submittedAtMs: number;
  readonly warnings: readonly string[];
  /**
   * True where an earlier request of this submission may have taken effect besides, or may yet: the
   * service has no idempotency key, so such a twin is looked for and removed.
   */
  readonly mayHaveTwin?: boolean;
  /**
   * True where the namespace has {@link remoteJobIdAttribute} registered: an upsert of one that
   * isn't blocks a workflow for ever, so an activity asks first.
   */
  readonly searchAttribute: boolean;
  /** True where the worker has an `afterEnd` hook, which wants to hear of the job's end. */
  readonly tellsEnd?: boolean;
  /** What a notification target of the worker wants to hear of. Absent for none. */
  readonly notifies?: readonly NotifyEvent[];
}

/** How a remote job ended, in terms that both vendors share; `status` is the vendor's own word. */
export interface EndedJob {
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'timedOut';
  readonly status: string;
  /** Epoch milliseconds. */
  readonly endedAtMs: number;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** True where the service itself says that another try may succeed. */
  readonly canRetry?: boolean;
}

/** Jobs of one submission besides the one that is followed: what became of each. */
export interface RemovedTwins {
  readonly twins: readonly KillReport[];
}

/** In the details of a failed submit: whether the service may hold a job of this key all the same. */
export interface SubmitFailureReport {
  readonly submitted: 'no' | 'maybe';
  /** True where the worker has an `afterEnd` hook, which wants to hear of it. */
  readonly tellsEnd?: boolean;
  /** What a notification target of the worker wants to hear of. Absent for none. */
  readonly notifies?: readonly NotifyEvent[];
}

/** Longest time from start to end of a remote job, where the input names none: 24 hours. */
export const defaultTimeoutMs = 24 * 3600 * 1000;

/** Timers reach no further than 24.8 days: 20 days. */
export const longestTimeoutMs = 20 * 24 * 3600 * 1000;
