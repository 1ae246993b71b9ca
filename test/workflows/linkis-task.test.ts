import { temporal } from '@temporalio/proto';
import { remoteJobIdAttribute } from '../../src/contracts/names';
import type { LinkisTaskInput, LinkisTaskResult } from '../../src/contracts/linkis';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob } from '../../src/starter/start';
import { jobStack, type JobStack } from '../support/job-stack';
import { sideBySide } from '../support/side-by-side';
import { until } from '../support/until';

let linkis: LocalLinkis;
/** Of the stories that take longest, beside all others. */
let refuses: LocalLinkis;
let calm: LocalLinkis;
let fails: LocalLinkis;
let stack: JobStack;
const stories = sideBySide();

beforeAll(async () => {
  [linkis, refuses, calm, fails] = await Promise.all([
    LocalLinkis.start(),
    LocalLinkis.start(),
    LocalLinkis.start(),
    LocalLinkis.start(),
  ]);
  process.env.LINKIS_TEST_PASSWORD = 'hadoop';
  const connection = ({ url }: LocalLinkis) => {
    const password = { env: 'LINKIS_TEST_PASSWORD' };
    return { type: 'linkis', url, user: 'hadoop', password } as const;
  };
  stack = await jobStack(
    {
      linkis: connection(linkis),
      refuses: connection(refuses),
      calm: connection(calm),
      fails: connection(fails),
    },
    {
      secrets: { WAREHOUSE_PASSWORD: { env: 'WAREHOUSE_TEST_PASSWORD' } },
      defaults: { linkis: 'linkis' },
    },
  );
  stories.begin();
});
afterAll(async () => {
  await stack.close();
  await Promise.all([linkis, refuses, calm, fails].map((service) => service.close()));
});
afterEach(() => linkis.service.setFaults({ faults: [] }));

const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;

function start(input: LinkisTaskInput) {
  const { client, taskQueue } = stack.temporal;
  return startJob(client, 'linkisTask', input, { taskQueue });
}

function outcome(workflowId: string) {
  return awaitOutcome<LinkisTaskResult>(stack.temporal.client, workflowId);
}

async function untilRunning(workflowId: string): Promise<void> {
  await until(async () => {
    const { progress } = await describeJob(stack.temporal.client, workflowId);
    return progress?.status === 'Running';
  });
}

function submits(): number {
  return linkis.service.calls.filter(({ endpoint }) => endpoint === 'submit').length;
}

test('result sets come back in order, complete and exact, with the whole log', async () => {
  const { workflowId } = await start({
    ...spark,
    code: [
      `select * from (values (1, 'a,b'), (2, 'say "hi"'), (3, null), (4, ''), (5, 'two\nlines'), (6, '😀')) t(n, s) order by n;`,
      'select n from range(12000) t(n);',
      'select 1 as one where 1 = 0;',
    ].join('\n'),
  });
  const ended = await outcome(workflowId);
  if (ended.kind !== 'succeeded') throw new Error(JSON.stringify(ended));
  const { result } = ended;
  expect(result.results.map(({ index, rows }) => [index, rows])).toEqual([
    [0, 6],
    [1, 12_000],
    [2, 0],
  ]);
  expect(await stack.read(result.results[0])).toBe(
    'n,s\r\n1,"a,b"\r\n2,"say ""hi"""\r\n3,\r\n4,""\r\n5,"two\nlines"\r\n6,😀\r\n',
  );
  expect((await stack.read(result.results[1])).trimEnd().split('\r\n')).toHaveLength(12_001);
  expect(await stack.read(result.results[2])).toBe('one\r\n');
  expect(result.log).toMatchObject({ source: 'persisted' });
  expect((await stack.read(result.log)).split('\n').length - 1).toBe(result.log?.lines);
  expect(result.decision).toBe('freshSubmit');
});

test('a job is found by its memo and its search attribute, and its history stays short', async () => {
  const short = await start({ ...spark, code: 'select 1' });
  const long = await start({ ...spark, code: '-- local: delay 6s\nselect 1' });
  await Promise.all([outcome(short.workflowId), outcome(long.workflowId)]);
  const found = await describeJob(stack.temporal.client, short.workflowId);
  expect(found.job).toMatchObject({ vendor: 'linkis', connection: 'linkis', installation: 'test' });
  const query = `${remoteJobIdAttribute} = '${found.job?.remoteId}' AND TaskQueue = '${stack.temporal.taskQueue}'`;
  await until(async () => (await stack.temporal.client.workflow.count(query)).count === 1);
  const events = await stack.history(short.workflowId);
  expect(events.length).toBeLessThanOrEqual(30);
  expect(await stack.history(long.workflowId)).toEqual(events);
});

