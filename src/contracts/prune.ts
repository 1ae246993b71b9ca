/** The workflow that takes ended jobs off an account's list, as a client or a schedule starts it. */
export const pruneWorkflowType = 'remoteJobsPrune';

/** What one run deletes at most; the rest is for the next one. */
export const deletesPerRun = 200;

/** What `remoteJobsPrune` is to do. */
export interface PruneInput {
  /** Jobs whose workflow closed longer ago than that, in milliseconds. */
  readonly olderThanMs: number;
  /** Only the jobs of this connection. @default all of the worker's SQLFlow connections */
  readonly connection?: string;
  /** Only counts what would be deleted. @default false */
  readonly dryRun?: boolean;
}

/** One SQLFlow account, and what it had. */
export interface PrunedAccount {
  readonly connection: string;
  /** All jobs of the account, whoever submitted them. */
  readonly listed: number;
  /** Ended simple jobs of this installation and namespace. */
  readonly ended: number;
  /** Those of them that may go: old enough, and known to be exported or to have nothing to export. */
  readonly due: number;
  /** Why the account could not be asked, or not to the end. */
  readonly problem?: string;
}

/** What `remoteJobsPrune` answers. */
export interface PruneReport {
  readonly installation: string;
  /** Temporal's. */
  readonly namespace: string;
  readonly accounts: readonly PrunedAccount[];
  /** Jobs that were deleted, earlier attempts of the activity included. */
  readonly deleted: number;
  /** Jobs that were due and are still there: beyond the limit of one run, or another job by now. */
  readonly left: number;
}
