import path from 'node:path';
import { Client } from '@temporalio/client';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { LocalTemporal } from '../src/local/temporal/local-temporal';
import { RemoteJobsPlugin } from '../src/plugin/remote-jobs-plugin';
import { linkisConnection, withFolder } from './linkis-target';
import { startService } from './service';

export interface JobStack {
  readonly client: Client;
  readonly taskQueue: string;
  readonly linkisUrl: string;
}

let runtimeInstalled = false;

/** Runs with a Temporal server, a local Linkis (a process each) and a worker with the plugin. */
export function withJobStack<Result>(use: (stack: JobStack) => Promise<Result>): Promise<Result> {
  installRuntime();
  return withFolder(async (folder) => {
    const linkis = await startService({ kind: 'linkis', maxConcurrentTasks: 16 });
    const temporal = await LocalTemporal.start();
    const connection = await NativeConnection.connect({ address: temporal.address });
    const taskQueue = 'bench';
    const worker = await Worker.create({
      connection,
      taskQueue,
      workflowsPath: path.join(__dirname, 'polling-workflow.js'),
      plugins: [
        new RemoteJobsPlugin({
          connections: { linkis: linkisConnection(linkis.url) },
          artifacts: { folder },
        }),
      ],
    });
    try {
      const client = new Client({ connection });
      return await worker.runUntil(() => use({ client, taskQueue, linkisUrl: linkis.url }));
    } finally {
      await connection.close();
      await temporal.close();
      await linkis.close();
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
