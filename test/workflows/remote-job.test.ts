import path from 'node:path';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';
import type * as steps from './fixtures/remote-job-steps';

let linkis: LocalLinkis;
let stack: JobStack;

beforeAll(async () => {
  linkis = await LocalLinkis.start({ maxConcurrentTasks: 8 });
  const token = { value: 'local-token' };
  stack = await jobStack(
    { cluster: { type: 'linkis', url: linkis.url, user: 'hadoop', token } },
    {},
    { workflowsPath: path.join(__dirname, 'fixtures/remote-job-steps.ts') },
  );
});
afterAll(async () => {
  await stack.close();
  await linkis.close();
});

const quick = { engine: 'spark-2.4.3', runType: 'sql', code: 'select 1 as one' };
const endless = { ...quick, code: '-- local: delay 30m\nselect 1 as one' };

let count = 0;
async function start<Name extends Exclude<keyof typeof steps, 'remoteJob'>>(
  name: Name,
  ...args: unknown[]
) {
  const { client, taskQueue } = stack.temporal;
  const workflowId = `${taskQueue}/${name}-${(count += 1)}`;
  return client.workflow.start(name, { taskQueue, workflowId, args });
}

test('a job is a step of a workflow: its result is typed, and its kill afterwards kills nothing', async () => {
  const handle = await start('twoSteps', quick, quick);
  const kills = killsSent();
  const ended: any = await handle.result();
  expect(ended).toMatchObject({ rows: [1], late: { outcome: 'alreadyFinished' } });
  expect(ended.late.remoteId).not.toBe(ended.taskId);
  expect(killsSent()).toBe(kills);
  const { job, workflowType } = await describeJob(stack.temporal.client, ended.workflowId);
  expect(workflowType).toBe('linkisTask');
  expect(job).toMatchObject({ vendor: 'linkis', connection: 'cluster' });
  // Nine for each child, and those of every workflow.
  expect((await stack.history(handle.workflowId)).length).toBeLessThanOrEqual(23);
});

test('a kill ends one job with proof, tells the same again, and leaves the job beside it alone', async () => {
  const handle = await start('killsOne', endless, quick);
  const ended: any = await handle.result();
  expect(ended.running).toMatchObject({
    status: 'RUNNING',
    job: { vendor: 'linkis', remoteId: expect.stringMatching(/^\d+$/) },
    progress: { status: 'Running', consecutiveErrors: 0 },
  });
  expect(ended.kill).toMatchObject({ outcome: 'confirmed', status: 'Cancelled' });
  expect(ended.kill.remoteId).toBe(ended.running.job.remoteId);
  expect(ended.again).toEqual(ended.kill);
  expect(ended.after).toMatchObject({ status: 'CANCELLED', job: { kill: ended.kill } });
  expect(ended.after.progress).toBeUndefined();
  expect(ended.beside).toBe('Succeed');
});

test('the kill of a job that failed by itself, or was never sent, says so', async () => {
  const fails = { ...quick, code: 'select * from no_such_table' };
  const wrong = { ...quick, engine: 'spark' };
  const handle = await start('killsFailed', fails, wrong);
  expect(await handle.result()).toMatchObject({
    failed: { outcome: 'alreadyFinished', status: 'Failed' },
    refused: { outcome: 'nothingToKill', evidence: expect.stringContaining('engine') },
  });
});

test('a cancel of the surrounding workflow kills the job before the step settles', async () => {
  const handle = await start('cancelledAround', endless);
  await until(async () => (await runningChild(handle.workflowId)) !== undefined);
  await handle.cancel();
  expect(await handle.result()).toMatchObject({ outcome: 'confirmed', status: 'Cancelled' });
});

test('a workflow that closes has its jobs killed, or left where it asked for that', async () => {
  const [cancels, leaves] = await Promise.all([
    start('leavesItsJob', endless, {}),
    start('leavesItsJob', endless, { whenParentCloses: 'leave' }),
  ]);
  const [killed, left] = (await Promise.all([cancels.result(), leaves.result()])) as string[];
  const { client } = stack.temporal;
  expect(await awaitOutcome(client, killed!)).toMatchObject({
    kind: 'cancelled',
    kill: { outcome: 'confirmed' },
  });
  expect((await describeJob(client, left!)).status).toBe('RUNNING');
  linkis.endDelays();
  expect(await awaitOutcome(client, left!)).toMatchObject({ kind: 'succeeded' });
});

function killsSent(): number {
  return linkis.service.calls.filter(({ endpoint }) => endpoint === 'kill').length;
}

/** The child of a workflow whose task runs on the service. */
async function runningChild(surrounding: string): Promise<string | undefined> {
  const handle = stack.temporal.client.workflow.getHandle(surrounding);
  const [child] = (await handle.describe()).raw.pendingChildren ?? [];
  const { workflowId } = child ?? {};
  const owned = linkis.tasks().find(({ source }) => source.remoteJobsWorkflowId === workflowId);
  return owned?.status === 'Running' ? (workflowId ?? undefined) : undefined;
}
