import { temporal as proto } from '@temporalio/proto';
import type { LinkisTaskInput, LinkisTaskResult } from '../../src/contracts/linkis';
import type { SqlFlowJobInput, SqlFlowJobResult } from '../../src/contracts/sqlflow';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { describeJob, queryJobState } from '../../src/starter/describe';
import { awaitOutcome, type JobOutcome } from '../../src/starter/outcome';
import { startJob } from '../../src/starter/start';
import { activityStack, type ActivityStack } from '../activities/support';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';
import { Rewriter, type Rewrite } from './rewriter';

/** More than Temporal takes of anything: 2 MiB. */
const endless = 'endless '.repeat(400_000);
const key = '6f0b3f3e-7a5c-4a5e-9d53-0b9a8c1d2e3f';
const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;

let sqlflow: LocalSqlFlow;
let linkis: LocalLinkis;
const taps: { sqlflow: Rewriter; linkis: Rewriter } = {} as never;
let jobs: JobStack;
let activities: ActivityStack;
beforeAll(async () => {
  [sqlflow, linkis] = await Promise.all([LocalSqlFlow.start(), LocalLinkis.start()]);
  taps.sqlflow = await Rewriter.start(sqlflow.url);
  taps.linkis = await Rewriter.start(linkis.url);
  const connections = {
    sqlflow: {
      type: 'sqlflow',
      url: `${taps.sqlflow.url}/gspLive_backend`,
      userId: 'demo',
      secretKey: { value: 'demo-secret' },
    },
    linkis: {
      type: 'linkis',
      url: taps.linkis.url,
      user: 'hadoop',
      token: { value: 'local-token' },
    },
  } as const;
  jobs = await jobStack(connections);
  activities = await activityStack({}, { connections });
});
afterEach(() => {
  for (const tap of Object.values(taps)) tap.rewrite = () => undefined;
});
afterAll(async () => {
  await Promise.all([jobs.close(), activities.close()]);
  await Promise.all(Object.values(taps).map((tap) => tap.close()));
  await Promise.all([sqlflow.close(), linkis.close()]);
});

let count = 0;
interface Ended<Result> {
  readonly outcome: JobOutcome<Result>;
  /** The largest event of the history, the workflow's own input left out, in bytes. */
  readonly largestEventBytes: number;
}

/** Runs a job by a client that checks nothing, unlike `startJob`, and measures what it left. */
async function foreignRun<Result>(
  type: 'linkisTask' | 'sqlflowJob' | 'linkisAttach',
  input: object,
  meanwhile: (workflowId: string) => Promise<void> = async () => undefined,
): Promise<Ended<Result>> {
  const { client, taskQueue } = jobs.temporal;
  const workflowId = `history-${(count += 1)}-${taskQueue}`;
  const handle = await client.workflow.start(type, { taskQueue, workflowId, args: [input] });
  const ended = awaitOutcome<Result>(client, workflowId);
  await Promise.all([ended, meanwhile(workflowId)]);
  const { History } = proto.api.history.v1;
  const history = await handle.fetchHistory();
  const events = (history.events ?? []).slice(1).map((event) => {
    return History.encode({ events: [event] }).finish().length;
  });
  const { raw } = await handle.describe();
  const memo = proto.api.common.v1.Memo.encode(raw.workflowExecutionInfo?.memo ?? {}).finish();
  const state = await queryJobState(client, workflowId);
  expect(memo.length).toBeLessThan(20_000);
  expect(JSON.stringify(state).length).toBeLessThan(20_000);
  return { outcome: await ended, largestEventBytes: Math.max(...events) };
}

/** Changes the objects in JSON answers for paths that fit. */
function rewriting(paths: RegExp, change: (answer: any) => void): Rewrite {
  return (path, text) => {
    if (!paths.test(path)) return undefined;
    const answer: unknown = JSON.parse(text);
    change(answer);
    return JSON.stringify(answer);
  };
}

const files = (howMany: number) =>
  Array.from({ length: howMany }, (_, index) => ({
    name: `a/long/folder/of/many/files/number-${index}.sql`,
    artifact: {
      uri: `artifact:inputs/${String(index).padStart(64, '0')}`,
      format: 'sql' as const,
      sizeBytes: 8,
      sha256: String(index).padStart(64, '0'),
    },
  }));

