import type { JobEnd, JobHooks, JobSubmission } from '../../src/contracts/hooks';
import { SubmitRefusedError } from '../../src/contracts/hooks';
import type { LinkisTaskInput, LinkisTaskResult } from '../../src/contracts/linkis';
import type { SqlFlowJobResult } from '../../src/contracts/sqlflow';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { cancelJob } from '../../src/starter/cancel';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob } from '../../src/starter/start';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';

let sqlflow: LocalSqlFlow;
let linkis: LocalLinkis;
let stack: JobStack;
/** What the hooks were called with, and what each job has them do. */
const asked: JobSubmission[] = [];
const told: JobEnd[] = [];
const before = new Map<string, NonNullable<JobHooks['beforeSubmit']>>();
const after = new Map<string, NonNullable<JobHooks['afterEnd']>>();

beforeAll(async () => {
  [sqlflow, linkis] = await Promise.all([
    LocalSqlFlow.start({ jobDelayMs: 0 }),
    LocalLinkis.start(),
  ]);
  stack = await jobStack(
    {
      cluster: {
        type: 'linkis',
        url: linkis.url,
        user: 'hadoop',
        token: { value: 'local-token' },
        users: ['alice'],
      },
      lineage: {
        type: 'sqlflow',
        url: sqlflow.url,
        userId: 'demo',
        secretKey: { value: 'demo-secret' },
      },
    },
    {
      hooks: {
        beforeSubmit: (submission, signal) => {
          asked.push(submission);
          return before.get(submission.workflowId)?.(submission, signal);
        },
        afterEnd: (end, signal) => {
          told.push(end);
          return after.get(end.workflowId)?.(end, signal);
        },
      },
    },
  );
});
afterAll(async () => {
  await stack.close();
  await Promise.all([sqlflow.close(), linkis.close()]);
});
afterEach(() => linkis.service.setFaults({ faults: [] }));

const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;

let count = 0;
function nextId(): string {
  return `${stack.temporal.taskQueue}-${(count += 1)}`;
}

async function run(workflowId: string, input: Partial<LinkisTaskInput>) {
  const { client, taskQueue } = stack.temporal;
  const task = { ...spark, code: 'select 1 as one', ...input };
  await startJob(client, 'linkisTask', task, { workflowId, taskQueue });
  return awaitOutcome<LinkisTaskResult>(client, workflowId);
}

const timesAsked = (id: string) => asked.filter(({ workflowId }) => workflowId === id).length;
const endsOf = (id: string) => told.filter(({ workflowId }) => workflowId === id);
const tasksOf = (id: string) =>
  linkis.tasks().filter(({ source }) => source.remoteJobsWorkflowId === id);

test('a policy amends what is sent, and the result says so', async () => {
  const [task, job] = [nextId(), nextId()];
  before.set(task, ({ input }) => ({ ...input, code: 'select 2 as two', labels: { team: 'a' } }));
  before.set(job, ({ input }) => ({ ...input, jobName: 'renamed' }));
  const { client, taskQueue } = stack.temporal;
  const files = await stack.stage({ 'load.sql': 'insert into m.t (a) select a from s.r;' });
  const lineage = { jobName: 'nightly', dbVendor: 'dbvhive', files, exports: ['csv'] as const };
  await startJob(client, 'sqlflowJob', lineage, { workflowId: job, taskQueue });
  const [taskEnd, jobEnd] = await Promise.all([
    run(task, {}),
    awaitOutcome<SqlFlowJobResult>(client, job),
  ]);
  if (taskEnd.kind !== 'succeeded' || jobEnd.kind !== 'succeeded')
    throw new Error(JSON.stringify([taskEnd, jobEnd]));
  expect(tasksOf(task).map(({ code }) => code)).toEqual(['select 2 as two']);
  expect(await stack.read(taskEnd.result.results[0])).toBe('two\r\n2\r\n');
  expect(taskEnd.result.warnings).toEqual([
    "the worker's policy changed code, labels before the submit",
  ]);
  expect(jobEnd.result.jobName).toMatch(/^renamed--test-/);
  expect(asked.find(({ workflowId }) => workflowId === task)).toMatchObject({
    type: 'linkisTask',
    vendor: 'linkis',
    connection: 'cluster',
    input: { code: 'select 1 as one' },
  });
});

test('every attempt of a submission sends what the policy answered the first time', async () => {
  const id = nextId();
  before.set(id, ({ input }) => ({ ...input, code: `select ${timesAsked(id)} as n` }));
  const busy = { do: 'status', status: 429, retryAfter: 1 } as const;
  linkis.service.setFaults({ faults: [{ endpoint: 'submit', calls: [1, 2], ...busy }] });
  const ended = await run(id, {});
  if (ended.kind !== 'succeeded') throw new Error(JSON.stringify(ended));
  expect(timesAsked(id)).toBe(1);
  expect(tasksOf(id).map(({ code }) => code)).toEqual(['select 1 as n']);
});

