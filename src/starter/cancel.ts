import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { awaitOutcome, type JobOutcome } from './outcome';

/** Asks for a cancel; one that comes after the end does nothing. */
export async function requestCancel(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId, runId).cancel();
  } catch (error) {
    // It has closed already, or doesn't exist; whoever asks for its outcome learns which.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/**
 * Cancels a job and waits until its workflow has closed, with the kill report. A job that ended
 * before the cancel reached it is answered as it ended.
 *
 * The cancel is recorded at once; the kill, and so the answer, needs a worker.
 *
 * @throws WorkflowNotFoundError where there is no such workflow
 */
export async function cancelJob<Result>(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<JobOutcome<Result>> {
  await requestCancel(client, workflowId, runId);
  return awaitOutcome<Result>(client, workflowId, runId);
}
