import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { NativeConnection, type NativeConnectionPlugin } from '@temporalio/worker';
import { CompanionPlugin } from '../../src/plugin/companion-plugin';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { TestActivities } from './fixtures/activities';

/** The run's Temporal server with the test workflows, for the whole spec. */
export function useTemporal() {
  let temporal: TestTemporal;
  const connections: NativeConnection[] = [];
  beforeAll(async () => {
    temporal = await testTemporal({ workflowsPath: require.resolve('./fixtures/workflows') });
  });
  afterEach(() => Promise.all(connections.splice(0).map((connection) => connection.close())));
  afterAll(() => temporal.close());

  /** How many workers have polled a queue for activities lately. */
  async function pollers(taskQueue: string): Promise<number> {
    const { pollers } = await temporal.connection.workflowService.describeTaskQueue({
      namespace: 'default',
      taskQueue: { name: taskQueue },
      taskQueueType: 2,
    });
    return pollers?.length ?? 0;
  }

  return {
    pollers,

    /** The server hears of a worker's first poll a moment after the worker has sent it. */
    async untilPolled(taskQueue: string): Promise<number> {
      for (;;) {
        const count = await pollers(taskQueue);
        if (count > 0) return count;
        await setTimeout(20);
      }
    },

    get address() {
      return temporal.address;
    },

    get workflowBundle() {
      return temporal.workflowBundle;
    },

    /** Closed after the test, which fails where a worker, running or not, still holds it. */
    async connect(...plugins: NativeConnectionPlugin[]): Promise<NativeConnection> {
      const connection = await NativeConnection.connect({ address: temporal.address, plugins });
      connections.push(connection);
      return connection;
    },

    start(taskQueue: string, workflow = 'bothQueues', ...args: unknown[]) {
      const workflowId = randomUUID();
      return temporal.client.workflow.start(workflow, { taskQueue, workflowId, args });
    },
  };
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
  while (!condition()) await setTimeout(10);
}

/** A promise that is settled from outside. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}
