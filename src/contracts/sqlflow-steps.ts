import type { EndedJob, KillReport, SubmittedJob } from './job';
import type {
  SqlFlowAttachInput,
  SqlFlowJobInput,
  SqlFlowJobResult,
  SqlFlowPersistJobInput,
} from './sqlflow';

/** What marks one run of a SQLFlow job; a resubmit with the same jobId changes at least one of them. */
export interface SqlFlowRevision {
  /** The name before the submit; a service may give the job the one of each submit, or keep it. */
  readonly jobName?: string;
  readonly sessionId?: string;
  readonly lastExecuteTime?: string;
  readonly subJobs: number;
}

export interface SubmittedSqlFlowJob extends SubmittedJob {
  /** The name the service holds. */
  readonly jobName: string;
  /** The revision before this submit; only for a persist job that was submitted with its jobId. */
  readonly previous?: SqlFlowRevision;
}

export interface EndedSqlFlowJob extends EndedJob {
  readonly sessionId?: string;
  /** How the job looked when its end was seen: another look later means another run. */
  readonly mark?: SqlFlowRevision;
  readonly warnings: readonly string[];
}

export interface SqlFlowSubmitJobInput {
  readonly job: SqlFlowJobInput;
  readonly key: string;
}

export interface SqlFlowSubmitPersistJobInput {
  readonly job: SqlFlowPersistJobInput;
  readonly key: string;
  /**
   * True where another workflow may have submitted under this key, and its request may still take
   * effect: such a job is a twin, never this submit's.
   */
  readonly mayHaveTwin?: boolean;
}

export interface SqlFlowAwaitJobInput {
  readonly connection: string;
  readonly jobId: string;
  /** As the service holds it: jobs of one name take about as long. */
  readonly jobName?: string;
  readonly submittedAtMs: number;
  /** Epoch milliseconds. */
  readonly deadlineAtMs: number;
  readonly previous?: SqlFlowRevision;
}

export interface SqlFlowCollectLineageInput extends Pick<
  SqlFlowAttachInput,
  'exports' | 'tableToTable' | 'delimiter' | 'exportSettings'
> {
  readonly connection: string;
  readonly jobId: string;
  /** Removes the job from the account once every export is stored. */
  readonly thenDelete: boolean;
  /** Where the exports go in the artifact store. @default the workflow run's own folder */
  readonly folder?: string;
}

export interface CollectedLineage {
  readonly lineage: SqlFlowJobResult['lineage'];
  /** What the exported model says it could not parse or resolve; the first 20. */
  readonly warnings: readonly string[];
}

export interface SqlFlowRemoveTwinsInput {
  readonly connection: string;
  /** The job that stays. */
  readonly jobId: string;
  readonly key: string;
  /** Looks go on until then, epoch milliseconds; at least one is taken. */
  readonly untilMs: number;
  /** What an earlier search found; it stays in the answer. */
  readonly known?: readonly KillReport[];
}

/** Names the job by its id, or, where a submit's outcome is unknown, by its submission's key. */
export type SqlFlowKillJobInput = {
  readonly connection?: string;
  /** `abandon` sends nothing: persist jobs are never deleted. */
  readonly policy: 'delete' | 'abandon';
} & ({ readonly jobId: string } | { readonly key: string });
