import type { SqlFlowJobInput, SqlFlowJobResult } from '../../src/contracts/sqlflow';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob } from '../../src/starter/start';
import { jobStack, type JobStack } from '../support/job-stack';
import { sideBySide } from '../support/side-by-side';
import { until } from '../support/until';

const load = `create table sales.orders (id int, amount int);
insert into mart.totals (id, total) select id, sum(amount) from sales.orders group by id;`;

let sqlflow: LocalSqlFlow;
/** Of the stories that take longest, beside all others. */
let refuses: LocalSqlFlow;
let calm: LocalSqlFlow;
let stack: JobStack;
const stories = sideBySide();

beforeAll(async () => {
  [sqlflow, refuses, calm] = await Promise.all([
    LocalSqlFlow.start(),
    LocalSqlFlow.start(),
    LocalSqlFlow.start(),
  ]);
  process.env.SQLFLOW_TEST_KEY = 'demo-secret';
  const connection = ({ url }: LocalSqlFlow) => {
    const secretKey = { env: 'SQLFLOW_TEST_KEY' };
    return { type: 'sqlflow', url, userId: 'demo', secretKey } as const;
  };
  stack = await jobStack(
    { sqlflow: connection(sqlflow), refuses: connection(refuses), calm: connection(calm) },
    { defaults: { sqlflow: 'sqlflow' } },
  );
  stories.begin();
});
afterAll(async () => {
  await stack.close();
  await Promise.all([sqlflow, refuses, calm].map((service) => service.close()));
});
afterEach(() => sqlflow.service.setFaults({ faults: [] }));

async function jobInput(files: Record<string, string> = { 'load.sql': load }) {
  return { jobName: 'nightly', dbVendor: 'dbvhive', files: await stack.stage(files) };
}

function start(input: SqlFlowJobInput) {
  const { client, taskQueue } = stack.temporal;
  return startJob(client, 'sqlflowJob', input, { taskQueue });
}

function outcome(workflowId: string) {
  return awaitOutcome<SqlFlowJobResult>(stack.temporal.client, workflowId);
}

async function untilProcessing(workflowId: string): Promise<void> {
  await until(async () => {
    const { progress } = await describeJob(stack.temporal.client, workflowId);
    return progress?.status === 'process';
  });
}

function calls(endpoint: string): number {
  return sqlflow.service.calls.filter((call) => call.endpoint === endpoint).length;
}

test('a job is submitted once and its lineage stored as JSON, CSV and GraphML', async () => {
  const before = calls('submitUserJob');
  const { workflowId } = await start(await jobInput());
  const ended = await outcome(workflowId);
  if (ended.kind !== 'succeeded') throw new Error(JSON.stringify(ended));
  const { lineage, jobName, decision, status } = ended.result;
  expect({ decision, status }).toEqual({ decision: 'freshSubmit', status: 'success' });
  expect(jobName).toMatch(/^nightly--test-[0-9a-f]{24}$/);
  expect(await stack.read(lineage.csv)).toMatch(/orders,amount,.*totals,total/i);
  expect(await stack.read(lineage.graphml)).toContain('<graphml');
  expect(JSON.parse(await stack.read(lineage.json))).toMatchObject({ code: 200 });
  expect(calls('submitUserJob')).toBe(before + 1);
  const events = await stack.history(workflowId);
  expect(events.length).toBeLessThanOrEqual(30);
});

test('a job that takes longer has no more history', async () => {
  const short = await start(await jobInput());
  const long = await start(await jobInput({ 'load.sql': `-- local: delay 5s\n${load}` }));
  await Promise.all([outcome(short.workflowId), outcome(long.workflowId)]);
  expect(await stack.history(long.workflowId)).toEqual(await stack.history(short.workflowId));
});

test("files that don't parse are told with the server's words, and refused where asked", async () => {
  const files = { 'load.sql': load, 'broken.sql': 'selec from where (' };
  const accepted = await start(await jobInput(files));
  const refused = await start({ ...(await jobInput(files)), partialSuccess: 'fail' });
  const ended = await outcome(accepted.workflowId);
  if (ended.kind !== 'succeeded') throw new Error(JSON.stringify(ended));
  expect(ended.result.status).toBe('partial_success');
  expect(ended.result.warnings.length).toBeGreaterThan(0);
  expect(await outcome(refused.workflowId)).toMatchObject({
    kind: 'failed',
    type: 'RemoteJob.Failed',
    report: { status: 'partial_success' },
  });
});

test("a job of which nothing parses fails with the service's words", async () => {
  const { workflowId } = await start(await jobInput({ 'broken.sql': 'selec from where (' }));
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'failed', type: 'RemoteJob.Failed' });
  if (ended.kind !== 'failed') throw new Error('unreachable');
  expect(ended.report).toMatchObject({ status: 'fail' });
  expect(ended.report?.errorMessage).not.toBe('');
  expect(ended.message).toContain(ended.report?.errorMessage);
});

test('a cancel removes a simple job, or leaves it by policy', async () => {
  const slow = { 'load.sql': `-- local: delay 600s\n${load}` };
  const removed = await start(await jobInput(slow));
  const abandoned = await start({ ...(await jobInput(slow)), onCancel: 'abandon' });
  await untilProcessing(removed.workflowId);
  await untilProcessing(abandoned.workflowId);
  await removed.cancel();
  await abandoned.cancel();
  const kill = { outcome: 'removed' };
  expect(await outcome(removed.workflowId)).toMatchObject({ kind: 'cancelled', kill });
  expect(await outcome(abandoned.workflowId)).toMatchObject({
    kind: 'cancelled',
    kill: { outcome: 'abandoned' },
  });
});

