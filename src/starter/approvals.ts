import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { approvalMessages, type Approval, type ApprovalState } from '../contracts/approval';
import { chainWorkflowTypes } from '../contracts/chain-asking';
import { pipelineWorkflowTypes, type PipelineStepMemo } from '../contracts/pipeline-run';
import { isOpen } from '../contracts/workflow-status';
import { isTooLate } from './chain-errors';
import { describeJob, summary, type JobDescription } from './describe';
import { sendUpdate } from './send-update';

/** Something that waits for a person's yes or no. */
export interface PendingApproval {
  /** Of the refresh, or of the pipeline's step, that waits. */
  readonly workflowId: string;
  /** Of a refresh. */
  readonly connection?: string;
  readonly chain?: string;
  /** Of a pipeline's step. */
  readonly pipeline?: PipelineStepMemo;
  readonly title: string;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  /** Without an answer it fails then; epoch milliseconds. */
  readonly untilMs: number;
}

/** How long a workflow is asked. */
export interface ApprovalCallOptions {
  /** How long an answer is waited for, in milliseconds; it needs a worker. @default 30 seconds */
  readonly withinMs?: number;
}

const defaultWithinMs = 30_000;

/**
 * - `nothingWaits`: no approval is due there (any more).
 * - `ambiguous`: chains of that name wait on several connections.
 * - `refused`: the workflow didn't take the answer; somebody was faster, or it is incomplete.
 * - `unanswered`: no worker answered in time.
 */
export type ApprovalErrorCode = 'nothingWaits' | 'ambiguous' | 'refused' | 'unanswered';

/** An approval can't be shown or answered; the message says why, and what to do. */
export class ApprovalError extends Error {
  override readonly name = 'ApprovalError';

  constructor(
    readonly code: ApprovalErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Refreshes whose gate waits, and steps of pipelines that ask, the oldest first. Needs no worker; the list may lag behind by a moment. */
export async function pendingApprovals(client: Client): Promise<PendingApproval[]> {
  const found: PendingApproval[] = [];
  for await (const refresh of client.workflow.list({
    query: `WorkflowType IN ('${chainWorkflowTypes.refresh}', '${pipelineWorkflowTypes.step}') AND ExecutionStatus = 'Running'`,
  })) {
    const pending = pendingOf(summary(refresh));
    if (pending !== undefined) found.push(pending);
  }
  return found.sort((one, other) => one.sinceMs - other.sinceMs);
}

/**
 * The approval that an id means: a refresh's own, that of the workflow which asked for it, the
 * chain's, or the chain's name; a pipeline's step, or the pipeline where one step of it waits.
 *
 * @param connection where chains of one name are on several
 * @throws ApprovalError `nothingWaits` · `ambiguous`
 */
export async function findApproval(
  client: Client,
  id: string,
  connection?: string,
): Promise<PendingApproval> {
  const found = await describeJob(client, id).catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  });
  const own = found && pendingOf(found);
  if (own !== undefined) return own;
  const chainId = found?.workflowType === chainWorkflowTypes.chain ? id : undefined;
  const there = (await pendingApprovals(client)).filter(
    (pending) =>
      (pending.chain === id ||
        pending.pipeline?.pipelineId === id ||
        pending.workflowId.startsWith(`${chainId}/`)) &&
      (connection === undefined || pending.connection === connection),
  );
  const [only] = there;
  if (only === undefined) {
    const state =
      found === undefined || isOpen(found.status) ? '' : `: ${found.status.toLowerCase()}`;
    throw new ApprovalError('nothingWaits', `Nothing waits for an approval at ${id}${state}.`);
  }
  if (there.length === 1) return only;
  if (only.pipeline !== undefined) {
    const steps = there.map(({ pipeline }) => pipeline?.step).join(', ');
    throw new ApprovalError('ambiguous', `Several steps of ${id} wait (${steps}): name one.`);
  }
  const connections = there.map((pending) => pending.connection).join(', ');
  throw new ApprovalError(
    'ambiguous',
    `Chains called ${id} wait on several connections (${connections}): name one.`,
  );
}

/**
 * Why the gate closed, and the diff that somebody is to judge.
 *
 * @throws ApprovalError `nothingWaits` · `unanswered`
 */
export async function approvalState(
  client: Client,
  workflowId: string,
  { withinMs = defaultWithinMs }: ApprovalCallOptions = {},
): Promise<ApprovalState> {
  const state = await asked(client, workflowId, withinMs, () =>
    client.workflow
      .getHandle(workflowId)
      .query<ApprovalState | undefined, []>(approvalMessages.state),
  );
  if (state !== undefined && state !== null) return state;
  throw new ApprovalError('nothingWaits', `Nothing waits for an approval at ${workflowId}.`);
}

/**
 * Answers for a closed gate, or for a step that asks: it goes on, or fails with
 * `Chain.ApprovalRefused`. The first answer counts.
 *
 * @param workflowId the refresh's, as {@link PendingApproval} has it
 * @throws ApprovalError `nothingWaits` · `refused` · `unanswered`
 */
export async function answerApproval(
  client: Client,
  workflowId: string,
  approval: Approval,
  { withinMs = defaultWithinMs }: ApprovalCallOptions = {},
): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  await asked(client, workflowId, withinMs, () =>
    sendUpdate(() =>
      handle.executeUpdate<void, [Approval]>(approvalMessages.answer, { args: [approval] }),
    ),
  );
}

function pendingOf(found: JobDescription): PendingApproval | undefined {
  const { refresh, step, approval: asked } = found;
  if (step?.kind === 'approval' && asked !== undefined && asked !== null) {
    if (!isOpen(found.status)) return undefined;
    return { workflowId: found.workflowId, pipeline: step, ...asked };
  }
  if (refresh?.approval === undefined || refresh.approval === null) return undefined;
  const { connection, chain, workflowId, approval } = refresh;
  return workflowId === undefined ? undefined : { workflowId, connection, chain, ...approval };
}

async function asked<Value>(
  client: Client,
  workflowId: string,
  withinMs: number,
  ask: () => Promise<Value>,
): Promise<Value> {
  try {
    return await client.withDeadline(Date.now() + withinMs, ask);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new ApprovalError(
        'nothingWaits',
        `Nothing waits for an approval at ${workflowId}: it has ended.`,
      );
    }
    if (isTooLate(error)) {
      throw new ApprovalError(
        'unanswered',
        `${workflowId} did not answer within ${withinMs / 1000} s: is a worker running on its task queue? An answer that was given may still be taken when one comes.`,
      );
    }
    if (error instanceof WorkflowUpdateFailedError) {
      const words = error.cause?.message ?? error.message;
      throw new ApprovalError('refused', `The answer was not taken: ${words}.`);
    }
    throw error;
  }
}
