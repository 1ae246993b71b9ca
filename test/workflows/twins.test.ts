import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import type { Fault } from '../../src/local/http/fault';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob, type JobInputs, type JobWorkflow } from '../../src/starter/start';
import type { LinkisTaskResult } from '../../src/contracts/linkis';
import type { SqlFlowJobResult } from '../../src/contracts/sqlflow';
import { jobStack, type JobStack } from '../support/job-stack';

let linkis: LocalLinkis;
let sqlflow: LocalSqlFlow;
let stack: JobStack;

beforeAll(async () => {
  [linkis, sqlflow] = await Promise.all([LocalLinkis.start(), LocalSqlFlow.start()]);
  process.env.LINKIS_TEST_PASSWORD = 'hadoop';
  process.env.SQLFLOW_TEST_SECRET = 'demo-secret';
  stack = await jobStack({
    linkis: {
      type: 'linkis',
      url: linkis.url,
      user: 'hadoop',
      password: { env: 'LINKIS_TEST_PASSWORD' },
      headersTimeoutMs: 1000,
      submitTimeoutMs: 1000,
    },
    sqlflow: {
      type: 'sqlflow',
      url: sqlflow.url,
      userId: 'demo',
      secretKey: { env: 'SQLFLOW_TEST_SECRET' },
      headersTimeoutMs: 1000,
    },
  });
});
afterAll(async () => {
  await stack.close();
  await Promise.all([linkis.close(), sqlflow.close()]);
});
afterEach(() => {
  linkis.service.setFaults(undefined);
  sqlflow.service.setFaults(undefined);
});

/** The first submit takes effect after its client gave up, and after the second attempt's look. */
const late: Partial<Fault> = { calls: [1], when: 'before', delayMs: 8000 };

async function run<Result, Type extends JobWorkflow>(type: Type, input: JobInputs[Type]) {
  const { client, taskQueue } = stack.temporal;
  const { workflowId } = await startJob(client, type, input, { taskQueue });
  const outcome = await awaitOutcome<Result>(client, workflowId);
  if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome));
  return outcome.result;
}

test('a Linkis task that a late request makes besides is killed, and the result says so', async () => {
  linkis.service.setFaults({ faults: [{ endpoint: 'submit', ...late }] });
  const result = await run<LinkisTaskResult, 'linkisTask'>('linkisTask', {
    engine: 'spark-2.4.3',
    runType: 'sql',
    code: '-- local: delay 20s\nselect 1',
  });
  expect(result.decision).toBe('freshSubmit');
  expect(result.twins).toEqual([expect.objectContaining({ outcome: 'confirmed' })]);
  expect(result.twins?.[0]?.remoteId).not.toBe(result.taskId);
}, 150_000);

test('a SQLFlow job that a late request makes besides is deleted, though the job has long ended', async () => {
  sqlflow.service.setFaults({ faults: [{ endpoint: 'submitUserJob', ...late }] });
  const files = await stack.stage({ 'a.sql': 'insert into t select a from b' });
  const result = await run<SqlFlowJobResult, 'sqlflowJob'>('sqlflowJob', {
    jobName: 'twin',
    dbVendor: 'dbvhive',
    files,
  });
  expect(result.twins).toEqual([expect.objectContaining({ outcome: 'removed' })]);
  expect(result.twins?.[0]?.remoteId).not.toBe(result.jobId);
}, 150_000);
