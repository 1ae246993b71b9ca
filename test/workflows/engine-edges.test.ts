import { temporal } from '@temporalio/proto';
import { jobStateQueryName } from '../../src/contracts/names';
import type { JobState } from '../../src/contracts/job';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob } from '../../src/starter/start';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';

let linkis: LocalLinkis;
let sqlflow: LocalSqlFlow;
let stack: JobStack;

beforeAll(async () => {
  linkis = await LocalLinkis.start();
  sqlflow = await LocalSqlFlow.start();
  stack = await jobStack(
    {
      linkis: { type: 'linkis', url: linkis.url, user: 'hadoop', token: { value: 'local-token' } },
      sqlflow: {
        type: 'sqlflow',
        url: sqlflow.url,
        userId: 'demo',
        secretKey: { value: 'demo-secret' },
      },
    },
    { secrets: { KNOWN: { value: 'kn0wn-s3cr3t' } } },
  );
});
afterAll(async () => {
  await stack.close();
  await linkis.close();
  await sqlflow.close();
});
afterEach(() => {
  linkis.service.setFaults({ faults: [] });
  sqlflow.service.setFaults({ faults: [] });
});

const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;

async function sqlFiles() {
  const sql = 'insert into mart.t select a from raw.s;';
  return { jobName: 'edge', dbVendor: 'dbvhive', files: await stack.stage({ 'load.sql': sql }) };
}

function calls(service: LocalLinkis | LocalSqlFlow, endpoint: string): number {
  return service.service.calls.filter((call) => call.endpoint === endpoint).length;
}

async function scheduled(workflowId: string, activity: string) {
  const handle = stack.temporal.client.workflow.getHandle(workflowId);
  const { events } = await handle.fetchHistory();
  return (events ?? [])
    .map((event) => event.activityTaskScheduledEventAttributes)
    .find((attributes) => attributes?.activityType?.name === activity);
}

test.each([-5, 0, 'soon', 1e15])(
  'the time-out %p is refused like any wrong input, and blocks no workflow',
  async (timeoutMs) => {
    const { client, taskQueue } = stack.temporal;
    const workflowId = `${taskQueue}-timeout-${timeoutMs}`;
    const args = [{ ...spark, code: 'select 1', timeoutMs }];
    await client.workflow.start('linkisTask', { taskQueue, workflowId, args });
    const ended = await awaitOutcome(client, workflowId);
    expect(ended).toMatchObject({ kind: 'invalid', message: expect.stringContaining('timeoutMs') });
  },
);

test('a delete whose reply was lost exports nothing again and loses nothing', async () => {
  const { client, taskQueue } = stack.temporal;
  const exports = calls(sqlflow, 'exportLineageAsJson');
  sqlflow.service.setFaults({
    faults: [{ endpoint: 'deleteUserJob', calls: [1], when: 'after', do: 'reset' }],
  });
  const input = { ...(await sqlFiles()), afterExport: 'delete' } as const;
  const { workflowId } = await startJob(client, 'sqlflowJob', input, { taskQueue });
  expect(await awaitOutcome(client, workflowId)).toMatchObject({
    kind: 'succeeded',
    result: { deleted: true, lineage: { json: { format: 'json' }, csv: { format: 'csv' } } },
  });
  expect(calls(sqlflow, 'exportLineageAsJson') - exports).toBe(1);
});

test('the log of a failed task is waited for briefly, and holds no secret', async () => {
  const { client, taskQueue } = stack.temporal;
  const { workflowId } = await startJob(
    client,
    'linkisTask',
    {
      ...spark,
      code: "select * from missing_table where a = '${known}'",
      variables: { known: { secret: 'KNOWN' } },
    },
    { taskQueue },
  );
  const ended = await awaitOutcome(client, workflowId);
  expect(ended).toMatchObject({ kind: 'failed', type: 'RemoteJob.Failed' });
  const collect = await scheduled(workflowId, 'linkisCollectOutputs');
  expect(Number(collect?.scheduleToCloseTimeout?.seconds)).toBeLessThanOrEqual(60);
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const bytes = temporal.api.history.v1.History.encode(history).finish();
  expect(Buffer.from(bytes).toString('latin1')).not.toContain('kn0wn-s3cr3t');
});

test('a kill waits for a worker: only attempts count', async () => {
  const { client, taskQueue } = stack.temporal;
  const input = { ...spark, code: '-- local: delay 600s\nselect 1' };
  const { workflowId } = await startJob(client, 'linkisTask', input, { taskQueue });
  await until(async () => (await describeJob(client, workflowId)).progress?.status === 'Running');
  await client.workflow.getHandle(workflowId).cancel();
  expect(await awaitOutcome(client, workflowId)).toMatchObject({ kill: { outcome: 'confirmed' } });
  const kill = await scheduled(workflowId, 'linkisKillTask');
  expect(kill?.retryPolicy?.maximumAttempts).toBeGreaterThan(10);
  expect(Number(kill?.scheduleToCloseTimeout?.seconds ?? 0)).toBe(0);
});

test('a persist submit of which nothing was heard again has an unknown outcome', async () => {
  const { client, taskQueue } = stack.temporal;
  sqlflow.service.setFaults({ faults: [{ endpoint: 'submitPersistJob', do: 'reset' }] });
  const input = { ...(await sqlFiles()), timeoutMs: 8000 };
  const { workflowId } = await startJob(client, 'sqlflowPersistJob', input, { taskQueue });
  expect(await awaitOutcome(client, workflowId)).toMatchObject({
    kind: 'failed',
    type: 'RemoteJob.SubmitOutcomeUnknown',
    report: { kill: { outcome: 'abandoned' } },
  });
});

test("a kill that fails to the end says why in the service's words", async () => {
  const { client, taskQueue } = stack.temporal;
  const input = { ...spark, code: '-- local: delay 600s\nselect 1' };
  const { workflowId } = await startJob(client, 'linkisTask', input, { taskQueue });
  await until(async () => (await describeJob(client, workflowId)).progress?.status === 'Running');
  linkis.service.setFaults({
    faults: [{ endpoint: 'jobhistory/get', do: 'error', code: 2, message: 'no entry today' }],
  });
  await client.workflow.getHandle(workflowId).cancel();
  const ended = await awaitOutcome(client, workflowId);
  expect(ended).toMatchObject({ kind: 'cancelled', kill: { outcome: 'unconfirmed' } });
  if (ended.kind !== 'cancelled') throw new Error('unreachable');
  expect(ended.kill?.evidence).toMatch(/^the kill could not be carried out: .*no entry today/);
});

test('a task that was only attached to has no key of ours', async () => {
  const { client, taskQueue } = stack.temporal;
  const own = await startJob(client, 'linkisTask', { ...spark, code: 'select 1' }, { taskQueue });
  await awaitOutcome(client, own.workflowId);
  const taskId = (await describeJob(client, own.workflowId)).job?.remoteId ?? '';
  const attached = await startJob(client, 'linkisAttach', { taskId }, { taskQueue });
  await awaitOutcome(client, attached.workflowId);
  const state = await attached.query<JobState, []>(jobStateQueryName);
  expect(state).toMatchObject({ phase: 'succeeded', remoteId: taskId });
  expect(state.key).toBeUndefined();
  expect((await describeJob(client, attached.workflowId)).job?.key).toBeUndefined();
});
