import type { SqlFlowClient } from '../../src/clients/sqlflow/client';
import type { DeletedReplaced } from '../../src/contracts/chain-steps';
import type { ActivitySession } from '../session';
import { deleteJob } from '../sqlflow/kill-job';

/** Deletes the jobs that a new generation has replaced; one that can't be deleted is named. */
export async function deleteReplaced(
  client: SqlFlowClient,
  jobIds: readonly string[],
  session: ActivitySession,
): Promise<DeletedReplaced> {
  const left: string[] = [];
  const warnings: string[] = [];
  for (const jobId of jobIds) {
    const words = await whyLeft(client, jobId, session);
    if (words === undefined) continue;
    left.push(jobId);
    warnings.push(`the replaced SQLFlow job ${jobId} is still to be deleted: ${words}`);
  }
  return { left, warnings };
}

async function whyLeft(
  client: SqlFlowClient,
  jobId: string,
  session: ActivitySession,
): Promise<string | undefined> {
  try {
    const { outcome, evidence } = await deleteJob(client, { jobId }, session);
    return outcome === 'removed' ? undefined : evidence;
  } catch (error) {
    session.signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
}
