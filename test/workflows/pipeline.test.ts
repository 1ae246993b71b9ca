import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { cancelJob } from '../../src/starter/cancel';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { pipelineRetry } from '../../src/starter/pipeline-retry';
import { pipelineState, startPipeline } from '../../src/starter/pipelines';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';
import { standings, startSteps, task } from './pipeline-stage';

let linkis: LocalLinkis;
let stack: JobStack;

beforeAll(async () => {
  linkis = await LocalLinkis.start({ maxConcurrentTasks: 16 });
  const token = { value: 'local-token' };
  stack = await jobStack({ cluster: { type: 'linkis', url: linkis.url, user: 'hadoop', token } });
});
afterAll(async () => {
  await stack.close();
  await linkis.close();
});

const quick = 'select 1 as one';
const wrong = 'select * from no_such_table';
const endless = '-- local: delay 30m\nselect 1 as one';

/** The service's tasks of one run, in the order of their submits. */
function tasksOf(workflowId: string) {
  return linkis
    .tasks()
    .filter(({ source }: any) => String(source?.remoteJobsWorkflowId).startsWith(`${workflowId}/`));
}

function stepsOf(workflowId: string): string[] {
  return tasksOf(workflowId).map(({ source }: any) =>
    String(source.remoteJobsWorkflowId).slice(workflowId.length + 1),
  );
}

test('steps run once each, after what they need, and the run tells how many succeeded', async () => {
  const run = await startSteps(stack, {
    load: { run: task(quick) },
    left: { run: task(quick), needs: ['load'] },
    right: { run: task(quick), needs: ['load'] },
    end: { run: task(quick), needs: ['left', 'right'] },
  });
  expect(await run.result()).toMatchObject({
    pipeline: 'tested',
    counts: { succeeded: 4, failed: 0 },
    failed: [],
  });
  const order = stepsOf(run.workflowId);
  expect([...order].sort()).toEqual(['end', 'left', 'load', 'right']);
  expect([order[0], order[3]]).toEqual(['load', 'end']);
  const { client } = stack.temporal;
  const { steps, standing } = await pipelineState(client, run.workflowId);
  expect(standing).toBe('succeeded');
  expect(steps[0]).toMatchObject({
    name: 'load',
    kind: 'linkis',
    standing: 'succeeded',
    workflowId: `${run.workflowId}/load`,
    remoteId: expect.stringMatching(/^\d+$/),
  });
  // A step is a job like any other.
  const load = await awaitOutcome<any>(client, `${run.workflowId}/load`);
  expect(load).toMatchObject({ kind: 'succeeded', result: { status: 'Succeed' } });
});

test('a failed step stops what needs it, says why, and lets the others come to their end', async () => {
  const run = await startSteps(stack, {
    load: { run: task(wrong) },
    beside: { run: task(quick) },
    next: { run: task(quick), needs: ['load'] },
    after: { run: task(quick), needs: ['next', 'beside'] },
    tell: { run: task(quick), needs: ['after'], when: 'failure' },
    unneeded: { run: task(quick), needs: ['beside'], when: 'failure' },
    tidy: { run: task(quick), needs: ['after'], when: 'always' },
  });
  const outcome = await awaitOutcome(stack.temporal.client, run.workflowId);
  expect(outcome).toMatchObject({
    kind: 'failed',
    type: 'Pipeline.Failed',
    message: expect.stringMatching(/^1 of 7 steps of the pipeline tested did not succeed: load: /),
    report: { pipeline: { counts: { succeeded: 3, failed: 1, skipped: 3 } } },
  });
  const { steps } = await pipelineState(stack.temporal.client, run.workflowId);
  expect(steps.map(({ name, standing, words }) => [name, standing, words])).toEqual([
    ['load', 'failed', expect.stringContaining('no_such_table')],
    ['beside', 'succeeded', undefined],
    ['next', 'skipped', 'load failed'],
    ['after', 'skipped', 'next was skipped'],
    ['tell', 'succeeded', undefined],
    ['unneeded', 'skipped', 'nothing that it needs failed'],
    ['tidy', 'succeeded', undefined],
  ]);
});

test('no more steps run at once than may', async () => {
  const steps = Array.from({ length: 5 }, (_, at) => [`s${at}`, { run: task(endless) }] as const);
  const run = await startSteps(stack, Object.fromEntries(steps), { maxParallel: 2 });
  for (let ended = 0; ended < 5; ended += 2) {
    const under = Math.min(2, 5 - ended);
    await until(
      async () =>
        tasksOf(run.workflowId).filter(({ status }) => status === 'Running').length === under,
    );
    expect(await standings(stack, run.workflowId)).toMatchObject({});
    expect(tasksOf(run.workflowId)).toHaveLength(ended + under);
    linkis.endDelays();
    await until(
      async () =>
        tasksOf(run.workflowId).filter(({ status }) => status === 'Succeed').length >=
        ended + under,
    );
  }
  expect(await run.result()).toMatchObject({ counts: { succeeded: 5 } });
});

