import type { ArtifactRef } from './artifact';

/**
 * Of a `sqlflowRefresh` whose gate waits, and of a pipeline's approval step: the update
 * `(Approval) => void`, and the query of what is asked, `() => ApprovalState | undefined`.
 */
export const approvalMessages = { answer: 'approvalAnswer', state: 'approvalState' } as const;

/** Memo field of a workflow that waits for an approval, an {@link ApprovalMemo}; gone once it is answered. */
export const approvalMemoKey = 'approval';

export type ApprovalMemo = Pick<ApprovalState, 'title' | 'sinceMs' | 'untilMs'>;

/** The answer to what was asked. */
export interface Approval {
  readonly approved: boolean;
  /** Who answered: a name for the record. */
  readonly by: string;
  readonly note?: string;
}

/** What somebody is asked to approve. */
export interface ApprovalState {
  readonly title: string;
  readonly reasons: readonly string[];
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly diff?: ArtifactRef;
}