describe('an input', () => {
  test.each<[string, 'linkisTask' | 'sqlflowJob', object, RegExp]>([
    ['code', 'linkisTask', { ...spark, code: endless }, /code: has 3200000 characters/],
    [
      'variables',
      'linkisTask',
      { ...spark, code: 'select 1', variables: { a: endless } },
      /the input: has \d+ bytes, and 1572864 fit into Temporal's history; stage large values/,
    ],
    [
      'source',
      'linkisTask',
      { ...spark, code: 'select 1', source: { a: endless } },
      /the input: has \d+ bytes/,
    ],
    [
      '10,000 files',
      'sqlflowJob',
      { jobName: 'x', dbVendor: 'dbvhive', files: files(10_000) },
      /files: are 10000, whose list takes \d+ bytes/,
    ],
    [
      'a schema',
      'sqlflowJob',
      { jobName: 'x', dbVendor: 'dbvhive', files: files(1), defaultSchema: endless },
      /the input: has \d+ bytes/,
    ],
  ])('with too much of %s is refused by the starter', async (_, type, input, words) => {
    const { client, taskQueue } = jobs.temporal;
    await expect(startJob(client, type, input as never, { taskQueue })).rejects.toThrow(words);
  });

  // What the server itself takes, and an activity would not.
  const large = endless.slice(0, 1_800_000);
  test.each<[string, LinkisTaskInput]>([
    ['code', { ...spark, code: large }],
    ['variables', { ...spark, code: 'select 1', variables: { a: large } }],
    ['a connection', { ...spark, code: 'select 1', connection: large }],
  ])('with too much of %s by another client fails its workflow', async (_, input) => {
    const { outcome, largestEventBytes } = await foreignRun('linkisTask', input);
    expect(outcome).toMatchObject({ kind: 'failed', type: 'RemoteJob.TooLarge' });
    expect(largestEventBytes).toBeLessThan(20_000);
  });

  test('of many files by another client fails its workflow', async () => {
    const input: SqlFlowJobInput = { jobName: 'x', dbVendor: 'dbvhive', files: files(6500) };
    const { outcome } = await foreignRun('sqlflowJob', input);
    expect(outcome).toMatchObject({ kind: 'failed', type: 'RemoteJob.TooLarge' });
  });

  test('to attach to a task of an endless name fails its workflow, and says why shortly', async () => {
    const { outcome, largestEventBytes } = await foreignRun('linkisAttach', {
      connection: large,
      taskId: '1',
    });
    expect(outcome).toMatchObject({ type: 'RemoteJob.InvalidInput' });
    // The activity's input is the workflow's own.
    expect(largestEventBytes).toBeLessThan(large.length + 20_000);
  });
});