test('a failed step is tried again as its retry says, each attempt a run of its own', async () => {
  const retry = { maxAttempts: 3, initialMs: 10, factor: 2, mostMs: 50 };
  const run = await startSteps(stack, {
    load: { run: task(wrong), retry },
    mistaken: { run: task(quick, { engine: 'spark' }), retry },
  });
  expect(await awaitOutcome(stack.temporal.client, run.workflowId)).toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('2 of 2 steps'),
  });
  expect(stepsOf(run.workflowId)).toEqual(['load', 'load', 'load']);
  const { steps } = await pipelineState(stack.temporal.client, run.workflowId);
  expect(steps).toMatchObject([
    { standing: 'failed', attempts: 3, failureType: 'RemoteJob.Failed' },
    { standing: 'failed', failureType: 'RemoteJob.InvalidInput' },
  ]);
  expect(steps[1]?.attempts).toBeUndefined();
});

test('a cancel reaches every step under way, waits for each proof, and begins nothing more', async () => {
  const run = await startSteps(stack, {
    one: { run: task(endless) },
    two: { run: task(endless) },
    next: { run: task(quick), needs: ['one'] },
    tidy: { run: task(quick), needs: ['one'], when: 'always' },
  });
  await until(
    async () => tasksOf(run.workflowId).filter(({ status }) => status === 'Running').length === 2,
  );
  const { client } = stack.temporal;
  expect((await cancelJob(client, run.workflowId)).kind).toBe('cancelled');
  expect(tasksOf(run.workflowId).map(({ status }) => status)).toEqual(['Cancelled', 'Cancelled']);
  const { standing, steps } = await pipelineState(client, run.workflowId);
  expect(standing).toBe('cancelled');
  expect(steps).toMatchObject([
    { standing: 'cancelled', kill: { outcome: 'confirmed' } },
    { standing: 'cancelled', kill: { outcome: 'confirmed' } },
    { standing: 'skipped', words: 'the pipeline was cancelled' },
    { standing: 'skipped' },
  ]);
});

test('a run whose time is up ends its steps with proof, and fails as out of time', async () => {
  const run = await startSteps(
    stack,
    { slow: { run: task(endless) }, next: { run: task(quick), needs: ['slow'] } },
    { timeoutMs: 4000 },
  );
  expect(await awaitOutcome(stack.temporal.client, run.workflowId)).toMatchObject({
    kind: 'deadline',
    report: { pipeline: { counts: { cancelled: 1, skipped: 1 } } },
  });
  expect(tasksOf(run.workflowId).every(({ status }) => status === 'Cancelled')).toBe(true);
});

test('a run that continues as new takes its steps under way over: none is cancelled, none runs twice', async () => {
  const many = Array.from({ length: 30 }, (_, at) => [`s${at}`, { run: task(quick) }] as const);
  const run = await startSteps(
    stack,
    {
      long: { run: task(endless) },
      fails: { run: task('-- local: delay 30m\nselect * from no_such_table') },
      after: { run: task(quick), needs: ['long'] },
      ...Object.fromEntries(many),
    },
    { historyEvents: 60, maxParallel: 6 },
  );
  const { client } = stack.temporal;
  await until(
    async () =>
      (await pipelineState(client, run.workflowId)).counts.succeeded === 30 &&
      (await describeJob(client, run.workflowId)).runId !== run.firstExecutionRunId,
  );
  expect(await standings(stack, run.workflowId)).toMatchObject({
    long: 'running',
    fails: 'running',
    after: 'waiting',
  });
  linkis.endDelays();
  expect(await awaitOutcome(client, run.workflowId)).toMatchObject({
    kind: 'failed',
    report: { pipeline: { counts: { succeeded: 32, failed: 1 } } },
  });
  const ran = stepsOf(run.workflowId);
  expect(new Set(ran).size).toBe(33);
  expect(ran).toHaveLength(33);
});

