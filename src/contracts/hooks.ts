import type { FailureReport, JobState, KillReport, SubmitDecision } from './job';
import type { LinkisTaskInput, LinkisTaskResult } from './linkis';
import type { Vendor } from './names';
import type { SqlFlowJobInput, SqlFlowJobResult, SqlFlowPersistJobInput } from './sqlflow';

/** What each kind of submission takes. A chain's refresh submits as `sqlflowPersistJob`. */
export interface SubmissionInputs {
  readonly sqlflowJob: SqlFlowJobInput;
  readonly sqlflowPersistJob: SqlFlowPersistJobInput;
  readonly linkisTask: LinkisTaskInput;
}

/** The workflow that a submission is made for. */
export type SubmissionType = keyof SubmissionInputs;

interface SubmissionBase {
  readonly vendor: Vendor;
  /** The connection's name, also where the input left it out. */
  readonly connection: string;
  /** The submission's key: another one each time that a policy submits a failed job again. */
  readonly key: string;
  /** The workflow that submits. */
  readonly workflowId: string;
}

/** A submission that is about to be sent; `input` is a copy, checked, and secrets in it are references. */
export type JobSubmission = {
  readonly [Type in SubmissionType]: SubmissionBase & {
    readonly type: Type;
    readonly input: SubmissionInputs[Type];
  };
}[SubmissionType];

/** How a remote job ended, for whoever only looks on. */
export interface JobEnd extends Pick<
  JobState,
  'vendor' | 'connection' | 'key' | 'remoteId' | 'submittedAtMs' | 'endedAtMs' | 'twins'
> {
  /** `cancelled` by the workflow; a job that somebody ended on the service has `failed`. */
  readonly outcome: 'succeeded' | 'failed' | 'cancelled';
  readonly workflowId: string;
  readonly runId: string;
  readonly decision?: SubmitDecision;
  /** What the job's workflow returns; absent for a job that is a part of a chain's refresh. */
  readonly result?: SqlFlowJobResult | LinkisTaskResult;
  /** Why it failed: one of `failureTypes`, its words, and the report where there is one. */
  readonly failure?: {
    readonly type?: string;
    readonly message: string;
    readonly report?: FailureReport;
  };
  /** What became of a job that was left before its end. */
  readonly kill?: KillReport;
}

/** Where an application has its say in the life of every job that its worker serves. */
export interface JobHooks {
  /**
   * Called before anything of a submission is sent; may look something up, for a minute at most.
   *
   * - To refuse it, throw a {@link SubmitRefusedError}: the job fails with `RemoteJob.RefusedByPolicy`
   *   and isn't tried again. Any other error is a fault of the hook: it is tried again ten times, and
   *   nothing is sent meanwhile.
   * - To amend it, return another input. What the workflow goes by later must stay as it is
   *   (connection, user, times, formats, what happens on a cancel); a change of it fails the job with
   *   `RemoteJob.Configuration`. The result's `warnings` name what was changed.
   * - To let it be, return nothing.
   *
   * Guarantee: at least once a submission, until its answer is kept in the artifact store
   * (`jobs/…/before-submit/`); every later attempt sends what was kept. So nothing is ever sent that
   * this function hasn't seen, and one submission is never sent in two forms.
   */
  readonly beforeSubmit?: (
    submission: JobSubmission,
    signal: AbortSignal,
  ) => JobSubmission['input'] | void | Promise<JobSubmission['input'] | void>;
  /**
   * Called after a job's end, whichever, with what is known of it; for a minute at most.
   *
   * Guarantee: at least once for every job whose submit this worker began, unless the job's workflow
   * is terminated or three attempts fail; so make it idempotent by `key`. Its failures are logged in
   * the workflow's history and never change how the job ends. The job's workflow waits for it.
   */
  readonly afterEnd?: (end: JobEnd, signal: AbortSignal) => void | Promise<void>;
}

/**
 * Thrown by `beforeSubmit` to refuse a submission. The message reaches whoever waits for the job: say
 * what is forbidden, and what to do instead. At most 1,000 bytes of it are kept.
 */
export class SubmitRefusedError extends Error {
  override readonly name = 'SubmitRefusedError';
  readonly code = 'RemoteJob.RefusedByPolicy';
}
