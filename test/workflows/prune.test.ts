import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { keyedJobName } from '../../activities/sqlflow/job-name';
import { SqlFlowClient } from '../../src/clients/sqlflow/client';
import { localConnections } from '../../src/cli/local-connections';
import type { PruneReport } from '../../src/contracts/prune';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';

const { signal } = new AbortController();
let sqlflow: LocalSqlFlow;
let stack: JobStack;
let flow: SqlFlowClient;

beforeAll(async () => {
  sqlflow = await LocalSqlFlow.start();
  const local = localConnections({ sqlflow: sqlflow.url, linkis: sqlflow.url });
  stack = await jobStack({ sqlflow: local.sqlflow });
  const credential = { secretKey: 'demo-secret' };
  flow = new SqlFlowClient({ url: sqlflow.url, userId: 'demo', credential });
});
afterEach(() => sqlflow.service.setFaults({ faults: [] }));
afterAll(async () => {
  await flow.close();
  await stack.close();
  await sqlflow.close();
});

const sql = 'create view v as select a from t;';

async function prune(input: object = {}): Promise<PruneReport> {
  const { client, taskQueue } = stack.temporal;
  const args = [{ olderThanMs: 0, ...input }];
  const workflowId = `prune-${randomUUID()}`;
  return client.workflow.execute('remoteJobsPrune', { taskQueue, workflowId, args });
}

/** @returns the jobId, once Temporal lists the workflow as closed */
async function ended(type: string, job: object, text = sql): Promise<string> {
  const { client, taskQueue } = stack.temporal;
  const files = await stack.stage({ 'a.sql': text });
  const workflowId = `job-${randomUUID()}`;
  const args = [{ dbVendor: 'dbvhive', files, ...job }];
  const before = new Set(await listed());
  await client.workflow.execute(type, { taskQueue, workflowId, args }).catch(() => undefined);
  const closed = `WorkflowId = "${workflowId}" AND ExecutionStatus != 'Running'`;
  await until(async () => (await client.workflow.count(closed)).count === 1);
  const [jobId] = (await listed()).filter((id) => !before.has(id));
  return jobId ?? 'none';
}

/** A job that no workflow of this deployment knows. */
async function submitted(jobName: string): Promise<string> {
  const bytes = Buffer.from(sql);
  const file = { name: 'a.sql', sizeBytes: bytes.length, open: () => Readable.from([bytes]) };
  const { jobId } = await flow.submitUserJob(
    { jobName, dbVendor: 'dbvhive', files: [file] },
    signal,
  );
  await until(async () => {
    const { status } = await flow.displayUserJobSummary({ jobId }, signal);
    return status === 'success';
  });
  return jobId;
}

async function listed(): Promise<string[]> {
  const { jobs } = await flow.displayUserJobsSummary(signal);
  return jobs.map(({ jobId }) => jobId);
}

test('what is exported, or failed, is deleted; whatever could be missed by anybody stays', async () => {
  const owner = { installation: 'test', namespace: 'default', workflowId: 'long-gone' };
  const mark = { ...owner, key: randomUUID(), persist: false };
  const exported = await ended('sqlflowJob', { jobName: 'exported' });
  const failed = await ended('sqlflowJob', { jobName: 'failed' }, '-- local: fail\nselect 1;');
  const persist = await ended('sqlflowPersistJob', { jobName: 'persist' });
  const somebodys = await submitted('by-hand');
  const forgotten = await submitted(keyedJobName('forgotten', mark));
  const foreign = await submitted(keyedJobName('foreign', { ...mark, installation: 'other' }));
  const elsewhere = await submitted(keyedJobName('elsewhere', { ...mark, namespace: 'another' }));
  // Completed, but only as somebody who followed it.
  const { client, taskQueue } = stack.temporal;
  await client.workflow.execute('sqlflowAttach', {
    taskQueue,
    workflowId: `attach-${randomUUID()}`,
    args: [{ jobId: forgotten }],
  });

  expect(await prune({ olderThanMs: 3_600_000 })).toMatchObject({ deleted: 0, left: 0 });
  const account = { connection: 'sqlflow', listed: 7, ended: 3, due: 2 };
  const dry = await prune({ dryRun: true });
  expect(dry).toMatchObject({ accounts: [account], deleted: 0, left: 2 });
  expect(await listed()).toHaveLength(7);

  expect(await prune()).toMatchObject({ accounts: [account], deleted: 2, left: 0 });
  const left = await listed();
  expect(left).not.toContain(exported);
  expect(left).not.toContain(failed);
  expect(left.sort()).toEqual([persist, somebodys, forgotten, foreign, elsewhere].sort());
  expect(await prune()).toMatchObject({ deleted: 0, left: 0 });
});

test('a deletion whose answer was lost is not counted as left, and an account that fails is told', async () => {
  const jobId = await ended('sqlflowJob', { jobName: 'lost' });
  sqlflow.service.setFaults({
    faults: [{ endpoint: 'deleteUserJob', calls: [1], when: 'after', do: 'reset' }],
  });
  const first = await prune();
  expect(first.accounts[0]?.problem).toContain('deleteUserJob');
  expect(await listed()).not.toContain(jobId);
  expect(await prune()).toMatchObject({ deleted: 0, left: 0 });
});
