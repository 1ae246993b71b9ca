import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Client } from '@temporalio/client';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  type NativeConnectionPlugin,
} from '@temporalio/worker';
import { replayFinished } from './replay';
import { runVariable } from './test-run';
import { workflowBundle, type BundleFile } from './workflow-bundle';

export interface TestTemporalOptions {
  /** The workflows that this spec runs. @default workflows/public.ts */
  readonly workflowsPath?: string;
  /** Plugins of the connection. @default none */
  readonly plugins?: readonly NativeConnectionPlugin[];
}

/** The run's Temporal server, as one spec uses it. */
export interface TestTemporal {
  readonly address: string;
  readonly connection: NativeConnection;
  readonly client: Client;
  /** No other spec has it. */
  readonly taskQueue: string;
  /** For `Worker.create({ workflowBundle })`; made once a run. */
  readonly workflowBundle: BundleFile;
  /**
   * Replays the histories of all workflows that have finished on the task queue, then disconnects.
   * Stop the workers before.
   *
   * @throws Error that names every workflow whose replay went another way
   */
  close(): Promise<void>;
}

let open = 0;

/** `const temporal = await testTemporal()` in `beforeAll`, `await temporal.close()` in `afterAll`. */
export async function testTemporal(options: TestTemporalOptions = {}): Promise<TestTemporal> {
  const address = runVariable('address');
  const bundle = await workflowBundle(
    options.workflowsPath ?? path.join(__dirname, '../../workflows/public.ts'),
  );
  if (open === 0) {
    // Silent, since a spec provokes what the SDK warns of; and Ctrl-C belongs to Jest.
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => undefined),
      telemetryOptions: {
        logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} },
      },
      shutdownSignals: [],
    });
  }
  open += 1;
  const connection = await NativeConnection.connect({
    address,
    ...(options.plugins && { plugins: [...options.plugins] }),
  });
  const client = new Client({ connection });
  const taskQueue = `test-${randomUUID()}`;
  return {
    address,
    connection,
    client,
    taskQueue,
    workflowBundle: bundle,
    close: async () => {
      try {
        await replayFinished(client, taskQueue, bundle);
      } finally {
        await connection.close();
        open -= 1;
        if (open === 0) await Runtime.instance().shutdown();
      }
    },
  };
}
