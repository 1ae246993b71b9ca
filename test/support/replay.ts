import type { Client } from '@temporalio/client';
import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';

/**
 * Replays every run that has ended on a task queue: a workflow that takes another way than its own
 * history would block for ever in somebody's production.
 *
 * @returns how many runs were replayed
 * @throws Error that names every run whose replay failed
 */
export async function replayFinished(
  client: Client,
  taskQueue: string,
  workflowBundle: ReplayWorkerOptions['workflowBundle'],
): Promise<number> {
  const histories = async function* () {
    for await (const listed of client.workflow.list({ query: `TaskQueue = "${taskQueue}"` })) {
      const handle = client.workflow.getHandle(listed.workflowId, listed.runId);
      // The list lags behind; the server itself knows.
      const { status } = await handle.describe();
      if (status.name === 'RUNNING') continue;
      yield { workflowId: listed.workflowId, history: await handle.fetchHistory() };
    }
  };
  const problems: string[] = [];
  let replayed = 0;
  for await (const result of Worker.runReplayHistories({ workflowBundle }, histories())) {
    replayed += 1;
    if (result.error) problems.push(`${result.workflowId}: ${result.error.message}`);
  }
  if (problems.length > 0) throw new Error(`Replay failed for ${problems.join('; ')}`);
  return replayed;
}
