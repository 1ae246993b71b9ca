import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, WorkflowFailedError } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { RemoteJobsPlugin } from 'temporal-remote-jobs';
import { LocalStack } from 'temporal-remote-jobs/testing';
import { policy } from './policy';
import type { load } from './workflows';

const taskQueue = 'load';
const workflowsPath = require.resolve('./workflows');

let stack: LocalStack;
let connection: NativeConnection;
let client: Client;
let worker: Worker;
let running: Promise<void>;
let artifacts: string;

beforeAll(async () => {
  // The tests provoke what the SDK warns of; and Ctrl-C belongs to Jest.
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined), shutdownSignals: [] });
  artifacts = await mkdtemp(path.join(tmpdir(), 'load-test-'));
  stack = await LocalStack.start();
  connection = await NativeConnection.connect({ address: stack.temporal.address });
  client = new Client({ connection });
  const plugin = new RemoteJobsPlugin({
    connections: {
      cluster: {
        type: 'linkis',
        url: stack.linkis.url,
        user: 'hadoop',
        password: { value: 'hadoop' },
      },
    },
    artifacts: { folder: artifacts },
    hooks: policy,
  });
  worker = await Worker.create({ connection, taskQueue, workflowsPath, plugins: [plugin] });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await connection.close();
  await stack.close();
  await rm(artifacts, { recursive: true, force: true });
});
afterEach(() => stack.linkis.service.setFaults(undefined));

let count = 0;
function start(code: string, patienceMs = 60_000) {
  const workflowId = `load/${(count += 1)}`;
  return client.workflow.start<typeof load>('load', {
    taskQueue,
    workflowId,
    args: [{ code, patienceMs }],
  });
}

async function failureOf(handle: { result(): Promise<unknown> }): Promise<string> {
  try {
    return `no failure, but ${JSON.stringify(await handle.result())}`;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    let cause: Error = error;
    while (cause.cause instanceof Error) cause = cause.cause;
    return cause.message;
  }
}

/** The tasks that the stand-in was asked for since the test began, by what they run. */
const tasksWith = (words: string) =>
  stack.linkis.tasks().filter(({ code }) => code.includes(words));

test('a load counts its rows', async () => {
  const handle = await start('select n from range(3) t(n)');
  expect(await handle.result()).toBe('3 rows');
  // The very workflow that ran, from its history: a change that breaks running ones shows here.
  await Worker.runReplayHistory({ workflowsPath }, await handle.fetchHistory());
});

test('a submit whose reply is lost makes one task, not two', async () => {
  stack.linkis.service.setFaults({
    faults: [{ endpoint: 'submit', calls: [1], when: 'after', do: 'reset' }],
  });
  expect(await (await start("select 'lost' as word")).result()).toBe('1 rows');
  expect(tasksWith('lost')).toHaveLength(1);
});

test('a cluster that is busy for a while only delays the load', async () => {
  stack.linkis.service.setFaults({
    faults: [{ endpoint: 'submit', calls: [1, 2], do: 'status', status: 429, retryAfter: 1 }],
  });
  expect(await (await start("select 'busy' as word")).result()).toBe('1 rows');
});

test('a load that takes too long is killed before the workflow says so', async () => {
  const handle = await start('-- local: delay 30m\nselect 1 as slow', 3000);
  expect(await failureOf(handle)).toMatch(/^gave up: confirmed/);
  expect(tasksWith('slow')).toMatchObject([{ status: 'Cancelled', isBusy: false }]);
});

test('what the policy forbids never reaches the cluster', async () => {
  expect(await failureOf(await start('drop table sales'))).toContain('by the migrations');
  expect(tasksWith('drop table')).toEqual([]);
});
