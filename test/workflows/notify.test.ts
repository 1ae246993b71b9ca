import { randomUUID } from 'node:crypto';
import { writeManifest } from '../../src/artifacts/manifest';
import {
  chainWorkflowId,
  refreshWorkflowId,
  type ChainRefreshInput,
} from '../../src/contracts/chain';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { localConnections } from '../../src/cli/local-connections';
import { answerApproval } from '../../src/starter/approvals';
import { forgetChain, requestRefresh } from '../../src/starter/chains';
import { startJob } from '../../src/starter/start';
import { bodyOf, serve, type TestServer } from '../clients/http/server';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';
import { startSteps, task } from './pipeline-stage';

interface Taken {
  readonly path: string;
  readonly key?: string;
  readonly body: Record<string, string>;
}

let stack: JobStack;
let linkis: LocalLinkis;
let sqlflow: LocalSqlFlow;
let webhooks: TestServer;
const taken: Taken[] = [];
/** Answers before 200, by path. */
const refusals = new Map<string, number[]>();

beforeAll(async () => {
  webhooks = await serve(async (request, response) => {
    const body = JSON.parse(await bodyOf(request)) as Record<string, string>;
    const path = request.url ?? '';
    taken.push({ path, key: request.headers['x-key'] as string | undefined, body });
    response.statusCode = refusals.get(path)?.shift() ?? 200;
    response.end('ok');
  });
  [linkis, sqlflow] = await Promise.all([LocalLinkis.start(), LocalSqlFlow.start()]);
  const connections = localConnections({ sqlflow: sqlflow.url, linkis: linkis.url });
  stack = await jobStack(connections, {
    notify: {
      all: { url: `${webhooks.url}/all`, headers: { 'x-key': { value: 'webhook-key' } } },
      slack: {
        url: { value: `${webhooks.url}/slack?token=whole-address-is-secret` },
        on: ['failed'],
        body: { text: ':fire: {{text}}', blocks: [{ id: '{{workflowId}}', none: '{{next}}' }] },
      },
      people: { url: `${webhooks.url}/people`, on: ['gateClosed', 'approvalDue'] },
    },
  });
});
afterAll(async () => {
  await stack.close();
  await Promise.all([linkis.close(), sqlflow.close(), webhooks.close()]);
});

const told = (path: string, workflowId: string) =>
  taken.filter(({ path: at, body }) => at === path && JSON.stringify(body).includes(workflowId));

async function linkisTask(code: string): Promise<string> {
  const { client, taskQueue } = stack.temporal;
  const workflowId = `notify-${randomUUID()}`;
  const input = { engine: 'spark-2.4.3', runType: 'sql', code } as const;
  const handle = await startJob(client, 'linkisTask', input, { workflowId, taskQueue });
  await handle.result().catch(() => undefined);
  return workflowId;
}

test('a job that failed is told to whoever wants to hear, as they want to read it; one that succeeded to nobody', async () => {
  refusals.set('/all', [503]);
  const [failed, well] = await Promise.all([
    linkisTask('select * from no_such_table'),
    linkisTask('select 1 as one'),
  ]);
  const [, again] = told('/all', failed);
  expect(again).toMatchObject({
    key: 'webhook-key',
    body: {
      event: 'failed',
      text: expect.stringMatching(
        new RegExp(`^Linkis task \\d+ on linkis: .*no_such_table[^]*\nremote-jobs show ${failed}$`),
      ),
      subject: expect.stringMatching(/^Linkis task \d+ on linkis$/),
      failureType: 'RemoteJob.Failed',
      vendor: 'linkis',
      connection: 'linkis',
      installation: 'test',
      workflowId: failed,
      workflowType: 'linkisTask',
      at: expect.stringMatching(/^20\d\d-.*Z$/),
    },
  });
  // The first answer was 503: the repeat bears the same id, and only who refused hears it again.
  expect(told('/all', failed).map(({ body }) => body.id)).toEqual([again?.body.id, again?.body.id]);
  const { path = '' } = taken.find(({ path: at }) => at.startsWith('/slack')) ?? {};
  expect(path).toBe('/slack?token=whole-address-is-secret');
  expect(told(path, failed)).toEqual([
    {
      path,
      key: undefined,
      body: {
        text: `:fire: ${again?.body.text}`,
        blocks: [{ id: failed, none: `remote-jobs show ${failed}` }],
      },
    },
  ]);
  expect(taken.filter(({ body }) => JSON.stringify(body).includes(well))).toEqual([]);
  expect(told('/people', failed)).toEqual([]);
  // A job that went well has no event more than without targets.
  expect((await stack.history(well)).length).toBeLessThanOrEqual(26);
});

