import { WithStartWorkflowOperation, type Workflow } from '@temporalio/client';
import { readManifest, writeManifest } from '../../src/artifacts/manifest';
import {
  chainMessages,
  chainWorkflowId,
  mostQueuedRequests,
  type ChainRequest,
  type ManifestRef,
  type RefreshAnswer,
} from '../../src/contracts/chain';
import { chainWorkflowTypes } from '../../src/contracts/chain-asking';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { chainState, forgetChain } from '../../src/starter/chains';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';

const connection = 'sqlflow-of-a-year';
const name = 'warehouse';
const { signal } = new AbortController();
const workflowId = chainWorkflowId(connection, name);

let sqlflow: LocalSqlFlow;
let stack: JobStack;

beforeAll(async () => {
  sqlflow = await LocalSqlFlow.start({ jobDelayMs: 0 });
  process.env.SQLFLOW_YEAR_KEY = 'demo-secret';
  const secretKey = { env: 'SQLFLOW_YEAR_KEY' };
  const { url } = sqlflow;
  stack = await jobStack({ [connection]: { type: 'sqlflow', url, userId: 'demo', secretKey } });
});
// A year of workflows is replayed.
afterAll(async () => {
  await stack.close();
  await sqlflow.close();
}, 300_000);

/** The warehouse's code on a day: a few files, one of which somebody touches now and then. */
async function filesOf(version: number): Promise<ManifestRef> {
  const staged = await stack.stage({
    'orders.sql': 'create table sales.orders (id int, amount int);',
    'totals.sql': `insert into mart.totals (id, total) select id, sum(amount) as v${version} from sales.orders group by id;`,
    'daily.sql': 'insert into mart.daily (id) select id from sales.orders;',
  });
  return writeManifest(stack.store, staged, signal);
}

function refresh(day: number, inputs: ManifestRef): Promise<RefreshAnswer> {
  const { client, taskQueue } = stack.temporal;
  const requestId = `day-${day}`;
  const request = { requestId, connection, chain: name, dbVendor: 'dbvhive', inputs };
  return client.workflow.executeUpdateWithStart<Workflow, RefreshAnswer, [ChainRequest]>(
    chainMessages.refresh,
    {
      args: [request],
      updateId: requestId,
      startWorkflowOperation: new WithStartWorkflowOperation(chainWorkflowTypes.chain, {
        workflowId,
        taskQueue,
        args: [{ connection, name }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    },
  );
}

async function answered(day: number, inputs: ManifestRef) {
  // A run that ends meanwhile asks to be asked again.
  for (;;) {
    const answer = await refresh(day, inputs);
    if (!('pending' in answer)) return answer.outcome;
  }
}

test('a year of daily refreshes: one jobId, a submit only when something changed, a bounded history, a manifest that is right', async () => {
  const submits = () =>
    sqlflow.service.calls.filter(({ endpoint }) => endpoint === 'submitPersistJob').length;
  const jobIds = new Set<string | undefined>();
  let inputs = await filesOf(0);
  for (let day = 0; day < 365;) {
    inputs = await filesOf(day);
    const changed = await answered(day, inputs);
    const files = day === 0 ? { total: 3, sent: 3 } : { total: 3, sent: 1, changed: 1 };
    expect(changed).toMatchObject({ end: 'refreshed', generation: 1, files });
    jobIds.add(changed.jobId);
    day += 1;
    // Nobody touches anything for the rest of the quarter; as many days at once as may wait.
    const quiet: number[] = [];
    for (; day % 92 !== 0 && day < 365; day++) quiet.push(day);
    while (quiet.length > 0) {
      const days = quiet.splice(0, mostQueuedRequests);
      const outcomes = await Promise.all(days.map((one) => answered(one, inputs)));
      for (const [index, same] of outcomes.entries()) {
        const requestId = `day-${days[index]}`;
        expect(same).toMatchObject({ requestId, end: 'unchanged', generation: 1 });
        jobIds.add(same.jobId);
      }
    }
  }
  expect(submits()).toBe(4);
  expect(jobIds.size).toBe(1);
  expect(sqlflow.jobs()).toHaveLength(1);

  const { current, latest, revision, unsettled, refreshes } = await chainState(
    stack.temporal.client,
    connection,
    name,
  );
  expect({ submits: current?.submits, revision, unsettled }).toEqual({
    submits: 4,
    revision: 4,
    unsettled: [],
  });
  expect(refreshes).toHaveLength(50);
  const held = await readManifest(stack.store, latest!.manifest, signal);
  expect(held).toEqual(await readManifest(stack.store, inputs, signal));

  await forgetChain(stack.temporal.client, connection, name);
  const events: number[] = [];
  await until(async () => {
    events.length = 0;
    const query = `WorkflowId = '${workflowId}'`;
    for await (const { runId } of stack.temporal.client.workflow.list({ query })) {
      const handle = stack.temporal.client.workflow.getHandle(workflowId, runId);
      events.push((await handle.fetchHistory()).events?.length ?? 0);
    }
    return events.length > 5;
  });
  expect(Math.max(...events)).toBeLessThan(350);
}, 300_000);