test.each([
  ['jsonl', '{"n":"1","s":null}\n'],
  ['xlsx', 'PK'],
] as const)('a result set becomes %s where asked', async (format, content) => {
  const { workflowId } = await start({ ...spark, code: 'select 1 as n, null as s', format });
  const ended = await outcome(workflowId);
  if (ended.kind !== 'succeeded') throw new Error(JSON.stringify(ended));
  expect(ended.result.results[0]).toMatchObject({ format, rows: 1, columns: ['n', 's'] });
  expect((await stack.read(ended.result.results[0])).slice(0, content.length)).toBe(content);
});

test('the 0.x endpoint and variables work', async () => {
  const { workflowId } = await start({
    ...spark,
    code: "select '${who}' as who",
    variables: { who: 'you' },
    endpoint: 'execute',
  });
  const ended = await outcome(workflowId);
  if (ended.kind !== 'succeeded') throw new Error(JSON.stringify(ended));
  expect(await stack.read(ended.result.results[0])).toBe('who\r\nyou\r\n');
  expect(linkis.service.calls.some(({ endpoint }) => endpoint === 'execute')).toBe(true);
});

test("a failing query fails the workflow with the service's words, code and log tail", async () => {
  const { workflowId } = await start({ ...spark, code: 'select * from no_such_table' });
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'failed', type: 'RemoteJob.Failed' });
  if (ended.kind !== 'failed') throw new Error('unreachable');
  expect(ended.message).toContain('no_such_table');
  expect(ended.report?.errorCode).toMatch(/^\d+$/);
  expect(ended.report?.logTail).not.toBe('');
  expect(ended.report?.log).toMatchObject({ source: 'persisted' });
});

test('wrong input is refused in the first activity too, before anything is sent', async () => {
  const before = submits();
  const { client, taskQueue } = stack.temporal;
  const workflowId = `${taskQueue}-invalid`;
  await client.workflow.start('linkisTask', {
    taskQueue,
    workflowId,
    args: [{ engine: 'spark', runType: '', code: ' ' }],
  });
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'invalid', type: 'RemoteJob.InvalidInput' });
  if (ended.kind !== 'invalid') throw new Error('unreachable');
  for (const field of ['code', 'engine', 'runType']) expect(ended.message).toContain(`${field}:`);
  expect(submits()).toBe(before);
});

test('a cancel stops the running query at once, whatever its wait still does, and jobhistory confirms it', async () => {
  const { workflowId } = await start({ ...spark, code: '-- local: delay 600s\nselect 1' });
  await untilRunning(workflowId);
  await stack.temporal.client.workflow.getHandle(workflowId).cancel();
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'cancelled', kill: { outcome: 'confirmed' } });
  const handle = stack.temporal.client.workflow.getHandle(workflowId);
  const { events = [] } = await handle.fetchHistory();
  const after = events?.slice(
    events.findIndex(({ workflowExecutionCancelRequestedEventAttributes: asked }) => asked),
  );
  const next = after?.find(
    ({ activityTaskScheduledEventAttributes: begun, activityTaskCanceledEventAttributes: ended }) =>
      begun ?? ended,
  );
  expect(next?.activityTaskScheduledEventAttributes?.activityType?.name).toBe('linkisKillTask');
});

stories.test('a deadline kills the task and says so', async () => {
  const { workflowId } = await start({
    ...spark,
    code: '-- local: delay 600s\nselect 1',
    timeoutMs: 8000,
    connection: 'calm',
  });
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({
    kind: 'deadline',
    report: { kill: { outcome: 'confirmed' } },
  });
});

test('a lost submit reply makes no second task: the next attempt adopts the first', async () => {
  const before = submits();
  linkis.service.setFaults({
    faults: [{ endpoint: 'submit', calls: [1], when: 'after', do: 'drop' }],
  });
  const { workflowId } = await start({ ...spark, code: '-- local: delay 2s\nselect 1' });
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'succeeded', result: { decision: 'adopted' } });
  expect(submits()).toBe(before + 1);
});

stories.test('a submit that never reaches the service is simply sent again', async () => {
  refuses.service.setFaults({
    faults: [{ endpoint: 'submit', calls: [1, 2], when: 'before', do: 'status', status: 503 }],
  });
  const { workflowId } = await start({ ...spark, code: 'select 1', connection: 'refuses' });
  expect(await outcome(workflowId)).toMatchObject({ kind: 'succeeded' });
});