test('a target that refuses for good is not asked again for the sake of another, changes no job, and its address is nowhere in the history', async () => {
  const path = '/slack?token=whole-address-is-secret';
  refusals.set(path, [404]);
  refusals.set('/all', [503]);
  const failed = await linkisTask('select * from other_table');
  expect([told(path, failed).length, told('/all', failed).length]).toEqual([1, 2]);
  const { client } = stack.temporal;
  const history = JSON.stringify(
    await client.workflow.getHandle(failed).fetchHistory(),
    (_key, value: unknown) =>
      value instanceof Uint8Array ? new TextDecoder().decode(value) : value,
  );
  expect(history).toContain('The webhook'.toLowerCase());
  expect(history).not.toContain('whole-address-is-secret');
  await expect(client.workflow.getHandle(failed).result()).rejects.toMatchObject({
    cause: { type: 'RemoteJob.Failed' },
  });
});

test('a closed gate and an approval that is due are told by name, once each', async () => {
  const { client, taskQueue } = stack.temporal;
  const [closing, asking] = [`closes-${randomUUID()}`, `asks-${randomUUID()}`];
  const more = 'create table t as select a, b, c from s; create table u as select a from t;';
  const less = 'create table t as select a from s;';
  const ask = async (chain: string, sql: string, options: Partial<ChainRefreshInput> = {}) => {
    const { signal } = new AbortController();
    const inputs = await writeManifest(stack.store, await stack.stage({ 'a.sql': sql }), signal);
    const request = { chain, connection: 'sqlflow', dbVendor: 'dbvhive', inputs, ...options };
    const asked = await requestRefresh(client, request, { taskQueue });
    const id = refreshWorkflowId(chainWorkflowId('sqlflow', chain), asked.firstExecutionRunId);
    return {
      id,
      ended: asked.result().then(
        () => 'done',
        () => 'failed',
      ),
    };
  };
  const gate = { maxRemovedEdges: 0 };
  const firsts = await Promise.all([closing, asking].map((chain) => ask(chain, more)));
  expect(await Promise.all(firsts.map(({ ended }) => ended))).toEqual(['done', 'done']);

  const closes = await ask(closing, less, { gate, rebuild: true });
  const asks = await ask(asking, less, { gate: { ...gate, onClosed: 'approve' }, rebuild: true });
  await until(async () => told('/people', asks.id).length > 0);
  const answer = { approved: true, by: 'ada' };
  await answerApproval(client, asks.id, answer);
  expect(await Promise.all([closes.ended, asks.ended])).toEqual(['failed', 'done']);

  expect(told('/people', closes.id).map(({ body }) => body)).toEqual([
    expect.objectContaining({
      event: 'gateClosed',
      subject: `The refresh of the chain ${closing} on sqlflow`,
      message: expect.stringContaining('did not pass its gate'),
      failureType: 'Chain.GateClosed',
      next: `remote-jobs show ${closes.id}`,
    }),
  ]);
  expect(told('/people', asks.id).map(({ body }) => body)).toEqual([
    expect.objectContaining({
      event: 'approvalDue',
      subject: expect.stringMatching(
        new RegExp(`^An approval of revision 2 of the chain ${asking} on sqlflow$`),
      ),
      message: expect.stringContaining('waits until 20'),
      next: `remote-jobs approve ${asks.id}`,
    }),
  ]);
  // A closed gate is no second notice of a failure.
  expect(told('/all', closes.id).map(({ body }) => body.event)).toEqual(['gateClosed']);
  for (const chain of [closing, asking])
    await forgetChain(client, 'sqlflow', chain, { force: true });
});

test('a pipeline tells of its failure as a whole, and its step asks by name', async () => {
  const { client } = stack.temporal;
  const run = await startSteps(stack, {
    broken: { run: task('select * from no_such_table') },
    ask: { run: { type: 'approval', message: 'Publish?', timeoutMs: 600_000 } },
  });
  const step = `${run.workflowId}/ask`;
  await until(async () => told('/people', step).length > 0);
  await answerApproval(client, step, { approved: true, by: 'ada' });
  await run.result().catch(() => undefined);
  expect(told('/people', step).map(({ body }) => body)).toEqual([
    expect.objectContaining({
      event: 'approvalDue',
      message: expect.stringContaining('Publish?'),
      next: `remote-jobs approve ${run.workflowId} ask`,
    }),
  ]);
  // The failed task is the pipeline's to tell.
  const failures = told('/all', run.workflowId).filter(({ body }) => body.event === 'failed');
  expect(failures.map(({ body }) => body)).toEqual([
    expect.objectContaining({
      subject: 'The pipeline tested',
      message: expect.stringContaining('broken: '),
      workflowId: run.workflowId,
    }),
  ]);
});
