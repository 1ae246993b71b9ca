import type { LinkisTaskInput, LinkisTaskResult } from '../../src/contracts/linkis';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob } from '../../src/starter/start';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';

let linkis: LocalLinkis;
let stack: JobStack;

beforeAll(async () => {
  linkis = await LocalLinkis.start();
  stack = await jobStack({
    linkis: {
      type: 'linkis',
      url: linkis.url,
      user: 'hadoop',
      token: { value: 'local-token' },
      lostAfterMs: 2000,
    },
  });
});
afterAll(async () => {
  await stack.close();
  await linkis.close();
});
afterEach(() => linkis.service.setFaults({ faults: [] }));

const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;
const long = { ...spark, code: '-- local: delay 1200s\nselect 1' };

async function start(input: LinkisTaskInput): Promise<string> {
  const { client, taskQueue } = stack.temporal;
  return (await startJob(client, 'linkisTask', input, { taskQueue })).workflowId;
}

function outcome(workflowId: string) {
  return awaitOutcome<LinkisTaskResult>(stack.temporal.client, workflowId);
}

function cancel(workflowId: string) {
  return stack.temporal.client.workflow.getHandle(workflowId).cancel();
}

function calls(endpoint: string): number {
  return linkis.service.calls.filter((call) => call.endpoint === endpoint).length;
}

async function untilRunning(workflowId: string): Promise<void> {
  await until(async () => {
    const { progress } = await describeJob(stack.temporal.client, workflowId);
    return progress?.status === 'Running';
  });
}

async function untilSubmitting(workflowId: string, attempt: number): Promise<void> {
  await until(async () => {
    const { activity } = await describeJob(stack.temporal.client, workflowId);
    return activity?.name === 'linkisSubmitTask' && activity.attempt >= attempt;
  });
}

/** Tasks that the service holds and that have not ended. */
function atWork(): number {
  return linkis.tasks().filter(({ status }) => ['Inited', 'Scheduled', 'Running'].includes(status))
    .length;
}

test('a cancel during a submit whose attempt succeeds kills the task that it made', async () => {
  linkis.service.setFaults({ faults: [{ endpoint: 'submit', when: 'after', delayMs: 2500 }] });
  const before = atWork();
  const workflowId = await start(long);
  await until(() => Promise.resolve(atWork() > before));
  await cancel(workflowId);
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'cancelled', kill: { outcome: 'confirmed' } });
  expect(atWork()).toBe(before);
});

test('a cancel during a submit whose attempt loses its reply kills what is found by the key', async () => {
  linkis.service.setFaults({
    faults: [{ endpoint: 'submit', when: 'after', delayMs: 2500, do: 'reset' }],
  });
  const before = atWork();
  const workflowId = await start(long);
  await until(() => Promise.resolve(atWork() > before));
  await cancel(workflowId);
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'cancelled', kill: { outcome: 'confirmed' } });
  expect(atWork()).toBe(before);
});

test('a cancel during the back-off of a submit of unknown outcome kills what is found by the key', async () => {
  linkis.service.setFaults({
    faults: [
      { endpoint: 'submit', when: 'after', do: 'reset' },
      { endpoint: 'jobhistory/list', do: 'status', status: 503 },
    ],
  });
  const before = atWork();
  const workflowId = await start(long);
  await untilSubmitting(workflowId, 3);
  linkis.service.setFaults({ faults: [] });
  await cancel(workflowId);
  const ended = await outcome(workflowId);
  // The next attempt may have adopted it a moment before.
  expect(ended).toMatchObject({ kind: 'cancelled', kill: { outcome: 'confirmed' } });
  expect(atWork()).toBe(before);
});

test('a step that fails after the task has succeeded leaves nothing to kill', async () => {
  linkis.service.setFaults({
    faults: [{ endpoint: 'getDirFileTrees', do: 'error', code: 2, message: 'no such folder' }],
  });
  const kills = calls('kill');
  const workflowId = await start({ ...spark, code: 'select 1' });
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'failed' });
  expect(calls('kill')).toBe(kills);
});

test("a job is given up and killed before the workflow's own time-out would end it without a word", async () => {
  const { client, taskQueue } = stack.temporal;
  const before = atWork();
  const workflowId = `${taskQueue}-run-timeout`;
  await client.workflow.start('linkisTask', {
    taskQueue,
    workflowId,
    args: [long],
    workflowRunTimeout: '16s',
  });
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'deadline', report: { kill: { outcome: 'confirmed' } } });
  expect(atWork()).toBe(before);
});

test('a task that its entrance lost ends its workflow as lost, with the report of a kill', async () => {
  const workflowId = await start(long);
  await untilRunning(workflowId);
  await linkis.restartEntrance();
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({
    kind: 'failed',
    type: 'RemoteJob.Lost',
    report: { kill: { outcome: 'unconfirmed', evidence: expect.stringMatching('Forced Kill') } },
  });
});