stories.test('a deadline ends the wait and removes the job', async () => {
  const { workflowId } = await start({
    ...(await jobInput({ 'load.sql': `-- local: delay 600s\n${load}` })),
    timeoutMs: 8000,
    connection: 'calm',
  });
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'deadline', report: { kill: { outcome: 'removed' } } });
  if (ended.kind !== 'deadline') throw new Error('unreachable');
  expect(ended.message).toContain('process');
});

test('a lost submit reply makes no second job: the next attempt adopts the first', async () => {
  const before = calls('submitUserJob');
  sqlflow.service.setFaults({
    faults: [{ endpoint: 'submitUserJob', calls: [1], when: 'after', do: 'reset' }],
  });
  const { workflowId } = await start(await jobInput());
  const ended = await outcome(workflowId);
  if (ended.kind !== 'succeeded') throw new Error(JSON.stringify(ended));
  expect(ended.result.decision).toMatch(/^adopted/);
  expect(calls('submitUserJob')).toBe(before + 1);
});

stories.test(
  'a cancel while the submit can not be sent ends at once, with nothing to kill',
  async () => {
    refuses.service.setFaults({
      faults: [{ endpoint: 'submitUserJob', do: 'status', status: 503 }],
    });
    const { workflowId, cancel } = await start({ ...(await jobInput()), connection: 'refuses' });
    await until(async () => {
      const { activity } = await describeJob(stack.temporal.client, workflowId);
      return (activity?.attempt ?? 0) > 1;
    });
    await cancel.call(stack.temporal.client.workflow.getHandle(workflowId));
    expect(await outcome(workflowId)).toMatchObject({
      kind: 'cancelled',
      kill: { outcome: 'nothingToKill' },
    });
  },
);

test('an expired token is renewed, and a cut export fetched again', async () => {
  sqlflow.service.setFaults({
    faults: [
      { endpoint: 'exportLineageAsJson', calls: [1], do: 'expireToken' },
      { endpoint: 'exportFullLineageAsCsv', calls: [1], when: 'after', do: 'truncate' },
    ],
  });
  const { workflowId } = await start(await jobInput());
  expect(await outcome(workflowId)).toMatchObject({ kind: 'succeeded' });
});

test('a job whose exports are stored is deleted where asked', async () => {
  const { workflowId } = await start({ ...(await jobInput()), afterExport: 'delete' });
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'succeeded', result: { deleted: true } });
  expect(calls('deleteUserJob')).toBeGreaterThan(0);
});

test('a persist job keeps its jobId over runs and its lineage grows', async () => {
  const { client, taskQueue } = stack.temporal;
  const first = await startJob(client, 'sqlflowPersistJob', await jobInput(), { taskQueue });
  const begun = await outcome(first.workflowId);
  if (begun.kind !== 'succeeded') throw new Error(JSON.stringify(begun));
  const { jobId } = begun.result;
  const more = await jobInput({ 'more.sql': 'insert into mart.top select id from mart.totals;' });
  const second = await startJob(client, 'sqlflowPersistJob', { ...more, jobId }, { taskQueue });
  const grown = await outcome(second.workflowId);
  if (grown.kind !== 'succeeded') throw new Error(JSON.stringify(grown));
  expect(grown.result.jobId).toBe(jobId);
  const csv = (await stack.read(grown.result.lineage.csv)).toLowerCase();
  expect(csv).toContain('totals');
  expect(csv).toContain('top');
});

test('a cancelled persist job is left alone, and the report says so', async () => {
  const { client, taskQueue } = stack.temporal;
  const input = await jobInput({ 'load.sql': `-- local: delay 600s\n${load}` });
  const { workflowId } = await startJob(client, 'sqlflowPersistJob', input, { taskQueue });
  await untilProcessing(workflowId);
  const before = calls('deleteUserJob');
  await client.workflow.getHandle(workflowId).cancel();
  expect(await outcome(workflowId)).toMatchObject({
    kind: 'cancelled',
    kill: { outcome: 'abandoned' },
  });
  expect(calls('deleteUserJob')).toBe(before);
});

test("somebody else's job is followed and exported", async () => {
  const { client, taskQueue } = stack.temporal;
  const own = await start(await jobInput({ 'load.sql': `-- local: delay 10m\n${load}` }));
  await untilProcessing(own.workflowId);
  const jobId = (await describeJob(client, own.workflowId)).job?.remoteId ?? '';
  const { workflowId } = await startJob(client, 'sqlflowAttach', { jobId }, { taskQueue });
  await untilProcessing(workflowId);
  sqlflow.endDelays();
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'succeeded', result: { jobId, decision: 'attached' } });
});

test('many jobs that wait share their status requests', async () => {
  const input = await jobInput({ 'load.sql': `-- local: delay 4s\n${load}` });
  const before = calls('displayUserJobSummary') + calls('displayUserJobsSummary');
  const started = await Promise.all(Array.from({ length: 20 }, () => start(input)));
  for (const ended of await Promise.all(started.map(({ workflowId }) => outcome(workflowId)))) {
    expect(ended.kind).toBe('succeeded');
  }
  const requests = calls('displayUserJobSummary') + calls('displayUserJobsSummary') - before;
  // Twenty loops of one look in half a second would have asked 160 times or more.
  expect(requests).toBeLessThan(80);
  expect(calls('displayUserJobsSummary')).toBeGreaterThan(0);
});
