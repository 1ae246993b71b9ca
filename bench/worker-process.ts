import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import type { ConnectionOptions } from '../src/config/connection-options';
import { bundleWorkflows } from '../src/plugin/bundle-workflows';
import { RemoteJobsPlugin } from '../src/plugin/remote-jobs-plugin';
import { ToldJobs } from './told-jobs';
import { Traffic } from './traffic';

/** What a worker's process is to run; its options are those of `remote-jobs worker`. */
export interface WorkerOrder {
  readonly address: string;
  readonly taskQueue: string;
  readonly connections: Readonly<Record<string, ConnectionOptions>>;
  /** The artifact store's. */
  readonly folder: string;
  /** Where the SDK's own metrics are served. */
  readonly metricsPort: number;
}

/** To the process: jobs that don't count. */
export type WorkerQuestion = readonly string[];

/** What it answers. */
export interface WorkerState {
  /** Jobs that are waited for at this moment and were looked at, without those of the question. */
  readonly waiting: number;
  /** Requests to the services since its start, submits and logins left out. */
  readonly requests: number;
  readonly cpuSeconds: number;
  readonly rssMiB: number;
}

/** A worker in a process of its own, to be measured and to be killed. */
async function main(): Promise<void> {
  const order = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
  const toldJobs = new ToldJobs();
  const traffic = new Traffic();
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} },
      metrics: { prometheus: { bindAddress: `127.0.0.1:${order.metricsPort}` } },
    },
  });
  const { address, taskQueue, connections, folder } = order;
  const connection = await NativeConnection.connect({ address });
  const plugin = new RemoteJobsPlugin({ connections, artifacts: { folder } });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: await bundleWorkflows(require.resolve('./standing-workflow')),
    plugins: [plugin],
  });
  process.on('message', (except: WorkerQuestion) => {
    const { user, system } = process.cpuUsage();
    const state: WorkerState = {
      waiting: toldJobs.count(except),
      requests: traffic.requests,
      cpuSeconds: (user + system) / 1e6,
      rssMiB: process.memoryUsage.rss() / 2 ** 20,
    };
    process.send?.(state);
  });
  process.on('disconnect', () => process.exit());
  void plugin.polling(worker).then(() => process.send?.('ready'));
  await worker.run();
  await connection.close();
  process.exit();
}

void main();
