import { NativeConnection, type NativeConnectionOptions, Worker } from '@temporalio/worker';
import { defaultTaskQueue } from '../contracts/names';
import { bundleWorkflows } from './bundle-workflows';
import { tracingModule, type CompanionPlugin } from './companion-plugin';
import type { WorkerReadiness } from './readiness';

/**
 * After a stop: what still runs then is left to its heartbeat time-out, and to another worker. Waiting
 * jobs have been handed over long before; a submit under way has had its last reply.
 */
const endsWithin = '100s';

/** What a worker needs that runs this package's workflows and activities alone. */
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
  /** Told how the worker stands, for a `HealthServer`. @default nobody */
  readonly readiness?: WorkerReadiness;
}

/**
 * Runs a worker for this package's own workflows, until it is aborted or gets one of the signals
 * of the application's `Runtime` (by default SIGINT, SIGTERM, SIGQUIT and SIGUSR2).
 *
 * @throws TransportError where Temporal can't be reached, a gRPC error with code 5 for an unknown
 * namespace; otherwise what ended the worker
 */
export async function runRemoteJobsWorker(options: RemoteJobsWorkerOptions): Promise<void> {
  const { connection } = options;
  const { signal, readiness } = options;
  signal?.addEventListener('abort', () => readiness?.stopping(), { once: true });
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
  options: RemoteJobsWorkerOptions,
): Promise<void> {
  const {
    namespace = 'default',
    taskQueue = defaultTaskQueue,
    plugin,
    signal,
    ready,
    readiness,
  } = options;
  readiness?.connected(connection);
  // Asked before the workflows are bundled: a worker whose creation fails after that leaves threads
  // behind that keep the process alive.
  await connection.workflowService.describeNamespace({ namespace });
  const workflowsPath = require.resolve('../../workflows/public');
  // Another plugin may have its say in how workflows are bundled.
  const isAlone = connection.plugins.every((other) => other === plugin);
  let workflowBundle: Awaited<ReturnType<typeof bundleWorkflows>> | undefined;
  try {
    if (isAlone)
      workflowBundle = await bundleWorkflows(workflowsPath, {
        interceptors: plugin.traces ? [tracingModule] : [],
        signal,
      });
  } catch (error) {
    if (signal?.aborted) return;
    throw error;
  }
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    ...(workflowBundle ? { workflowBundle } : { workflowsPath }),
    plugins: [plugin],
    shutdownForceTime: endsWithin,
  });
  void plugin.polling(worker).then(() => {
    readiness?.polling(worker);
    ready?.();
  });
  const run = worker.run();
  const stop = () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    await run;
  } catch (error) {
    throw signal?.aborted === true && isGivenUp(error) ? givenUp(error) : error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** The SDK's own time-out, or what it then says of its insides, which are still in use. */
function isGivenUp(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return /^Worker still in use|^Timed out while waiting for worker to shutdown/.test(error.message);
}

function givenUp(cause: Error): Error {
  return new Error(
    'The worker was stopped, and what it was at did not end in time: it is given up here, and tried again elsewhere after its heartbeat time-out.',
    { cause },
  );
}
