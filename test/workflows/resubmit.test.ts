import type { LinkisTaskInput, LinkisTaskResult } from '../../src/contracts/linkis';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob } from '../../src/starter/start';
import { run } from '../local/linkis/support';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';

let linkis: LocalLinkis;
let stack: JobStack;

beforeAll(async () => {
  linkis = await LocalLinkis.start();
  process.env.LINKIS_TEST_PASSWORD = 'hadoop';
  stack = await jobStack({
    linkis: {
      type: 'linkis',
      url: linkis.url,
      user: 'hadoop',
      password: { env: 'LINKIS_TEST_PASSWORD' },
    },
  });
});
afterAll(async () => {
  await stack.close();
  await linkis.close();
});

const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;

async function start(input: LinkisTaskInput): Promise<string> {
  const { client, taskQueue } = stack.temporal;
  return (await startJob(client, 'linkisTask', input, { taskQueue })).workflowId;
}

function outcome(workflowId: string) {
  return awaitOutcome<LinkisTaskResult>(stack.temporal.client, workflowId);
}

async function untilFailedOnce(workflowId: string): Promise<void> {
  await until(async () => {
    const { job } = await describeJob(stack.temporal.client, workflowId);
    return job?.failedBefore?.length === 1;
  });
}

function submits(): number {
  return linkis.service.calls.filter(({ endpoint }) => endpoint === 'submit').length;
}

test('a failed task is submitted again by policy, and the result tells of both', async () => {
  const workflowId = await start({
    ...spark,
    code: 'select n from comes_later',
    resubmit: { maxAttempts: 3, when: ['failed'] },
  });
  // The second submission's memo is written with the first one's end in it.
  await untilFailedOnce(workflowId);
  // Without a workflow, which a slow machine may bring to its end after the second submission.
  const setUp = await run(linkis, 'create table comes_later as select 7 as n');
  expect(setUp.row.status).toBe('Succeed');
  const ended = await outcome(workflowId);
  if (ended.kind !== 'succeeded') throw new Error(JSON.stringify(ended));
  const { decision, failedBefore, results, log, taskId } = ended.result;
  expect(decision).toBe('resubmitAfterFailure');
  expect(failedBefore).toMatchObject([
    { status: 'Failed', errorMessage: expect.stringContaining('comes_later') },
  ]);
  expect(failedBefore?.[0]?.remoteId).not.toBe(taskId);
  expect(await stack.read(results[0])).toBe('n\r\n7\r\n');
  expect(await stack.read(log)).not.toContain('does not exist');
  const { job } = await describeJob(stack.temporal.client, workflowId);
  expect(job).toMatchObject({ decision: 'resubmitAfterFailure', remoteId: taskId });
}, 60_000);

test('what the policy does not name is submitted once, and said to have failed', async () => {
  const before = submits();
  const workflowId = await start({
    ...spark,
    code: 'select n from never_comes',
    resubmit: { maxAttempts: 3, when: ['canRetry', 'code:99999'] },
  });
  expect(await outcome(workflowId)).toMatchObject({ kind: 'failed', type: 'RemoteJob.Failed' });
  expect(submits() - before).toBe(1);
}, 60_000);

test('the submissions are bounded, and the failure tells of every one', async () => {
  const before = submits();
  const workflowId = await start({
    ...spark,
    code: 'select n from never_comes',
    resubmit: { maxAttempts: 2, when: ['code:*'] },
  });
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('(submitted 2 times)'),
    report: { failedBefore: [{ status: 'Failed' }] },
  });
  expect(submits() - before).toBe(2);
}, 60_000);

test('a cancel between two submissions ends the workflow and submits nothing more', async () => {
  const before = submits();
  const workflowId = await start({
    ...spark,
    code: 'select n from never_comes',
    resubmit: { maxAttempts: 10, when: ['failed'] },
  });
  await until(async () => submits() - before === 1);
  await until(async () => {
    const { activity, status } = await describeJob(stack.temporal.client, workflowId);
    return status === 'RUNNING' && activity === undefined;
  });
  await stack.temporal.client.workflow.getHandle(workflowId).cancel();
  expect(await outcome(workflowId)).toMatchObject({ kind: 'cancelled' });
  expect(submits() - before).toBe(1);
}, 60_000);

test('a policy that says nothing usable is refused by field', async () => {
  await expect(
    start({ ...spark, code: 'select 1', resubmit: { maxAttempts: 1, when: ['soon' as never] } }),
  ).rejects.toThrow(/resubmit\.maxAttempts: is 1; .*resubmit\.when\[0\]: is "soon"/s);
});
