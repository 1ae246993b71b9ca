import type { Client } from '@temporalio/client';
import { chainWorkflowTypes } from '../contracts/chain-asking';
import { workflowTypes } from '../contracts/names';
import { summary, type JobDescription } from './describe';

/** Which job workflows are listed, and how many. */
export interface ListOptions {
  /** @default false: closed ones too */
  readonly runningOnly?: boolean;
  /** @default 50 */
  readonly limit?: number;
}

/** Job workflows, newest first; of a chain's refresh the workflow that asked for it. */
export async function* listJobs(
  client: Client,
  { runningOnly = false, limit = 50 }: ListOptions = {},
): AsyncGenerator<JobDescription> {
  const types = [...Object.values(workflowTypes), chainWorkflowTypes.request].map(
    (type) => `'${type}'`,
  );
  const running = runningOnly ? " AND ExecutionStatus = 'Running'" : '';
  let left = limit;
  if (left <= 0) return;
  for await (const found of client.workflow.list({
    query: `WorkflowType IN (${types.join(', ')})${running}`,
    pageSize: Math.min(limit, 1000),
  })) {
    yield summary(found);
    left -= 1;
    if (left === 0) return;
  }
}