describe('endless words of a service', () => {
  const task = { ...spark, code: 'select 1 as one' };
  const badTask = { ...spark, code: 'select * from no_such_table' };

  test('about why a task failed are cut in its failure', async () => {
    taps.linkis.rewrite = rewriting(/jobhistory\/\d+\/get/, ({ data }) => {
      if (data?.task?.status === 'Failed') data.task.errDesc = endless;
    });
    const { outcome, largestEventBytes } = await foreignRun('linkisTask', badTask);
    expect(outcome).toMatchObject({ kind: 'failed', type: 'RemoteJob.Failed' });
    expect((outcome as { message: string }).message).toMatch(/ended as Failed: .*endless endless/);
    expect(largestEventBytes).toBeLessThan(20_000);
  });

  test('in an error code, below what an activity may answer, are cut in the failure', async () => {
    taps.linkis.rewrite = rewriting(/jobhistory\/\d+\/get/, ({ data }) => {
      if (data?.task?.status === 'Failed') data.task.errCode = endless.slice(0, 1_400_000);
    });
    const { outcome } = await foreignRun('linkisTask', badTask);
    expect(outcome).toMatchObject({ kind: 'failed', type: 'RemoteJob.Failed' });
    expect(JSON.stringify(outcome).length).toBeLessThan(20_000);
  });

  test("as a log's lines are kept as a file, and cut in the failure's tail", async () => {
    taps.linkis.rewrite = rewriting(/openLog/, ({ data }) => {
      data.log = ['', '', '', `${'a line\n'.repeat(50)}${endless}`];
    });
    const { outcome, largestEventBytes } = await foreignRun('linkisTask', badTask);
    expect(outcome).toMatchObject({ kind: 'failed', type: 'RemoteJob.Failed' });
    const { report } = outcome as { report: { logTail: string; log: { sizeBytes: number } } };
    expect(report.logTail.length).toBeLessThanOrEqual(4096);
    expect(report.log.sizeBytes).toBeGreaterThan(endless.length);
    expect(largestEventBytes).toBeLessThan(20_000);
  });

  test('in the progress of a running task are cut in its heartbeat, and the task goes on', async () => {
    const slow = { ...spark, code: '-- local: delay 10m\nselect 1 as one' };
    const queue = (answer: any) => {
      answer.data.yarnMetrics = {
        yarnResource: [
          { queueName: endless, queueMemory: 1, queueCores: 1, applicationId: endless },
        ],
      };
    };
    taps.linkis.rewrite = rewriting(/progressWithResource/, queue);
    const beats: number[] = [];
    const { outcome } = await foreignRun<LinkisTaskResult>('linkisTask', slow, async (id) => {
      await until(async () => {
        const { progress, status } = await describeJob(jobs.temporal.client, id);
        if (progress?.resources !== undefined) beats.push(JSON.stringify(progress).length);
        return beats.length > 0 || status !== 'RUNNING';
      });
      linkis.endDelays();
    });
    expect(outcome).toMatchObject({ kind: 'succeeded' });
    expect(beats.length).toBeGreaterThan(0);
    expect(Math.max(...beats)).toBeLessThan(20_000);
  });

  test('in HTTP errors are cut in the failures between attempts, which keep their type', async () => {
    // Chinese, since three bytes make a character of it.
    const said = '资源不足'.repeat(500_000);
    let errors = 0;
    taps.linkis.rewrite = (path) => {
      if (!/entrance\/submit/.test(path) || errors > 1) return undefined;
      errors += 1;
      return JSON.stringify({ method: null, status: 1, message: said, data: {} });
    };
    const failure = await activities.failure('linkisSubmitTask', { task, key });
    expect(Buffer.byteLength(failure.message)).toBeLessThanOrEqual(1000);
    expect(Buffer.byteLength(`${failure.message}${failure.stack}`)).toBeLessThan(3000);
    expect(failure.type).toMatch(/^Service\./);
  });

  test("beside a job's success are limited, and cut in the result", async () => {
    taps.sqlflow.rewrite = rewriting(/submitUserJob|displayUserJobSummary/, (answer) => {
      answer.error = Array.from(
        { length: 10_000 },
        (_, index) => `${index} ${'warn '.repeat(300)}`,
      );
    });
    const staged = await jobs.stage({ 'a.sql': 'insert into t select a from s' });
    const { outcome } = await foreignRun<SqlFlowJobResult>('sqlflowJob', {
      jobName: 'x',
      dbVendor: 'dbvhive',
      files: staged,
    });
    expect(outcome).toMatchObject({ kind: 'succeeded' });
    expect(JSON.stringify(outcome).length).toBeLessThan(60_000);
    const { result } = outcome as { result: SqlFlowJobResult };
    expect(result.warnings.at(-1)).toMatch(/^… and \d+ more$/);
  });

  test('as ids and statuses are no answer', async () => {
    const [file] = await activities.stage({ 'a.sql': 'insert into t select a from s' });
    const job = { jobName: 'x', dbVendor: 'dbvhive', files: [file!] };
    taps.sqlflow.rewrite = rewriting(/submitUserJob/, ({ data }) => (data.jobId = endless));
    taps.linkis.rewrite = rewriting(/entrance\/submit/, ({ data }) => (data.execID = endless));
    const failures = [
      await activities.failure('sqlflowSubmitJob', { job, key }),
      await activities.failure('linkisSubmitTask', { task, key }),
    ];
    taps.sqlflow.rewrite = rewriting(/Summary/, (answer) => {
      answer.code = 200;
      answer.data = { jobId: endless, status: 'success' };
    });
    failures.push(await activities.failure('sqlflowGetJob', { jobId: 'x', jobName: 'x' }));
    for (const failure of failures) {
      expect(failure.message.length).toBeLessThan(500);
      expect(failure.type).toMatch(/^(Service\.UnexpectedAnswer|RemoteJob\.NotFound)$/);
    }
    expect(failures[0]?.message).toContain('a text of at most 200 characters');
  });
});

test('an answer that is too large for history fails a single call by its type', async () => {
  const { remoteId } = await activities.run('linkisSubmitTask', {
    task: { ...spark, code: "select repeat('x', 2000) as x from range(1000)" },
    key,
  });
  let location: string | undefined;
  await until(async () => {
    const row = await activities.run('linkisGetTask', { taskId: remoteId });
    location = row.resultLocation;
    return row.status === 'Succeed';
  });
  const [set] = await activities.run('linkisListResultSets', { path: location ?? '' });
  const failure = await activities.failure('linkisGetResultPage', {
    path: set?.path ?? '',
    page: { page: 1, pageSize: 5000 },
  });
  expect(failure).toMatchObject({ type: 'RemoteJob.TooLarge', nonRetryable: true });
  expect(failure.message).toMatch(/^the answer has \d+ bytes; at most 1572864 fit/);
});

test('a result whose parts fit one by one, and not together, fails its workflow by its type', async () => {
  const columns = Array.from({ length: 200 }, (_, index) => `1 as ${'c'.repeat(500)}${index}`);
  const statement = `select ${columns.join(', ')}`;
  const code = Array.from({ length: 20 }, () => statement).join(';\n');
  const [codeFile] = await jobs.stage({ 'wide.sql': code });
  const { outcome } = await foreignRun('linkisTask', { ...spark, codeFile });
  expect(outcome).toMatchObject({ kind: 'failed', type: 'RemoteJob.TooLarge' });
});

test('nothing that was run here was ended by the server', async () => {
  const { client, taskQueue } = jobs.temporal;
  const query = `TaskQueue = "${taskQueue}" AND ExecutionStatus = "Terminated"`;
  expect((await client.workflow.count(query)).count).toBe(0);
});
