import { Readable } from 'node:stream';
import type { LinkisTaskInput } from '../../src/contracts/linkis';
import type { PipelineSnapshot } from '../../src/contracts/pipeline-snapshot';
import type { GraphStep, PipelineInput, PreparedStep } from '../../src/contracts/pipeline-steps';
import { pipelineState, startPipeline } from '../../src/starter/pipelines';
import type { JobStack } from '../support/job-stack';

/** One step of a test's pipeline: what it needs, and what it does. */
export interface TestStep extends Partial<Omit<GraphStep, 'name' | 'kind'>> {
  readonly run: PreparedStep;
}

export function task(code: string, more: Partial<LinkisTaskInput> = {}): PreparedStep {
  const input = { code, engine: 'spark-2.4.3', runType: 'sql', ...more };
  return { type: 'linkisTask', input };
}

const kinds = {
  linkisTask: 'linkis',
  sqlflowJob: 'sqlflow',
  sqlflowPersistJob: 'sqlflow',
  chainRefresh: 'chain',
  approval: 'approval',
} as const;

let count = 0;

/** What a pipeline of these steps is started with. */
export async function pipelineInput(
  stack: Pick<JobStack, 'store'>,
  steps: Readonly<Record<string, TestStep>>,
  { maxParallel = 8, timeoutMs, ...more }: Partial<PipelineInput & PipelineInput['graph']> = {},
): Promise<PipelineInput> {
  const name = 'tested';
  const graph = {
    name,
    maxParallel,
    timeoutMs,
    steps: Object.entries(steps).map(([step, { run, needs = [], ...rest }]) => ({
      name: step,
      kind: kinds[run.type],
      needs,
      ...rest,
    })),
  };
  const snapshot: PipelineSnapshot = {
    version: 1,
    name,
    params: {},
    scheduledAtMs: Date.UTC(2026, 4, 1),
    timeZone: 'UTC',
    steps: Object.fromEntries(Object.entries(steps).map(([step, { run }]) => [step, run])),
  };
  const { signal } = new AbortController();
  const artifact = await stack.store.putByHash(Readable.from([JSON.stringify(snapshot)]), {
    format: 'json',
    signal,
  });
  return { ...more, graph, snapshot: artifact };
}

/** Starts a pipeline on the stack's own queue. */
export async function startSteps(
  stack: JobStack,
  steps: Readonly<Record<string, TestStep>>,
  more: Partial<PipelineInput & PipelineInput['graph']> = {},
) {
  const { client, taskQueue } = stack.temporal;
  const input = await pipelineInput(stack, steps, more);
  const workflowId = `${taskQueue}/pipeline-${(count += 1)}`;
  return startPipeline(client, input, { workflowId, taskQueue });
}

/** Each step's standing. */
export async function standings(
  stack: JobStack,
  workflowId: string,
): Promise<Record<string, string>> {
  const { steps } = await pipelineState(stack.temporal.client, workflowId);
  return Object.fromEntries(steps.map(({ name, standing }) => [name, standing]));
}
