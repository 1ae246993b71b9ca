import type { ApplicationFailure } from '@temporalio/common';
import type { RemoteJobActivities } from '../../activities/public';
import type { ConnectionOptions } from '../../src/config/connection-options';
import type { Limits } from '../../src/contracts/limits';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { activityStack, type ActivityStack } from '../activities/support';
import { until } from '../support/until';

let sqlflow: LocalSqlFlow;
let linkis: LocalLinkis;
const stacks: ActivityStack[] = [];
beforeAll(async () => {
  [sqlflow, linkis] = await Promise.all([LocalSqlFlow.start(), LocalLinkis.start()]);
});
afterEach(() => Promise.all(stacks.splice(0).map((stack) => stack.close())));
afterAll(() => Promise.all([sqlflow.close(), linkis.close()]));

/** A worker with these limits; and, for its connections, these settings. */
async function worker(
  limits: Partial<Limits>,
  connection: Pick<ConnectionOptions, 'maxBodyBytes'> & { maxUploadBytes?: number } = {},
): Promise<ActivityStack> {
  const { maxUploadBytes, ...both } = connection;
  const stack = await activityStack(
    {},
    {
      limits,
      connections: {
        sqlflow: {
          type: 'sqlflow',
          url: sqlflow.url,
          userId: 'demo',
          secretKey: { value: 'demo-secret' },
          ...both,
          ...(maxUploadBytes !== undefined && { maxUploadBytes }),
        },
        linkis: {
          type: 'linkis',
          url: linkis.url,
          user: 'hadoop',
          token: { value: 'local-token' },
          ...both,
        },
      },
    },
  );
  stacks.push(stack);
  return stack;
}

const key = '6f0b3f3e-7a5c-4a5e-9d53-0b9a8c1d2e3f';
const spark = { engine: 'spark-2.4.3', runType: 'sql' };

async function taskOf(stack: ActivityStack, code: string) {
  const task = { ...spark, code };
  const { remoteId } = await stack.run('linkisSubmitTask', { task, key });
  await until(async () => {
    const { status } = await stack.run('linkisGetTask', { taskId: remoteId });
    return ['Succeed', 'Failed'].includes(status);
  });
  return { connection: 'linkis', user: 'hadoop', taskId: remoteId };
}

async function jobOf(stack: ActivityStack): Promise<string> {
  const files = await stack.stage({ 'a.sql': 'insert into t select a, b, c from s' });
  const job = { jobName: 'limits', dbVendor: 'dbvhive', files };
  const { remoteId } = await stack.run('sqlflowSubmitJob', { job, key });
  await until(async () => {
    const { status } = await stack.run('sqlflowGetJob', { jobId: remoteId });
    return status === 'success';
  });
  return remoteId;
}

/** The limit's own failure: typed, not retried, and of a submit that it sent nothing. */
function expectTooLarge(failure: ApplicationFailure, message: string | RegExp): void {
  expect(failure).toMatchObject({ type: 'RemoteJob.TooLarge', nonRetryable: true });
  expect(failure.message).toEqual(
    typeof message === 'string' ? message : expect.stringMatching(message),
  );
}

function collected(target: { connection: string; user: string; taskId: string }) {
  const input = { ...target, results: true, format: 'csv' as const };
  return ['linkisCollectOutputs', input] as const satisfies [keyof RemoteJobActivities, unknown];
}

test('maxFiles and maxFileBytes bound a submission, before anything is sent', async () => {
  const stack = await worker({ maxFiles: 2, maxFileBytes: 10 });
  const job = { jobName: 'limits', dbVendor: 'dbvhive' };
  const before = sqlflow.service.calls.length;
  const three = await stack.stage({ 'a.sql': '1', 'b.sql': '2', 'c.sql': '3' });
  const tooMany = await stack.failure('sqlflowSubmitJob', { job: { ...job, files: three }, key });
  expectTooLarge(
    tooMany,
    'the submission has 3 files, and limits.maxFiles allows 2: give them as one zip, or raise the limit',
  );
  const long = await stack.stage({ 'long.sql': 'select 1 from t' });
  const tooLong = await stack.failure('sqlflowSubmitPersistJob', {
    job: { ...job, files: long },
    key,
  });
  expectTooLarge(
    tooLong,
    'the file "long.sql" has 15 bytes, and limits.maxFileBytes allows 10: split it, or raise the limit',
  );
  expect([tooMany.details, tooLong.details]).toEqual([
    [{ submitted: 'no' }],
    [{ submitted: 'no' }],
  ]);
  const submits = sqlflow.service.calls.slice(before).map(({ endpoint }) => endpoint);
  expect(submits.filter((endpoint) => endpoint.startsWith('submit'))).toEqual([]);
});

