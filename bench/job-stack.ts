import path from 'node:path';
import { Client } from '@temporalio/client';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import type { ConnectionOptions } from '../src/config/connection-options';
import { LocalTemporal } from '../src/local/temporal/local-temporal';
import { RemoteJobsPlugin } from '../src/plugin/remote-jobs-plugin';
import { linkisConnection, withFolder } from './linkis-target';
import { startService } from './service';
import type { ServiceSettings } from './service-process';

/** A Temporal server, and a worker with the plugin. */
export interface WorkerStack {
  readonly client: Client;
  readonly taskQueue: string;
  /** The artifact store's. */
  readonly folder: string;
}

export interface JobStack extends WorkerStack {
  readonly linkisUrl: string;
}

let runtimeInstalled = false;

/** Runs with a Temporal server, a local Linkis (a process each) and a worker with the plugin. */
export function withJobStack<Result>(use: (stack: JobStack) => Promise<Result>): Promise<Result> {
  return withService({ kind: 'linkis', maxConcurrentTasks: 16 }, (url) =>
    withWorker({ linkis: linkisConnection(url) }, (stack) => use({ ...stack, linkisUrl: url })),
  );
}

export async function withService<Result>(
  settings: ServiceSettings,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  const service = await startService(settings);
  try {
    return await use(service.url);
  } finally {
    await service.close();
  }
}

/** Runs with a Temporal server, a process of its own, and a worker in this one. */
export function withWorker<Result>(
  connections: Readonly<Record<string, ConnectionOptions>>,
  use: (stack: WorkerStack) => Promise<Result>,
): Promise<Result> {
  installRuntime();
  return withFolder(async (folder) => {
    const temporal = await LocalTemporal.start();
    const connection = await NativeConnection.connect({ address: temporal.address });
    const taskQueue = 'bench';
    const worker = await Worker.create({
      connection,
      taskQueue,
      workflowsPath: path.join(__dirname, 'polling-workflow.js'),
      plugins: [new RemoteJobsPlugin({ connections, artifacts: { folder } })],
    });
    try {
      const client = new Client({ connection });
      return await worker.runUntil(() => use({ client, taskQueue, folder }));
    } finally {
      await connection.close();
      await temporal.close();
    }
  });
}

function installRuntime(): void {
  if (runtimeInstalled) return;
  runtimeInstalled = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} },
    },
  });
}
