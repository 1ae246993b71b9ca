import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  type NativeConnectionPlugin,
  Runtime,
  type WorkflowBundle,
} from '@temporalio/worker';
import { CompanionPlugin } from '../../src/plugin/companion-plugin';
import { TestActivities } from './fixtures/activities';
import { startTemporal } from './temporal';

/** A Temporal server and a bundle of the test workflows, for the whole spec. */
export function useTemporal() {
  const logger = new DefaultLogger('ERROR', () => {});
  const connections: NativeConnection[] = [];
  const harness = {
    temporal: undefined as unknown as TestWorkflowEnvironment,
    workflowBundle: undefined as unknown as WorkflowBundle,

    /** Closed after the test, which fails where a worker, running or not, still holds it. */
    async connect(...plugins: NativeConnectionPlugin[]): Promise<NativeConnection> {
      const { address } = harness.temporal;
      const connection = await NativeConnection.connect({ address, plugins });
      connections.push(connection);
      return connection;
    },

    start(taskQueue: string, workflow = 'bothQueues', ...args: unknown[]) {
      const workflowId = randomUUID();
      return harness.temporal.client.workflow.start(workflow, { taskQueue, workflowId, args });
    },

    /** Who has polled a queue for activities lately. */
    async pollers(taskQueue: string): Promise<number> {
      const { workflowService } = harness.temporal.connection;
      const { pollers } = await workflowService.describeTaskQueue({
        namespace: 'default',
        taskQueue: { name: taskQueue },
        taskQueueType: 2,
      });
      return pollers?.length ?? 0;
    },
  };

  beforeAll(async () => {
    Runtime.install({ logger, shutdownSignals: [] });
    harness.temporal = await startTemporal();
    const workflowsPath = require.resolve('./fixtures/workflows');
    harness.workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  });
  afterEach(() => Promise.all(connections.splice(0).map((connection) => connection.close())));
  afterAll(async () => {
    await harness.temporal.teardown();
    await Runtime.instance().shutdown();
  });
  return harness;
}

/** A plugin with a companion, and the activities it has made, one set a worker. */
export function testPlugin() {
  const made: TestActivities[] = [];
  const plugin = new CompanionPlugin({
    name: 'TestJobs',
    maxWaitingJobs: 1_000,
    createActivities: () => {
      const activities = new TestActivities();
      made.push(activities);
      return activities;
    },
  });
  return { plugin, made };
}

export function newQueue(): string {
  return `plugin-${randomUUID()}`;
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A promise that is settled from outside. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}
