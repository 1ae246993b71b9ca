import { NativeConnection, type NativeConnectionOptions, Worker } from '@temporalio/worker';
import { defaultTaskQueue } from '../contracts/names';
import type { CompanionPlugin } from './companion-plugin';

export interface RemoteJobsWorkerOptions {
  /** An open connection, or how to make one; one that is made here is closed here. */
  readonly connection: NativeConnection | NativeConnectionOptions;
  /** @default 'default' */
  readonly namespace?: string;
  /** Waiting activities run on `<taskQueue>-watch`. @default 'remote-jobs' */
  readonly taskQueue?: string;
  /** Usually a `RemoteJobsPlugin`. */
  readonly plugin: CompanionPlugin;
  /** Stops the worker once aborted: its waiting jobs are handed over, none is killed. */
  readonly signal?: AbortSignal;
  /** Called once the worker polls both of its task queues; must not throw. */
  readonly ready?: () => void;
}

/**
 * Runs a worker for this package's own workflows, until it is aborted or gets one of the signals
 * of the application's `Runtime` (by default SIGINT, SIGTERM, SIGQUIT and SIGUSR2).
 *
 * @throws TransportError where Temporal can't be reached; what ended the worker otherwise.
 */
export async function runRemoteJobsWorker(options: RemoteJobsWorkerOptions): Promise<void> {
  const { connection } = options;
  if (connection instanceof NativeConnection) return runOn(connection, options);
  const ownConnection = await NativeConnection.connect(connection);
  try {
    await runOn(ownConnection, options);
  } finally {
    await ownConnection.close();
  }
}

async function runOn(
  connection: NativeConnection,
  { namespace, taskQueue = defaultTaskQueue, plugin, signal, ready }: RemoteJobsWorkerOptions,
): Promise<void> {
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowsPath: require.resolve('../../workflows/public'),
    plugins: [plugin],
  });
  void plugin.polling(worker).then(ready);
  const run = worker.run();
  const stop = () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    await run;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
