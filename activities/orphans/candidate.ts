import type { JobUnderWay, OrphanLook } from '../../src/contracts/orphans';

/** A job of this installation, as its service lists it, before anybody asked Temporal. */
export interface Candidate extends Omit<JobUnderWay, 'reason'> {
  /** Names of all connections that lead to it. */
  readonly connections: readonly string[];
  /** The hash of the workflow id; of a Linkis task's, too. */
  readonly owner: string;
  /** It holds the lineage of earlier runs, so it is never ended. */
  readonly persist: boolean;
  /** Why nothing can be told of it, whatever Temporal says. */
  readonly doubt?: string;
}

/** One account, and this installation's jobs in it. */
export interface Account {
  readonly look: OrphanLook;
  /** By what is the same for all connections that lead to the same job. */
  readonly jobs: ReadonlyMap<string, Candidate>;
}

export interface Deployment {
  readonly installation: string;
  readonly namespace: string;
}
