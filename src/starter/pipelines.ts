import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { historyLimitBytes, jsonBytes } from '../contracts/history-size';
import { defaultTaskQueue } from '../contracts/names';
import {
  pipelineMemoKey,
  pipelineOutputsQueryName,
  pipelineStateQueryName,
  pipelineWorkflowTypes,
  type PipelineMemo,
  type PipelineOutputs,
  type PipelineState,
  type PipelineStatePage,
  type PipelineStepState,
} from '../contracts/pipeline-run';
import type { PipelineInput } from '../contracts/pipeline-steps';
import type { remoteJobsPipeline } from '../../workflows/public';
import { InvalidInputError, type StartOptions } from './start';

/** A run of a pipeline, as the client holds it. */
export type PipelineHandle = WorkflowHandleWithFirstExecutionRunId<typeof remoteJobsPipeline>;

/**
 * Starts a pipeline that was read, checked and staged: the workflow `remoteJobsPipeline`, whose
 * steps are workflows of their own with the ids `<its id>/<step>`.
 *
 * @throws InvalidInputError the graph is too large for Temporal's history
 */
export async function startPipeline(
  client: Client,
  input: PipelineInput,
  { workflowId, taskQueue = defaultTaskQueue }: StartOptions = {},
): Promise<PipelineHandle> {
  const { name, steps } = input.graph;
  const sizeBytes = jsonBytes(input);
  if (sizeBytes > historyLimitBytes) {
    const problem = `take ${sizeBytes} bytes with their needs, and ${historyLimitBytes} fit into Temporal's history; make several pipelines of it`;
    throw new InvalidInputError([{ field: 'steps', problem }]);
  }
  const memo: PipelineMemo = { name, steps: steps.length, retryOf: input.retryOf };
  const handle = await client.workflow.start(pipelineWorkflowTypes.pipeline, {
    taskQueue,
    workflowId: workflowId ?? defaultPipelineId(name),
    args: [input],
    memo: { [pipelineMemoKey]: memo },
  });
  return handle as PipelineHandle;
}

/** `pipeline/nightly/1f0c2d3e` */
export function defaultPipelineId(name: string): string {
  return `pipeline/${name}/${randomUUID().slice(0, 8)}`;
}

/** How a run is asked. */
export interface PipelineCallOptions {
  /** How long an answer is waited for, in milliseconds; it needs a worker. @default 30 seconds */
  readonly withinMs?: number;
}

const defaultWithinMs = 30_000;

/** How a run stands, with all of its steps; of one that has ended, too. Needs a worker to answer. */
export async function pipelineState(
  client: Client,
  workflowId: string,
  { withinMs = defaultWithinMs }: PipelineCallOptions = {},
): Promise<PipelineState> {
  const handle = client.workflow.getHandle(workflowId);
  const ask = (page: PipelineStatePage) =>
    client.withDeadline(Date.now() + withinMs, () =>
      handle.query<PipelineState, [PipelineStatePage]>(pipelineStateQueryName, page),
    );
  const state = await ask({});
  const steps: PipelineStepState[] = [...state.steps];
  for (let from = state.nextStep; from !== undefined;) {
    const page = await ask({ fromStep: from });
    steps.push(...page.steps);
    from = page.nextStep;
  }
  return { ...state, steps, nextStep: undefined };
}

/** What its steps left for later ones; the steps that no other one reads are not among them. */
export async function pipelineOutputs(
  client: Client,
  workflowId: string,
  { withinMs = defaultWithinMs }: PipelineCallOptions = {},
): Promise<PipelineOutputs['outputs']> {
  const handle = client.workflow.getHandle(workflowId);
  const found: Record<string, PipelineOutputs['outputs'][string]> = {};
  for (let from: number | undefined = 0; from !== undefined;) {
    const page: PipelineStatePage = { fromStep: from };
    const answer: PipelineOutputs = await client.withDeadline(Date.now() + withinMs, () =>
      handle.query<PipelineOutputs, [PipelineStatePage]>(pipelineOutputsQueryName, page),
    );
    Object.assign(found, answer.outputs);
    from = answer.nextStep;
  }
  return found;
}

/** A run, as a list shows it. */
export interface PipelineSummary {
  readonly workflowId: string;
  readonly runId: string;
  /** Temporal's own word: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED. */
  readonly status: string;
  readonly startedAt: Date;
  readonly closedAt?: Date;
  readonly taskQueue: string;
  /** Name, number of steps and, once it has ended, how many ended how. */
  readonly pipeline?: PipelineMemo;
}

/** Which runs are listed, and how many. */
export interface ListPipelinesOptions {
  /** Only runs of this pipeline. */
  readonly name?: string;
  /** @default false: closed ones too */
  readonly runningOnly?: boolean;
  /** @default 50 */
  readonly limit?: number;
}

/**
 * Runs of pipelines, the newest first; those of schedules among them. One call of the server for a
 * thousand runs, none for each: what a run's line says is in its memo.
 */
export async function* listPipelines(
  client: Client,
  { name, runningOnly = false, limit = 50 }: ListPipelinesOptions = {},
): AsyncGenerator<PipelineSummary> {
  const which = runningOnly ? "= 'Running'" : "!= 'ContinuedAsNew'";
  let left = limit;
  if (left <= 0) return;
  for await (const found of client.workflow.list({
    query: `WorkflowType = '${pipelineWorkflowTypes.pipeline}' AND ExecutionStatus ${which}`,
    pageSize: name === undefined ? Math.min(limit, 1000) : 1000,
  })) {
    const { workflowId, runId, status, startTime, closeTime, taskQueue, memo } = found;
    const pipeline = memo?.[pipelineMemoKey] as PipelineMemo | undefined;
    if (name !== undefined && pipeline?.name !== name) continue;
    yield {
      workflowId,
      runId,
      status: status.name,
      startedAt: startTime,
      closedAt: closeTime,
      taskQueue,
      pipeline,
    };
    left -= 1;
    if (left === 0) return;
  }
}
