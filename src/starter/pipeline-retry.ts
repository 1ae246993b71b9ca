import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { PipelineStepState } from '../contracts/pipeline-run';
import { pipelineWorkflowTypes } from '../contracts/pipeline-run';
import { endedWith } from '../contracts/pipeline-ends';
import type { PipelineInput, ReusedStep, StepEnd } from '../contracts/pipeline-steps';
import { withDependants } from '../contracts/pipeline-selection';
import { isOver } from '../contracts/workflow-status';
import { pipelineOutputs, pipelineState } from './pipelines';

/** A run can't be retried; the message says why, and what to do. */
export class PipelineRetryError extends Error {
  override readonly name = 'PipelineRetryError';
}

/** What a retry is started with, and what it takes over. */
export interface PipelineRetry {
  readonly input: PipelineInput;
  /** Steps that are taken over. */
  readonly reused: readonly string[];
  /** Steps that run again. */
  readonly runs: readonly string[];
}

/**
 * What runs again of a run that has failed, was cancelled or was terminated: with its definition,
 * its parameters, its scheduled time and its files as they were staged at its start. What succeeded
 * is reused, with its outputs.
 *
 * @throws PipelineRetryError it succeeded, it or a step of it still runs, or is no pipeline
 */
export async function pipelineRetry(client: Client, workflowId: string): Promise<PipelineRetry> {
  const found = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch((error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new PipelineRetryError(
        `${workflowId} is not known: \`remote-jobs pipeline list\` shows the runs.`,
      );
    });
  if (found.type !== pipelineWorkflowTypes.pipeline) {
    throw new PipelineRetryError(`${workflowId} is no run of a pipeline, but a ${found.type}.`);
  }
  // Whatever isn't over may still bring forth steps.
  if (!isOver(found.status.name)) {
    throw new PipelineRetryError(
      `${workflowId} still runs: wait for its end (remote-jobs watch), or cancel it first.`,
    );
  }
  if (found.status.name === 'COMPLETED') {
    throw new PipelineRetryError(
      `${workflowId} succeeded: there is nothing to retry. Run the pipeline again instead.`,
    );
  }
  const { steps: told } = await pipelineState(client, workflowId);
  const late = await endedSince(client, workflowId, told);
  const steps = told.map((step) =>
    late.has(step.name) ? { ...step, ...late.get(step.name) } : step,
  );
  const before = await startedWith(client, workflowId);
  const outputs = await pipelineOutputs(client, workflowId);
  const again = runAgain(steps);
  const reused: Record<string, ReusedStep> = {};
  for (const { name, standing, workflowId: from, runId, remoteId } of steps) {
    const succeeded = standing === 'succeeded' || standing === 'reused';
    if (!succeeded || from === undefined || again.has(name)) continue;
    reused[name] = {
      workflowId: from,
      runId,
      remoteId,
      outputs: late.get(name)?.outputs ?? outputs[name],
    };
  }
  const leftOut = steps.filter(({ standing }) => standing === 'leftOut').map(({ name }) => name);
  const { carried: _carried, ...input } = before;
  const isOpen = ({ name, standing }: PipelineStepState) =>
    again.has(name) || (standing === 'skipped' && !isHandler(input, name));
  return {
    input: { ...input, leftOut, reused, retryOf: workflowId },
    reused: Object.keys(reused),
    runs: steps.filter(isOpen).map(({ name }) => name),
  };
}

/**
 * How steps have ended that ran when their pipeline was ended from outside: they go on without it.
 * One that still runs would have its job beside it, done twice.
 *
 * @throws PipelineRetryError some still run
 */
async function endedSince(
  client: Client,
  pipelineId: string,
  steps: readonly PipelineStepState[],
): Promise<ReadonlyMap<string, StepEnd>> {
  const ended = new Map<string, StepEnd>();
  const running: string[] = [];
  async function ask({ name, kind, workflowId = '' }: PipelineStepState): Promise<void> {
    const step = client.workflow.getHandle(workflowId);
    try {
      const { status } = await step.describe();
      if (!isOver(status.name)) running.push(name);
      if (status.name === 'COMPLETED') ended.set(name, endedWith(kind, await step.result()));
    } catch (error) {
      // It was on the point of starting, and won't: a run that has closed starts no child any more
      // (docs/decisions/0026). So nothing can begin between this look and the retry's own step.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  await Promise.all(steps.filter(({ standing }) => standing === 'running').map(ask));
  const [first] = running;
  if (first === undefined) return ended;
  const more = running.length > 1 ? ` (and ${running.length - 1} more)` : '';
  throw new PipelineRetryError(
    `The step ${first}${more} of ${pipelineId} still runs, though the pipeline was ended from outside: wait for its end (remote-jobs watch ${pipelineId}/${first}), or cancel it first.`,
  );
}

/**
 * What didn't come to a good end, and whatever needs it: a step that ran because of a failure, or in
 * any case, runs for the retry as well. What was skipped needs one of them, or is looked at anew. A
 * step that was left out ends a line: who needs it didn't wait for what it needs.
 */
function runAgain(steps: readonly PipelineStepState[]): ReadonlySet<string> {
  const ended = new Set(['succeeded', 'reused', 'skipped', 'leftOut']);
  const open = steps.flatMap(({ name, standing }) => (ended.has(standing) ? [] : [name]));
  const chosen = steps.filter(({ standing }) => standing !== 'leftOut');
  return withDependants(chosen, open);
}

/** A handler of failures whose needs all succeeded has nothing to do again. */
function isHandler({ graph }: PipelineInput, name: string): boolean {
  return graph.steps.find((step) => step.name === name)?.when === 'failure';
}

/** The input of its latest run, which says all that its first one did. */
async function startedWith(client: Client, workflowId: string): Promise<PipelineInput> {
  const { namespace, loadedDataConverter } = client.options;
  const { payloadCodecs, payloadConverter } = loadedDataConverter;
  // The first event alone: a history may be long.
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const [first] = history?.events ?? [];
  let payloads = first?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  for (const codec of [...payloadCodecs].reverse()) payloads = await codec.decode(payloads);
  const [payload] = payloads;
  if (payload === undefined)
    throw new PipelineRetryError(`${workflowId} was started without input.`);
  return payloadConverter.fromPayload<PipelineInput>(payload);
}
