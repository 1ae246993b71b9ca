import type { Client } from '@temporalio/client';
import { chainWorkflowTypes } from '../contracts/chain-asking';
import { workflowTypes } from '../contracts/names';
import { pipelineWorkflowTypes } from '../contracts/pipeline-run';
import { summary, type JobDescription } from './describe';

/** What a list is of: one service's jobs, refreshes of chains, or runs of pipelines. */
export const listedTypes = ['linkis', 'sqlflow', 'chain', 'pipeline'] as const;
export type ListedType = (typeof listedTypes)[number];

/** Which workflows are listed, and how many. */
export interface ListOptions {
  /** @default all; of a schedule's runs only those of pipelines can be told apart */
  readonly type?: ListedType;
  /** @default false: closed ones too */
  readonly runningOnly?: boolean;
  /** @default 50 */
  readonly limit?: number;
}

const { scheduledRun, linkisTask, linkisAttach, ...sqlflow } = workflowTypes;
const typesOf: Readonly<Record<ListedType, readonly string[]>> = {
  linkis: [linkisTask, linkisAttach],
  sqlflow: Object.values(sqlflow),
  chain: [chainWorkflowTypes.request],
  pipeline: [pipelineWorkflowTypes.pipeline],
};

/**
 * Job workflows and runs of pipelines, newest first; of a chain's refresh the workflow that asked for
 * it. A pipeline's steps are not among them: `pipelineState` tells them.
 */
export async function* listJobs(
  client: Client,
  { type, runningOnly = false, limit = 50 }: ListOptions = {},
): AsyncGenerator<JobDescription> {
  const wanted =
    type === undefined ? [...Object.values(typesOf).flat(), scheduledRun] : typesOf[type];
  const types = wanted.map((one) => `'${one}'`);
  // A run that continued as new is no end: the next one goes on.
  const which = runningOnly ? "= 'Running'" : "!= 'ContinuedAsNew'";
  let left = limit;
  if (left <= 0) return;
  for await (const found of client.workflow.list({
    query: `WorkflowType IN (${types.join(', ')}) AND ExecutionStatus ${which}`,
    pageSize: Math.min(limit, 1000),
  })) {
    yield summary(found);
    left -= 1;
    if (left === 0) return;
  }
}
