import type { ChainRefreshInput, ChainSettings, ChainState, RefreshEnd } from './chain';
import type { SqlFlowRevision } from './sqlflow-steps';

/** Workflow types of chains, as a client starts or lists them. */
export const chainWorkflowTypes = {
  /** The entity; see `chainWorkflowId`. */
  chain: 'sqlflowPersistChain',
  /** One refresh, a child of the chain. */
  refresh: 'sqlflowRefresh',
  /** Asks a chain for a refresh and waits for it: what people and programs start. */
  request: 'sqlflowRefreshRequest',
} as const;

/** What a chain is started with. */
export type ChainIdentity = Pick<ChainState, 'connection' | 'name'>;

/** Input of `sqlflowAskChain` and `sqlflowWithdrawRefresh`. */
export interface AskChainInput {
  readonly request: ChainRefreshInput;
  /** The same for as long as the same refresh is meant. */
  readonly requestId: string;
  /** Where a chain that doesn't exist yet is to run. */
  readonly taskQueue: string;
}

/** What a chain answers that continues as new at this moment: ask again, with the same id. */
export interface AskAgain {
  readonly pending: true;
}

/** Argument of the update `chainAdopt`. */
export interface AdoptRequest {
  readonly jobId: string;
  /** What the job was made with; SQLFlow tells the dbvendor alone. */
  readonly settings: ChainSettings;
}

export interface CheckAdoptionInput extends AdoptRequest {
  readonly connection: string;
}

/** What a look at the job to adopt found. */
export interface AdoptionCheck {
  readonly jobName: string;
  /** How the job looked: what tells a later writer. */
  readonly mark: SqlFlowRevision;
}

/** The job that a chain took over, and the generation that began with it. */
export interface AdoptedJob {
  readonly jobId: string;
  readonly jobName: string;
  readonly generation: number;
}

/** Argument of the update `chainForget`. */
export interface ForgetRequest {
  /** Cancels what runs, and takes back what waits. @default false: refused while there is any */
  readonly force?: boolean;
}

/** In the memo of every chain under `chainMemoKey`, so that a list needs no worker. */
export interface ChainMemo extends ChainIdentity {
  readonly generation?: number;
  /** The latest good one. */
  readonly revision?: number;
  readonly jobId?: string;
  readonly last?: { readonly end: RefreshEnd; readonly endedAtMs: number };
  readonly paused?: boolean;
}

export const chainMemoKey = 'chain';

/** In the memo of every `sqlflowRefreshRequest` and `sqlflowRefresh`: whose refresh it is. */
export interface ChainRefreshMemo extends ChainIdentity {
  readonly requestId?: string;
}

export const chainRefreshMemoKey = 'chainRefresh';
