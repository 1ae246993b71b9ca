import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { RemoteJobMemo } from '../../src/contracts/job';
import { remoteJobMemoKey } from '../../src/contracts/names';
import type { StepKills, StepKillsInput } from '../../src/contracts/pipeline-steps';
import type { ActivitySession } from '../session';

const askedAtOnce = 20;

/** Asks the server alone, which keeps each step's memo. */
export async function stepKills(
  { workflowIds }: StepKillsInput,
  session: ActivitySession,
): Promise<StepKills> {
  const { client } = Context.current();
  const kills: Record<string, StepKills['kills'][string]> = {};
  async function ask(workflowId: string): Promise<void> {
    try {
      const { memo } = await session.untilAborted(client.workflow.getHandle(workflowId).describe());
      const { remoteId, kill } = (memo?.[remoteJobMemoKey] ?? {}) as Partial<RemoteJobMemo>;
      kills[workflowId] = { remoteId, kill };
    } catch (error) {
      // Cancelled before it was begun.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  for (let from = 0; from < workflowIds.length; from += askedAtOnce) {
    await Promise.all(workflowIds.slice(from, from + askedAtOnce).map(ask));
  }
  return { kills };
}
