import type { ChainState, RefreshOutcome } from '../../contracts/chain';
import type { AdoptedJob } from '../../contracts/chain-asking';
import type { ChainSummary } from '../../starter/chains';
import type { PendingApproval } from '../../starter/approvals';

export interface ChainsDocument {
  readonly chains: readonly ChainSummary[];
}

/** Everything that is known of a chain. */
export type ChainDocument = ChainState;

export interface ChainHistoryDocument {
  readonly connection: string;
  readonly chain: string;
  /** The newest first. */
  readonly refreshes: readonly RefreshOutcome[];
}

/** After `pause` and `resume`. */
export interface ChainPausedDocument {
  readonly chain: string;
  readonly connection: string;
  readonly paused: boolean;
}

export interface ChainForgottenDocument {
  readonly chain: string;
  readonly connection: string;
  readonly forgotten: true;
  /** Its SQLFlow job, which stays. */
  readonly jobId?: string;
}

export interface ChainAdoptedDocument extends AdoptedJob {
  readonly chain: string;
  readonly connection: string;
}

/** What waits for an approval. */
export interface ApprovalsDocument {
  readonly approvals: readonly PendingApproval[];
}

/** What was answered, by whom. */
export interface ApprovalDocument extends PendingApproval {
  readonly approved: boolean;
  readonly by: string;
  readonly note?: string;
}