stories.test(
  'a service that fails while the task waits delays the end and changes nothing else',
  async () => {
    const code = '-- local: delay 10m\nselect 1';
    const { workflowId } = await start({ ...spark, code, connection: 'fails' });
    await untilRunning(workflowId);
    fails.service.setFaults({ faults: [{ endpoint: '*', do: 'status', status: 502 }] });
    const progress = async () => (await describeJob(stack.temporal.client, workflowId)).progress;
    await until(async () => ((await progress())?.consecutiveErrors ?? 0) > 0);
    expect((await progress())?.lastError).toContain('502');
    fails.service.setFaults({ faults: [] });
    fails.endDelays();
    expect(await outcome(workflowId)).toMatchObject({ kind: 'succeeded' });
  },
);

test('a session that expires in the middle is renewed without a word', async () => {
  linkis.service.setFaults({
    faults: [{ endpoint: 'openFile', calls: [1], do: 'expireToken' }],
  });
  const { workflowId } = await start({ ...spark, code: 'select 1' });
  expect(await outcome(workflowId)).toMatchObject({ kind: 'succeeded' });
});

test("somebody else's task is followed, fetched and left alone on cancel", async () => {
  const { client, taskQueue } = stack.temporal;
  const other = await start({ ...spark, code: '-- local: delay 10m\nselect 7 as seven' });
  await untilRunning(other.workflowId);
  const taskId = (await describeJob(client, other.workflowId)).job?.remoteId ?? '';
  const leaves = await startJob(client, 'linkisAttach', { taskId }, { taskQueue });
  const stays = await startJob(client, 'linkisAttach', { taskId }, { taskQueue });
  await untilRunning(leaves.workflowId);
  await leaves.cancel();
  expect(await outcome(leaves.workflowId)).toMatchObject({
    kind: 'cancelled',
    kill: { outcome: 'abandoned' },
  });
  linkis.endDelays();
  const ended = await outcome(stays.workflowId);
  if (ended.kind !== 'succeeded') throw new Error(JSON.stringify(ended));
  expect(ended.result.decision).toBe('attached');
  expect(await stack.read(ended.result.results[0])).toBe('seven\r\n7\r\n');
  await outcome(other.workflowId);
});

test('a secret reaches the service and nothing else', async () => {
  process.env.WAREHOUSE_TEST_PASSWORD = 'canary-5up3r-s3cr3t';
  const { workflowId } = await start({
    ...spark,
    code: 'select 1',
    runtime: { 'jdbc.password': { secret: 'WAREHOUSE_PASSWORD' } },
  });
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'succeeded' });
  const history = await stack.temporal.client.workflow.getHandle(workflowId).fetchHistory();
  const everything = Buffer.from(temporal.api.history.v1.History.encode(history).finish()).toString(
    'latin1',
  );
  expect(everything).toContain('WAREHOUSE_PASSWORD');
  expect(everything).not.toContain('canary-5up3r-s3cr3t');
});

test('code from a staged file runs though the file is gone', async () => {
  const [codeFile] = await stack.stage({ 'report.sql': 'select 42 as answer' });
  const { workflowId } = await start({ ...spark, codeFile });
  const ended = await outcome(workflowId);
  if (ended.kind !== 'succeeded') throw new Error(JSON.stringify(ended));
  expect(await stack.read(ended.result.results[0])).toBe('answer\r\n42\r\n');
});

test('an unknown connection or user is refused at once, with the names that would do', async () => {
  const before = submits();
  const connection = await start({ ...spark, code: 'select 1', connection: 'linkiss' });
  const user = await start({ ...spark, code: 'select 1', user: 'somebody' });
  expect(await outcome(connection.workflowId)).toMatchObject({
    kind: 'failed',
    type: 'RemoteJob.Configuration',
    message: expect.stringContaining('"linkis"'),
  });
  expect(await outcome(user.workflowId)).toMatchObject({
    kind: 'failed',
    type: 'RemoteJob.Configuration',
    message: expect.stringContaining('"somebody"'),
  });
  expect(submits()).toBe(before);
});

test("a task that isn't there can't be attached to, and the message says just that", async () => {
  const { client, taskQueue } = stack.temporal;
  const { workflowId } = await startJob(
    client,
    'linkisAttach',
    { taskId: '987654' },
    { taskQueue },
  );
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'failed', type: 'RemoteJob.NotFound' });
  if (ended.kind !== 'failed') throw new Error('unreachable');
  expect(ended.message).not.toContain('kill');
});

test('an engine that the service refuses fails the workflow and is not asked for again', async () => {
  const before = submits();
  const { workflowId } = await start({ ...spark, code: 'select 1', engine: 'flunk-1.0' });
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'failed', type: 'Service.Rejected' });
  if (ended.kind !== 'failed') throw new Error('unreachable');
  expect(ended.message).toContain('flunk-1.0');
  expect(submits()).toBe(before + 1);
});