test('a cancel after a hand-over reaches steps of earlier runs; one that is terminated is heard of', async () => {
  const many = Array.from({ length: 20 }, (_, at) => [`s${at}`, { run: task(quick) }] as const);
  const run = await startSteps(
    stack,
    { one: { run: task(endless) }, two: { run: task(endless) }, ...Object.fromEntries(many) },
    { historyEvents: 60, maxParallel: 6 },
  );
  const { client } = stack.temporal;
  await until(
    async () =>
      (await pipelineState(client, run.workflowId)).counts.succeeded === 20 &&
      (await describeJob(client, run.workflowId)).runId !== run.firstExecutionRunId,
  );
  await client.workflow.getHandle(`${run.workflowId}/two`).terminate('by a test');
  await until(async () => (await standings(stack, run.workflowId)).two === 'failed');
  await cancelJob(client, run.workflowId);
  expect((await pipelineState(client, run.workflowId)).steps.slice(0, 2)).toMatchObject([
    { standing: 'cancelled', kill: { outcome: 'confirmed' } },
    { standing: 'failed', words: expect.stringContaining('from outside') },
  ]);
});

test('a retry runs what failed or was skipped, reuses the rest with its outputs, and a retry of it works', async () => {
  const { client, taskQueue } = stack.temporal;
  const run = await startSteps(stack, {
    load: { run: task(quick) },
    fails: { run: task(wrong), needs: ['load'] },
    after: { run: task(quick), needs: ['fails'], uses: ['load'] },
  });
  await expect(pipelineRetry(client, run.workflowId)).rejects.toThrow('still runs');
  await awaitOutcome(client, run.workflowId);
  const retry = await pipelineRetry(client, run.workflowId);
  expect(retry).toMatchObject({ reused: ['load'], runs: ['fails', 'after'] });
  const { runId } = await describeJob(client, `${run.workflowId}/load`);
  expect(retry.input.reused?.load).toMatchObject({
    workflowId: `${run.workflowId}/load`,
    runId,
    outputs: { taskId: expect.stringMatching(/^\d+$/) },
  });
  const workflowId = `${run.workflowId}-again`;
  const again = await startPipeline(client, retry.input, { workflowId, taskQueue });
  await awaitOutcome(client, again.workflowId);
  expect(stepsOf(again.workflowId)).toEqual(['fails']);
  const state = await pipelineState(client, again.workflowId);
  expect(state).toMatchObject({
    retryOf: run.workflowId,
    counts: { reused: 1, failed: 1, skipped: 1 },
  });
  expect(state.steps[0]?.workflowId).toBe(`${run.workflowId}/load`);
  const third = await pipelineRetry(client, again.workflowId);
  expect(third).toMatchObject({ reused: ['load'], runs: ['fails', 'after'] });
  expect(third.input.reused?.load).toMatchObject({ workflowId: `${run.workflowId}/load`, runId });
});

test('a retry leaves out what its run left out, and runs nothing again for what lies before that', async () => {
  const { client } = stack.temporal;
  const run = await startSteps(
    stack,
    {
      load: { run: task(wrong) },
      mart: { run: task(quick), needs: ['load'] },
      tell: { run: task(quick), needs: ['mart'] },
      after: { run: task(quick), needs: ['load', 'tell'] },
    },
    { leftOut: ['mart'] },
  );
  await awaitOutcome(client, run.workflowId);
  expect(await standings(stack, run.workflowId)).toEqual({
    load: 'failed',
    mart: 'leftOut',
    tell: 'succeeded',
    after: 'skipped',
  });
  const { input, reused, runs } = await pipelineRetry(client, run.workflowId);
  expect({ reused, runs }).toEqual({ reused: ['tell'], runs: ['load', 'after'] });
  expect(input.leftOut).toEqual(['mart']);
});

test('a retry of a terminated run waits for its steps, which go on, and reuses what they left', async () => {
  const { client } = stack.temporal;
  const run = await startSteps(stack, {
    load: { run: task(quick) },
    ends: { run: task('-- local: delay 5s\nselect 1 as one'), needs: ['load'] },
    runs: { run: task(endless), needs: ['load'] },
    after: { run: task(quick), needs: ['ends'], uses: ['ends'] },
  });
  await until(async () => stepsOf(run.workflowId).length === 3);
  await client.workflow.getHandle(run.workflowId).terminate('by a test');
  await expect(pipelineRetry(client, run.workflowId)).rejects.toThrow(/step .* still runs/);
  await cancelJob(client, `${run.workflowId}/runs`);
  await awaitOutcome(client, `${run.workflowId}/ends`);
  const { input, reused, runs } = await pipelineRetry(client, run.workflowId);
  expect({ reused, runs }).toEqual({ reused: ['load', 'ends'], runs: ['runs', 'after'] });
  expect(input.reused?.ends).toMatchObject({
    outputs: { taskId: expect.stringMatching(/^\d+$/) },
  });
});