test('a hook can only say what it thinks: what it does to the input it was given has no effect', async () => {
  const id = nextId();
  before.set(id, ({ input }) => {
    Object.assign(input, { code: 'select 9 as nine' });
    // As JavaScript may say nothing.
    return null as never;
  });
  const ended = await run(id, {});
  expect(ended).toMatchObject({ kind: 'succeeded', result: { warnings: [] } });
  expect(tasksOf(id).map(({ code }) => code)).toEqual(['select 1 as one']);
});

test('a refused submission fails at once, in the words of the policy, and nothing is sent', async () => {
  const id = nextId();
  before.set(id, () => {
    throw new SubmitRefusedError('spark-2.4.3 is closed to this team: take spark-3.2.1');
  });
  expect(await run(id, {})).toEqual({
    kind: 'failed',
    type: 'RemoteJob.RefusedByPolicy',
    message: 'spark-2.4.3 is closed to this team: take spark-3.2.1',
    report: { submitted: 'no', tellsEnd: true },
  });
  expect(timesAsked(id)).toBe(1);
  expect(tasksOf(id)).toEqual([]);
  expect(endsOf(id)).toMatchObject([
    { outcome: 'failed', failure: { type: 'RemoteJob.RefusedByPolicy' }, vendor: 'linkis' },
  ]);
});

test.each([
  [{ user: 'alice' }, 'RemoteJob.Configuration', 'changed user of a linkisTask'],
  [{ engine: 'spark' }, 'RemoteJob.InvalidInput', 'engine'],
])('an answer with %p fails the job before anything is sent', async (change, type, words) => {
  const id = nextId();
  before.set(id, ({ input }) => ({ ...input, ...change }));
  const ended = await run(id, {});
  expect(ended).toMatchObject({ kind: expect.stringMatching(/failed|invalid/), type });
  expect(JSON.stringify(ended)).toContain(words);
  expect(tasksOf(id)).toEqual([]);
});

test('a hook that fails by a fault of its own is asked again, and nothing is sent meanwhile', async () => {
  const id = nextId();
  before.set(id, async () => {
    if (timesAsked(id) < 3) throw new TypeError('the catalog of teams is away');
    expect(tasksOf(id)).toEqual([]);
  });
  expect(await run(id, {})).toMatchObject({ kind: 'succeeded', result: { warnings: [] } });
  expect(timesAsked(id)).toBe(3);
  expect(tasksOf(id)).toHaveLength(1);
});

test('every end is told: a success with its result, a failure with its report, a cancel with its kill', async () => {
  const [good, bad, killed] = [nextId(), nextId(), nextId()];
  const { client, taskQueue } = stack.temporal;
  const long = { ...spark, code: '-- local: delay 30m\nselect 1' };
  await startJob(client, 'linkisTask', long, { workflowId: killed, taskQueue });
  const [goodEnd, badEnd] = await Promise.all([
    run(good, {}),
    run(bad, { code: 'select * from no_such_table' }),
  ]);
  await until(async () => tasksOf(killed)[0]?.status === 'Running');
  const killedEnd = await cancelJob(client, killed);
  if (goodEnd.kind !== 'succeeded' || badEnd.kind !== 'failed') throw new Error('otherwise');
  expect(endsOf(good)).toMatchObject([
    { outcome: 'succeeded', decision: 'freshSubmit', result: { taskId: goodEnd.result.taskId } },
  ]);
  expect(endsOf(bad)).toMatchObject([
    { outcome: 'failed', failure: { type: 'RemoteJob.Failed', report: { status: 'Failed' } } },
  ]);
  expect(endsOf(killed)).toMatchObject([{ outcome: 'cancelled', kill: { outcome: 'confirmed' } }]);
  expect(killedEnd).toMatchObject({ kind: 'cancelled', kill: { outcome: 'confirmed' } });
});

test('a hook that fails after the end is asked three times, and changes nothing of the end', async () => {
  const id = nextId();
  after.set(id, () => {
    throw new Error('the board is away');
  });
  expect(await run(id, {})).toMatchObject({ kind: 'succeeded' });
  expect(endsOf(id)).toHaveLength(3);
});

test("somebody else's job is asked of nobody, and its end is told", async () => {
  const [own, other] = [nextId(), nextId()];
  const ended = await run(own, {});
  if (ended.kind !== 'succeeded') throw new Error(JSON.stringify(ended));
  const { client, taskQueue } = stack.temporal;
  const { taskId } = ended.result;
  await startJob(client, 'linkisAttach', { taskId }, { workflowId: other, taskQueue });
  expect(await awaitOutcome(client, other)).toMatchObject({ kind: 'succeeded' });
  expect(timesAsked(other)).toBe(0);
  expect(endsOf(other)).toMatchObject([{ outcome: 'succeeded', decision: 'attached' }]);
});
