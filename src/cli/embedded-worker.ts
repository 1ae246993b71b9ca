import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { RemoteJobsPlugin, type RemoteJobsPluginOptions } from '../plugin/remote-jobs-plugin';
import { runRemoteJobsWorker } from '../plugin/run-worker';
import { usageError, type CommandError } from './errors';
import type { Output } from './output';
import { printable } from './text-width';

export interface EmbeddedWorkerOptions {
  readonly connection: NativeConnectionOptions;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly jobs: RemoteJobsPluginOptions;
  /** Where Prometheus finds the metrics, `host:port`. @default none are kept */
  readonly metricsAddress?: string;
  /** Stops the worker: waiting jobs are handed over, none is killed. */
  readonly signal: AbortSignal;
}

export interface EmbeddedWorker {
  /** Settles when the worker has ended. */
  readonly ended: Promise<void>;
}

/** Resolves once the worker polls both of its task queues; rejects where it can't. */
export async function startWorker(
  output: Output,
  { connection, namespace, taskQueue, jobs, metricsAddress, signal }: EmbeddedWorkerOptions,
): Promise<EmbeddedWorker> {
  installRuntime(output, metricsAddress);
  const plugin = new RemoteJobsPlugin(jobs);
  return new Promise((resolve, reject) => {
    const ended = runRemoteJobsWorker({
      connection,
      namespace,
      taskQueue,
      plugin,
      signal,
      ready: () => resolve({ ended }),
    });
    // One that is stopped before it polls has ended without being ready.
    ended.then(() => resolve({ ended }), reject);
  });
}

/**
 * The SDK stops its workers on signals by itself, before a kill has run; here the command decides.
 * Its log goes to stderr, a line each.
 */
function installRuntime(output: Output, metricsAddress: string | undefined): void {
  const logger = new DefaultLogger('WARN', ({ level, message, meta }) => {
    // The companion has none, by design.
    if (message.startsWith('No workflows registered')) return;
    const { error, workflowId } = (meta ?? {}) as { error?: unknown; workflowId?: string };
    const words = [message, workflowId ?? '', error instanceof Error ? error.message : ''];
    const [line = ''] = words.filter(Boolean).join(' · ').split('\n');
    output.say(`${level} ${printable(line)}`);
  });
  try {
    Runtime.install({
      shutdownSignals: [],
      logger,
      telemetryOptions: {
        logging: { filter: makeTelemetryFilterString({ core: 'WARN' }), forward: {} },
        ...(metricsAddress !== undefined && {
          metrics: { prometheus: { bindAddress: metricsAddress } },
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
