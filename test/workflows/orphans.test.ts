import { randomUUID } from 'node:crypto';
import type { RemoteJobMemo } from '../../src/contracts/job';
import { remoteJobMemoKey } from '../../src/contracts/names';
import type { OrphansReport } from '../../src/contracts/orphans';
import { localConnections } from '../../src/cli/local-connections';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';

let sqlflow: LocalSqlFlow;
let linkis: LocalLinkis;
let stack: JobStack;

beforeAll(async () => {
  [sqlflow, linkis] = await Promise.all([LocalSqlFlow.start(), LocalLinkis.start()]);
  const local = localConnections({ sqlflow: sqlflow.url, linkis: linkis.url });
  // An open workflow of another spec may follow a task of the same number on a connection of its name.
  stack = await jobStack({ sqlflow: local.sqlflow, swept: local.linkis });
});
afterEach(() => {
  for (const { service } of [sqlflow, linkis]) service.setFaults({ faults: [] });
});
afterAll(async () => {
  await stack.close();
  await Promise.all([sqlflow.close(), linkis.close()]);
});

async function orphans(input: object): Promise<OrphansReport> {
  const { client, taskQueue } = stack.temporal;
  const workflowId = `orphans-${randomUUID()}`;
  return client.workflow.execute('remoteJobsOrphans', { taskQueue, workflowId, args: [input] });
}

test('a status that is behind makes no orphan of a job whose workflow saw it end', async () => {
  const { client, taskQueue } = stack.temporal;
  const files = await stack.stage({ 'a.sql': 'create view v as select a from t;' });
  const workflowId = `job-${randomUUID()}`;
  const { jobId } = (await client.workflow.execute('sqlflowJob', {
    taskQueue,
    workflowId,
    args: [{ jobName: 'daily', dbVendor: 'dbvhive', files }],
  })) as { jobId: string };
  const closed = `WorkflowId = "${workflowId}" AND ExecutionStatus = 'Completed'`;
  await until(async () => (await client.workflow.count(closed)).count === 1);
  sqlflow.service.setFaults({
    faults: [{ endpoint: 'displayUserJobsSummary', do: 'staleStatus', looks: 1000 }],
  });
  const report = await orphans({ kill: true });
  expect(report.orphans).toEqual([]);
  const reason = 'its workflow saw it end and completed, yet the service says process';
  expect(report.unjudged).toMatchObject([{ remoteId: jobId, reason }]);
  const deleted = sqlflow.service.calls.filter(({ endpoint }) => endpoint === 'deleteUserJob');
  expect(deleted).toEqual([]);
});

test('a kill that fails leaves the others, and the next run ends what this one could not', async () => {
  const { client, taskQueue } = stack.temporal;
  const files = await stack.stage({ 'a.sql': '-- local: delay 600s\nselect 1;' });
  const job = { jobName: 'slow', dbVendor: 'dbvhive', files };
  const code = '-- local: delay 600s\nselect 1';
  for (const [type, input] of [
    ['sqlflowJob', job],
    ['linkisTask', { code, engine: 'spark-2.4.3', runType: 'sql' }],
    ['linkisTask', { code, engine: 'spark-2.4.3', runType: 'sql' }],
  ] as const) {
    const workflowId = `left-${randomUUID()}`;
    const handle = await client.workflow.start(type, { taskQueue, workflowId, args: [input] });
    await until(async () => {
      const { memo } = await handle.describe();
      return (memo?.[remoteJobMemoKey] as RemoteJobMemo | undefined)?.remoteId !== undefined;
    });
    await handle.terminate();
    // The list of open workflows is a moment behind.
    const open = `WorkflowId = "${workflowId}" AND ExecutionStatus = 'Running'`;
    await until(async () => (await client.workflow.count(open)).count === 0);
  }
  linkis.service.setFaults({
    faults: [{ endpoint: 'jobhistory/get', do: 'status', status: 403 }],
  });
  const { orphans: killed } = await orphans({ kill: true });
  expect(killed.map(({ kill }) => kill?.outcome)).toEqual([
    'removed',
    'unconfirmed',
    'unconfirmed',
  ]);
  expect(killed[1]?.kill?.evidence).toContain('the kill could not be carried out: ');
  linkis.service.setFaults({ faults: [] });
  const again = await orphans({ kill: true });
  expect(again.orphans.map(({ kill }) => kill?.outcome)).toEqual(['confirmed', 'confirmed']);
  expect((await orphans({ kill: true })).orphans).toEqual([]);
});

test('a look costs few events, and a search for an unknown connection says which there are', async () => {
  const { client, taskQueue } = stack.temporal;
  const args = [{ connection: 'linkiss' }];
  const handle = await client.workflow.start('remoteJobsOrphans', {
    taskQueue,
    workflowId: `orphans-${randomUUID()}`,
    args,
  });
  await expect(handle.result()).rejects.toMatchObject({
    cause: {
      cause: { type: 'RemoteJob.Configuration', message: expect.stringContaining('"swept"') },
    },
  });
  expect((await stack.history(handle.workflowId)).length).toBeLessThanOrEqual(11);
});
