import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob, type JobInputs, type JobWorkflow } from '../../src/starter/start';
import type { LinkisTaskResult } from '../../src/contracts/linkis';
import type { SqlFlowJobResult } from '../../src/contracts/sqlflow';
import { jobStack, type JobStack } from '../support/job-stack';
import { sideBySide } from '../support/side-by-side';

let linkis: LocalLinkis;
/** Each story has a service of its own. */
let sqlflow: LocalSqlFlow;
let unwell: LocalSqlFlow;
let stack: JobStack;
const stories = sideBySide(150_000);

beforeAll(async () => {
  [linkis, sqlflow, unwell] = await Promise.all([
    LocalLinkis.start(),
    LocalSqlFlow.start(),
    LocalSqlFlow.start(),
  ]);
  process.env.LINKIS_TEST_PASSWORD = 'hadoop';
  process.env.SQLFLOW_TEST_SECRET = 'demo-secret';
  const account = {
    type: 'sqlflow',
    userId: 'demo',
    secretKey: { env: 'SQLFLOW_TEST_SECRET' },
  } as const;
  stack = await jobStack({
    linkis: {
      type: 'linkis',
      url: linkis.url,
      user: 'hadoop',
      password: { env: 'LINKIS_TEST_PASSWORD' },
    },
    sqlflow: { ...account, url: sqlflow.url },
    unwell: { ...account, url: unwell.url },
  });
  stories.begin();
});
afterAll(async () => {
  await stack.close();
  await Promise.all([linkis.close(), sqlflow.close(), unwell.close()]);
});

/** The first submit loses its connection, and takes effect only after the second one has. */
function firstComesLate(endpoint: string) {
  return { faults: [{ endpoint, calls: [1], do: 'late', afterCallOf: endpoint }] };
}

async function run<Result, Type extends JobWorkflow>(type: Type, input: JobInputs[Type]) {
  const { client, taskQueue } = stack.temporal;
  const { workflowId } = await startJob(client, type, input, { taskQueue });
  const outcome = await awaitOutcome<Result>(client, workflowId);
  if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome));
  return outcome.result;
}

stories.test(
  'a Linkis task that a late request makes besides is killed, and the result says so',
  async () => {
    linkis.service.setFaults(firstComesLate('submit'));
    const result = await run<LinkisTaskResult, 'linkisTask'>('linkisTask', {
      engine: 'spark-2.4.3',
      runType: 'sql',
      code: '-- local: delay 3s\nselect 1',
    });
    expect(result.decision).toBe('freshSubmit');
    expect(result.twins).toEqual([expect.objectContaining({ outcome: 'confirmed' })]);
    const alive = linkis.tasks().filter(({ status }) => status !== 'Cancelled');
    expect(alive.map(({ taskId }) => String(taskId))).toEqual([result.taskId]);
  },
);

stories.test(
  'a SQLFlow job that a late request makes besides is deleted, though the job has long ended',
  async () => {
    sqlflow.service.setFaults(firstComesLate('submitUserJob'));
    const files = await stack.stage({ 'a.sql': 'insert into t select a from b' });
    const result = await run<SqlFlowJobResult, 'sqlflowJob'>('sqlflowJob', {
      connection: 'sqlflow',
      jobName: 'twin',
      dbVendor: 'dbvhive',
      files,
    });
    expect(result.twins).toEqual([expect.objectContaining({ outcome: 'removed' })]);
    expect(sqlflow.jobs().map(({ jobId }) => jobId)).toEqual([result.jobId]);
  },
);

stories.test(
  'a look for twins that is cut off by the end of the job, while it waits to try again, reports none',
  async () => {
    unwell.service.setFaults({
      faults: [
        { endpoint: 'submitUserJob', calls: [1], do: 'reset' },
        // The first list is the probe of the next submit, the second the look beside the job.
        {
          endpoint: 'displayUserJobsSummary',
          calls: [2],
          do: 'status',
          status: 503,
          retryAfter: 600,
        },
      ],
    });
    const files = await stack.stage({
      'a.sql': '-- local: delay 3s\ninsert into t select a from b',
    });
    const result = await run<SqlFlowJobResult, 'sqlflowJob'>('sqlflowJob', {
      connection: 'unwell',
      jobName: 'cut-off',
      dbVendor: 'dbvhive',
      files,
    });
    expect(result.twins).toBeUndefined();
  },
);
