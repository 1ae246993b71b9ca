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

/** What the process answers to any message. */
export interface WorkerState {
  /** Activities that wait for a job at this moment. */
  readonly waiting: number;
  /** Requests to the services since its start, submits and logins left out. */
  readonly requests: number;
  readonly cpuSeconds: number;
  readonly rssMiB: number;
}

/** A worker in a process of its own, to be measured and to be killed. */
async function main(): Promise<void> {
  const order = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
  let waiting = 0;
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
    interceptors: {
      activity: [
        ({ info }) => ({
          inbound: {
            async execute(input, next) {
              if (!/Await/.test(info.activityType)) return next(input);
              waiting += 1;
              try {
                return await next(input);
              } finally {
                waiting -= 1;
              }
            },
          },
        }),
      ],
    },
  });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const state: WorkerState = {
      waiting,
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
