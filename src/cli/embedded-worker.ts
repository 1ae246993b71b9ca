import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { LogSettings } from '../config/log-settings';
import type { JobSettings } from '../config/options';
import type { ReloadedConnections } from '../config/reload';
import { metricBuckets } from '../contracts/metric-names';
import { RemoteJobsPlugin, type RemoteJobsPluginOptions } from '../plugin/remote-jobs-plugin';
import { HealthServer } from '../plugin/health-server';
import { WorkerReadiness } from '../plugin/readiness';
import { runRemoteJobsWorker } from '../plugin/run-worker';
import { usageError, type CommandError } from './errors';
import type { Output } from './output';
import { logLine, sdkLevel } from './worker-log';

export interface EmbeddedWorkerOptions {
  readonly connection: NativeConnectionOptions;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly jobs: RemoteJobsPluginOptions;
  /** Where Prometheus finds the metrics, `host:port`. @default none are kept */
  readonly metricsAddress?: string;
  /** Where an orchestrator's probes are answered, `host:port`. @default nowhere */
  readonly healthAddress?: string;
  /** @default false */
  readonly tracing?: boolean;
  /** What goes to stderr of the worker's life. */
  readonly log?: LogSettings;
  /** Stops the worker: waiting jobs are handed over, none is killed. */
  readonly signal: AbortSignal;
}

export interface EmbeddedWorker {
  /** Settles when the worker has ended. */
  readonly ended: Promise<void>;
  /** Where probes are answered, `host:port`. */
  readonly healthAddress?: string;
  /** Takes rotated secrets; see {@link RemoteJobsPlugin.reload}. */
  readonly reload: (jobs: JobSettings) => Promise<ReloadedConnections>;
}

const buckets = Object.fromEntries(
  Object.entries(metricBuckets).map(([name, bounds]) => [name, [...bounds]]),
);

/** Resolves once the worker polls both of its task queues; rejects where it can't. */
export async function startWorker(
  output: Output,
  options: EmbeddedWorkerOptions,
): Promise<EmbeddedWorker> {
  const { connection, namespace, taskQueue, jobs, metricsAddress, log = {}, signal } = options;
  const plugin = new RemoteJobsPlugin({ ...jobs, tracing: options.tracing });
  installRuntime(output, metricsAddress, log, (text) => plugin.redact(text));
  const reload = (settings: JobSettings) => plugin.reload(settings);
  const readiness = new WorkerReadiness();
  const health = await startHealth(options.healthAddress, readiness);
  return new Promise((resolve, reject) => {
    const ended = runRemoteJobsWorker({
      connection,
      namespace,
      taskQueue,
      plugin,
      signal,
      readiness,
      ready: () => resolve({ ended, healthAddress: health?.address, reload }),
    }).finally(() => health?.close());
    // One that is stopped before it polls has ended without being ready.
    ended.then(() => resolve({ ended, reload }), reject);
  });
}

async function startHealth(
  address: string | undefined,
  readiness: WorkerReadiness,
): Promise<HealthServer | undefined> {
  if (address === undefined) return undefined;
  try {
    return await HealthServer.start(address, readiness);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(
      `Probes can't be answered at ${address} (${reason}): give a free address of this machine to --health, or leave it out.`,
    );
  }
}

/**
 * The SDK stops its workers on signals by itself, before a kill has run; here the command decides.
 * Its log, its core's, the activities' and the workflows' go to stderr, a line an event.
 */
function installRuntime(
  output: Output,
  metricsAddress: string | undefined,
  { format = 'text', level = 'warn' }: LogSettings,
  redact: (text: string) => string,
): void {
  const logger = new DefaultLogger(sdkLevel(level), (entry) => {
    const line = logLine(entry, format, redact);
    if (line !== undefined) output.say(line);
  });
  try {
    Runtime.install({
      shutdownSignals: [],
      logger,
      telemetryOptions: {
        logging: { filter: makeTelemetryFilterString({ core: 'WARN' }), forward: {} },
        ...(metricsAddress !== undefined && {
          metrics: {
            prometheus: { bindAddress: metricsAddress, histogramBucketOverrides: buckets },
          },
        }),
      },
    });
  } catch (error) {
    // A program that runs commands inside its own process has its own runtime.
    if (!(error instanceof Error) || error.name !== 'IllegalStateError') {
      throw metricsAddress === undefined ? error : noMetrics(metricsAddress, error);
    }
    if (metricsAddress !== undefined) throw noMetrics(metricsAddress, error);
  }
}

function noMetrics(address: string, error: unknown): CommandError {
  const reason = error instanceof Error ? error.message : String(error);
  return usageError(
    `Metrics can't be shown at ${address} (${reason}): give a free address of this machine to --metrics, or leave it out.`,
  );
}
