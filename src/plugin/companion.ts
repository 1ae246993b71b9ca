import { setTimeout as delay } from 'node:timers/promises';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { watchTaskQueue } from '../contracts/names';

/** Jobs that one worker waits for at a time, where the user sets no other limit. */
export const defaultMaxWaitingJobs = 10_000;

/**
 * How old the progress of a waiting job may be, and its checkpoint when the worker crashes. 10,000
 * waiting jobs make up to 2,000 requests a second of it: Temporal limits a namespace to 2,400.
 */
export const heartbeatThrottle = '5s';

/**
 * Between a shutdown and the notice to the waiting activities. The polls that are open at the server
 * end in it: each would swallow a job that was just handed over, and nobody would look at it until
 * its heartbeat time-out (9 of 980 did, on a machine that was busy with the notices).
 */
const handOverAfter = '500ms';

export interface CompanionOptions {
  /** Activities that only wait: each holds a slot for as long as its job runs. */
  readonly activities: NonNullable<WorkerOptions['activities']>;
  /** Slots for waiting activities. */
  readonly maxWaitingJobs: number;
}

/**
 * A worker for waiting activities alone, on `<taskQueue>-watch`, so that thousands of waiting jobs
 * never keep a submit, a kill or a fetch from running. It takes what it shares with the main worker
 * from that worker's final options: what plugins and defaults have made of them.
 */
export async function createCompanion(main: Worker, companion: CompanionOptions): Promise<Worker> {
  const { options } = main;
  const taskQueue = watchTaskQueue(options.taskQueue);
  // A worker that was given no connection made its own and closes it when it ends, whoever else
  // still uses it; the companion then makes its own too.
  const connection = options.connection && main.connection;
  try {
    return await Worker.create({
      connection: connection && withoutPlugins(connection),
      namespace: options.namespace,
      identity: options.identity,
      taskQueue,
      activities: companion.activities,
      maxConcurrentActivityTaskExecutions: companion.maxWaitingJobs,
      maxHeartbeatThrottleInterval: heartbeatThrottle,
      dataConverter: options.dataConverter,
      interceptors: {
        activity: options.interceptors.activity,
        client: options.interceptors.client,
      },
      buildId: options.buildId,
      useVersioning: options.useVersioning,
      workerDeploymentOptions: options.workerDeploymentOptions,
      shutdownGraceTime: handOverAfter,
      shutdownForceTime: options.shutdownForceTimeMs,
    });
  } catch (error) {
    throw new Error(
      `The worker for waiting jobs on task queue "${taskQueue}" could not be created: ` +
        (error instanceof Error ? error.message : String(error)),
      { cause: error },
    );
  }
}

/**
 * The same connection without its plugins. They have had their say in the main worker's options,
 * which the companion is made of: applied again they would add their interceptors a second time,
 * and the plugin that starts the companion would start one for the companion.
 */
function withoutPlugins(connection: NativeConnection): NativeConnection {
  return Object.create(connection, { plugins: { value: [] } }) as NativeConnection;
}

/** A connection that the main worker is given later (to rotate certificates, say) goes to both. */
function shareConnection(main: Worker, companion: Worker): void {
  Object.defineProperty(main, 'connection', {
    configurable: true,
    get: (): unknown => Reflect.get(Worker.prototype, 'connection', main),
    set(connection: NativeConnection) {
      Reflect.set(Worker.prototype, 'connection', connection, main);
      if (companion.getState() === 'RUNNING') companion.connection = withoutPlugins(connection);
    },
  });
}

/**
 * Runs a worker and its companion as one: both stop together however either is stopped, and the
 * promise settles once both have ended, with the error that came first.
 *
 * The main worker starts synchronously, as `Worker.run()` promises: `runUntil` and an early
 * `shutdown()` rely on it.
 *
 * @param onPolling called once both poll; must not throw.
 */
export async function runTogether(
  main: Worker,
  runMain: (main: Worker) => Promise<void>,
  create: () => Promise<Worker>,
  onPolling: () => void = () => {},
): Promise<void> {
  const errors: unknown[] = [];
  let companion: Worker | undefined;
  let mainEnded = false;
  let stopping = false;

  const stopCompanion = () => {
    stopping = true;
    if (companion?.getState() === 'RUNNING') companion.shutdown();
  };
  /** Another plugin may hold the main worker's start back. */
  const mainStarted = async () => {
    while (main.getState() === 'INITIALIZED' && !mainEnded) await delay(20);
    return main.getState() === 'RUNNING';
  };

  // Signals and fatal errors come through this method too. Waiting jobs are handed over at once
  // this way, not when the last of the main worker's activities has ended.
  const shutdownMain = main.shutdown.bind(main);
  main.shutdown = () => {
    shutdownMain();
    stopCompanion();
  };

  const mainRun = runMain(main)
    .catch((error: unknown) => errors.push(error))
    .finally(() => {
      mainEnded = true;
      stopCompanion();
    });

  const companionRun = (async () => {
    companion = await create();
    // Even where it is to stop at once: a worker that never ran keeps its connection from closing.
    const run = companion.run();
    shareConnection(main, companion);
    if (stopping) stopCompanion();
    else void mainStarted().then((started) => started && onPolling());
    await run;
  })()
    .catch((error: unknown) => errors.push(error))
    .finally(async () => {
      if (await mainStarted()) main.shutdown();
    });

  await Promise.all([mainRun, companionRun]);
  if (errors.length > 0) throw errors[0];
}
