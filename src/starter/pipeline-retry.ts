import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { PipelineStepState } from '../contracts/pipeline-run';
import { pipelineWorkflowTypes } from '../contracts/pipeline-run';
import type { PipelineInput, ReusedStep } from '../contracts/pipeline-steps';
import { pipelineOutputs, pipelineState } from './pipelines';

/** A run can't be retried; the message says why, and what to do. */
export class PipelineRetryError extends Error {
  override readonly name = 'PipelineRetryError';
}

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
 * @throws PipelineRetryError it succeeded, still runs, or is no pipeline
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
  if (found.status.name === 'RUNNING') {
    throw new PipelineRetryError(
      `${workflowId} still runs: wait for its end (remote-jobs watch), or cancel it first.`,
    );
  }
  if (found.status.name === 'COMPLETED') {
    throw new PipelineRetryError(
      `${workflowId} succeeded: there is nothing to retry. Run the pipeline again instead.`,
    );
  }
  const { steps } = await pipelineState(client, workflowId);
  const before = await startedWith(client, workflowId);
  const outputs = await pipelineOutputs(client, workflowId);
  const reused: Record<string, ReusedStep> = {};
  for (const step of steps) {
    const taken = takenOver(step);
    if (taken !== undefined) reused[step.name] = { ...taken, outputs: outputs[step.name] };
  }
  const leftOut = steps.filter(({ standing }) => standing === 'leftOut').map(({ name }) => name);
  const { carried: _carried, ...input } = before;
  return {
    input: { ...input, leftOut, reused, retryOf: workflowId },
    reused: Object.keys(reused),
    runs: steps
      .map(({ name }) => name)
      .filter((name) => reused[name] === undefined && !leftOut.includes(name)),
  };
}

function takenOver({ standing, workflowId, remoteId }: PipelineStepState): ReusedStep | undefined {
  if (standing !== 'succeeded' && standing !== 'reused') return undefined;
  return workflowId === undefined ? undefined : { workflowId, remoteId };
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
