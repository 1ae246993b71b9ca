import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Worker } from '@temporalio/worker';
import { replayFinished } from './replay';
import { testTemporal, type TestTemporal } from './temporal';
import { workflowBundle } from './workflow-bundle';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await testTemporal({ workflowsPath: require.resolve('./fixtures/greeting') });
});
afterAll(() => temporal.close());

async function greet(): Promise<void> {
  const { connection, taskQueue, client } = temporal;
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: temporal.workflowBundle,
  });
  const greeting = await worker.runUntil(
    client.workflow.execute('greeting', { taskQueue, workflowId: taskQueue, args: ['you'] }),
  );
  expect(greeting).toBe('Hello you');
}

test('a finished workflow is replayed, and a change that breaks it is found', async () => {
  await greet();
  const { client, taskQueue } = temporal;
  await untilListed();
  expect(await replayFinished(client, taskQueue, temporal.workflowBundle)).toBe(1);
  const changed = await workflowBundle(require.resolve('./fixtures/changed-greeting'));
  await expect(replayFinished(client, taskQueue, changed)).rejects.toThrow(
    `Replay failed for ${taskQueue}: `,
  );
});

async function untilListed(): Promise<void> {
  const query = `TaskQueue = "${temporal.taskQueue}"`;
  while ((await temporal.client.workflow.count(query)).count === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("the tests' environment leads to no Temporal server of the user", () => {
  const { connectionOptions } = loadClientConnectConfig();
  expect(connectionOptions.address).toMatch(/^tests-must-not-read-the-environment\.invalid/);
  expect(connectionOptions.apiKey).toBeUndefined();
});
