import type { WorkflowExecutionDescription } from '@temporalio/client';
import { approvalMemoKey, type ApprovalMemo } from '../contracts/approval';
import {
  chainRefreshMemoKey,
  chainWorkflowTypes,
  type ChainRefreshMemo,
} from '../contracts/chain-asking';

/** Whose refresh it is, and where it stands. */
export interface RefreshStanding {
  readonly connection: string;
  readonly chain: string;
  readonly requestId: string;
  /** The refresh's own workflow, once it has begun; unknown in a list. */
  readonly workflowId?: string;
  /** What somebody is asked to approve. */
  readonly approval?: ApprovalMemo;
}

/** Undefined for a workflow that has nothing to do with a chain's refresh. */
export function standingOf({
  memo,
  type,
  workflowId,
  runId,
}: Pick<WorkflowExecutionDescription, 'memo' | 'type' | 'workflowId' | 'runId'>):
  RefreshStanding | undefined {
  const whose = memo?.[chainRefreshMemoKey] as ChainRefreshMemo | undefined;
  if (whose === undefined) return undefined;
  const isItself = type === chainWorkflowTypes.refresh;
  return {
    connection: whose.connection,
    chain: whose.name,
    // Who asks is known to the chain by its run.
    requestId: whose.requestId ?? runId,
    workflowId: isItself ? workflowId : undefined,
    approval: memo?.[approvalMemoKey] as ApprovalMemo | undefined,
  };
}