test("a connection's maxUploadBytes bounds the sum of a submission's files", async () => {
  const stack = await worker({}, { maxUploadBytes: 20 });
  const files = await stack.stage({ 'a.sql': 'select 1 from t', 'b.sql': 'select 2 from t' });
  const job = { jobName: 'limits', dbVendor: 'dbvhive', files };
  expect(await stack.failure('sqlflowSubmitJob', { job, key })).toMatchObject({
    type: 'RemoteJob.InvalidInput',
    nonRetryable: true,
    message: expect.stringContaining('that maxUploadBytes allows'),
    details: [{ submitted: 'no' }],
  });
});

test('maxCodeBytes bounds the code of a task, before anything is sent', async () => {
  const stack = await worker({ maxCodeBytes: 20 });
  const [codeFile] = await stack.stage({ 'task.sql': 'select 1 -- and much more of it' });
  const failure = await stack.failure('linkisSubmitTask', { task: { ...spark, codeFile }, key });
  expectTooLarge(
    failure,
    'the code in "task.sql" is longer, and limits.maxCodeBytes allows 20: split the task, or raise the limit',
  );
  expect(failure.details).toEqual([{ submitted: 'no' }]);
});

test('maxResultSets and maxResultRows bound what a task leaves; nothing is cut', async () => {
  const code = 'select * from range(30); select 2';
  const target = await taskOf(await worker({}), code);
  const failureOf = async (limits: Partial<Limits>) => {
    const stack = await worker(limits);
    const failure = await stack.failure(...collected(target));
    const stored = await stack.store.list('jobs/', new AbortController().signal);
    // A log is stored before the results are.
    expect(stored.filter((name) => !name.endsWith('/log.txt'))).toEqual([]);
    return failure;
  };
  expectTooLarge(
    await failureOf({ maxResultSets: 1 }),
    'the task left 2 result sets, and limits.maxResultSets allows 1: split the task, or raise the limit',
  );
  expectTooLarge(
    await failureOf({ maxResultRows: 29 }),
    'result set 1 of 2 has at least 30 rows, and limits.maxResultRows allows 29: select fewer, or raise the limit',
  );
  const { results } = await (
    await worker({ maxResultRows: 30, maxResultSets: 2 })
  ).run(...collected(target));
  expect(results.map(({ rows }) => rows)).toEqual([30, 1]);
});

test('a log beyond maxLogLines costs a task none of its results, and a warning names the limit', async () => {
  const target = await taskOf(await worker({}), 'select * from range(30)');
  const stack = await worker({ maxLogLines: 3 });
  const { log, results, warnings } = await stack.run(...collected(target));
  expect(results).toMatchObject([{ rows: 30 }]);
  expect(log).toMatchObject({ lines: 3, endMissing: 'overLimit' });
  expect(warnings).toEqual([
    expect.stringMatching(
      /^the task's log has at least \d+ lines, and limits\.maxLogLines allows 3: only its first 3 were kept; let the task say less, or raise the limit$/,
    ),
  ]);
});

test('maxExportBytes bounds every file that a service makes', async () => {
  const jobId = await jobOf(await worker({}));
  const target = await taskOf(await worker({}), 'select * from range(100)');
  const stack = await worker({ maxExportBytes: 40 });
  const words =
    'the file that the service sends is larger, and limits.maxExportBytes allows 40: ask for less of it, or raise the limit';
  const { resultLocation } = await stack.run('linkisGetTask', { taskId: target.taskId });
  const [set] = await stack.run('linkisListResultSets', { path: resultLocation ?? '' });
  const folder = { path: resultLocation ?? '', name: 'all' };
  const one = { path: set?.path ?? '', name: 'one', format: 'csv' as const };
  const lineage = { connection: 'sqlflow', jobId, thenDelete: false };
  const failures = [
    await stack.failure('sqlflowCollectLineage', lineage),
    await stack.failure('sqlflowExportLineage', { ...lineage, format: 'csv' }),
    await stack.failure('sqlflowExportFullLineage', { jobId }),
    await stack.failure('linkisExportResultSet', one),
    await stack.failure('linkisExportResultSets', folder),
  ];
  for (const failure of failures) expectTooLarge(failure, words);
  expect(await stack.store.list('jobs/', new AbortController().signal)).toEqual([]);
});

test("a connection's maxBodyBytes bounds every answer that is read into memory", async () => {
  const target = await taskOf(await worker({}), 'select * from range(1000)');
  await jobOf(await worker({}));
  const stack = await worker({}, { maxBodyBytes: 500 });
  for (const failure of [
    await stack.failure('sqlflowListJobs', {}),
    await stack.failure('linkisGetTask', { taskId: target.taskId }),
  ]) {
    expect(failure).toMatchObject({
      type: 'RemoteJob.IncompleteResult',
      nonRetryable: true,
      message: expect.stringMatching(
        /answered with more than the 500 bytes that maxBodyBytes allows/,
      ),
    });
  }
});
