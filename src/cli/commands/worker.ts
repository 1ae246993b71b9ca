import { Option } from 'commander';
import { socketMistake } from '../../config/fields';
import {
  logFormats,
  logLevels,
  type LogFormat,
  type LogLevelName,
} from '../../config/log-settings';
import { installationIn } from '../../plugin/open-store';
import { command } from '../command';
import { LoggedError, usageError } from '../errors';
import { exitCodes } from '../exit-codes';
import { untilInterrupted } from '../interrupts';
import { late } from '../load-late';
import type { Session } from '../session';
import { connectTemporal } from '../temporal-target';
import { eventLine } from '../worker-log';
import { reloadWords, WorkerReloads } from '../reload-worker';
import { announceWorker, withdrawWorker } from '../worker-state';

interface WorkerOptions {
  readonly metrics?: string;
  readonly health?: string;
  readonly logFormat?: LogFormat;
  readonly logLevel?: LogLevelName;
}

export const worker = command<WorkerOptions>({
  name: 'worker',
  summary: 'a worker from the configuration or the environment',
  description: `Works off the task queue until Ctrl-C. Connections come from the configuration file, or from
SQLFLOW_URL, SQLFLOW_USER_ID, SQLFLOW_SECRET_KEY or SQLFLOW_TOKEN, and from
LINKIS_URL, LINKIS_USER, LINKIS_PASSWORD or LINKIS_TOKEN. On Ctrl-C waiting jobs are handed over to
other workers, or wait for the next one; none is killed. SIGHUP, or \`remote-jobs config reload\`,
has it take rotated secrets.`,
  options: [
    new Option(
      '--metrics <ADDRESS>',
      'show metrics to Prometheus at http://ADDRESS/metrics, such as 127.0.0.1:9464',
    ).argParser(addressOf('--metrics', '127.0.0.1:9464')),
    new Option(
      '--health <ADDRESS>',
      'answer probes at http://ADDRESS/healthz and /readyz, such as 127.0.0.1:8090',
    ).argParser(addressOf('--health', '127.0.0.1:8090')),
    new Option('--log-format <FORMAT>', 'of the log on stderr (default: text)').choices(logFormats),
    new Option('--log-level <LEVEL>', 'what the log tells (default: warn)').choices(logLevels),
  ],
  output: ['workerReady'],
  examples: [
    'remote-jobs worker --config remote-jobs.yaml',
    'remote-jobs worker --health 127.0.0.1:8090 --metrics 127.0.0.1:9464 --log-format json --log-level info',
    'LINKIS_URL=http://linkis:9001 LINKIS_USER=etl LINKIS_PASSWORD=… remote-jobs worker',
  ],
  run: async (session, options) => {
    try {
      await work(session, options);
    } catch (error) {
      throw (await logOf(session, options)).format === 'json' ? new LoggedError(error) : error;
    }
    return exitCodes.done;
  },
});

/** What the log is to be; where the configuration can't be read, what was typed. */
async function logOf(session: Session, { logFormat, logLevel }: WorkerOptions) {
  const settings = await session.settings().catch(() => undefined);
  const { format, level } = settings?.config.log ?? {};
  return { format: logFormat ?? format, level: logLevel ?? level };
}

async function work(session: Session, options: WorkerOptions): Promise<void> {
  const { context, output } = session;
  // Before it has begun there is nothing to read anew.
  let onHangUp = (): void => undefined;
  const interrupted = untilInterrupted(context, () => onHangUp());
  const { target, taskQueue, artifacts, jobs, config } = await session.settings();
  const connections = Object.keys(jobs.connections);
  if (connections.length === 0) {
    throw usageError(
      `No connection is configured: write ${config.file ?? 'remote-jobs.yaml'}, or set SQLFLOW_URL or LINKIS_URL and their credentials.`,
    );
  }
  const address = options.metrics ?? config.metrics?.address;
  const log = await logOf(session, options);
  const say = (line: string, level: 'info' | 'error' = 'info') =>
    output.say(log.format === 'json' ? eventLine(line, level) : line);
  const { place } = artifacts;
  await artifacts.check(interrupted);
  // Asked first, since the worker's own error for a missing server is none for a person.
  await (await connectTemporal(target)).close();
  const { ended, healthAddress, reload } = await late.embeddedWorker().startWorker(output, {
    connection: target.options,
    namespace: target.namespace,
    taskQueue,
    jobs: {
      ...jobs,
      installation: jobs.installation ?? (await installationIn(artifacts, interrupted)),
      artifacts,
    },
    metricsAddress: address,
    healthAddress: options.health ?? config.health?.address,
    log,
    tracing: session.traces,
    signal: interrupted,
  });
  const metrics = address && `http://${address}/metrics`;
  const { address: temporal, namespace } = target;
  const state = { pid: process.pid, config: config.file, temporal, namespace, taskQueue };
  const reloads = new WorkerReloads(session, state, reload, (report) =>
    say(
      `Read the configuration anew: ${reloadWords(report)}`,
      report.problems.length > 0 ? 'error' : 'info',
    ),
  );
  onHangUp = () => reloads.ask();
  await announceWorker(context, state);
  const ready = { ready: true, temporal, namespace, taskQueue, connections };
  const health = healthAddress && `http://${healthAddress}/readyz`;
  output.json({ ...ready, artifacts: place, metrics, health });
  const words = [
    `Polling ${taskQueue} at ${temporal}`,
    `connections ${connections.join(', ')}`,
    `artifacts in ${place}`,
    ...(metrics ? [`metrics at ${metrics}`] : []),
    ...(health ? [`readiness at ${health}`] : []),
  ];
  say(words.join('; '));
  try {
    await ended;
  } finally {
    await withdrawWorker(context, process.pid);
  }
}

function addressOf(option: string, example: string): (value: string) => string {
  return (value) => {
    const mistake = socketMistake(value, example);
    if (mistake === undefined) return value;
    throw usageError(`${option} ${mistake}.`);
  };
}
