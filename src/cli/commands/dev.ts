import path from 'node:path';
import { Option } from 'commander';
import { installationOf } from '../../config/installation';
import { loadConfig } from '../../config/load';
import { defaultTaskQueue } from '../../contracts/names';
import { readFaultScript } from '../../local/http/faults';
import type { LocalStack } from '../../local/stack';
import { command } from '../command';
import { announceDev, withdrawDev, type DevState } from '../dev-state';
import { CommandError } from '../errors';
import { exitCodes, type ExitCode } from '../exit-codes';
import { portOption, usualPort } from '../free-port';
import { untilInterrupted } from '../interrupts';
import { late } from '../load-late';
import type { Session } from '../session';
import { jobSettings } from '../settings';

interface DevOptions {
  readonly state?: string;
  readonly data?: string;
  readonly temporalPort?: number;
  readonly uiPort?: number;
  readonly sqlflowPort?: number;
  readonly linkisPort?: number;
  readonly sqlflowFaults?: string;
  readonly linkisFaults?: string;
}

/** What each is found at where the port is free, and nobody asked for another. */
const usualPorts = { temporal: 7233, ui: 8233, sqlflow: 8165, linkis: 9001 };

export const dev = command<DevOptions>({
  name: 'dev',
  summary: 'everything on this machine: Temporal, a local SQLFlow and Linkis, a worker',
  description: `Runs a Temporal server, stand-ins for SQLFlow and Linkis that really work, and a worker, all on
127.0.0.1, until Ctrl-C. No Temporal server of the environment is touched, and no configured service
unless a job names its connection. Other terminals find it: in the same folder by themselves,
elsewhere with --address.`,
  options: [
    new Option('--state <DIR>', 'keep jobs, tables and results there (default: nothing is kept)'),
    new Option('--data <DIR>', 'make tables of its CSV and Parquet files, for Linkis'),
    new Option('--temporal-port <N>', 'default: 7233 if free').argParser(portOption),
    new Option('--ui-port <N>', "Temporal's web UI; default: 8233 if free").argParser(portOption),
    new Option('--sqlflow-port <N>', 'default: 8165 if free').argParser(portOption),
    new Option('--linkis-port <N>', 'default: 9001 if free').argParser(portOption),
    new Option('--sqlflow-faults <FILE>', "SQLFlow's fault script; see docs/fault-scripts.md"),
    new Option('--linkis-faults <FILE>', "Linkis's fault script"),
  ],
  output: ['devReady'],
  examples: ['remote-jobs dev', 'remote-jobs dev --state dev-state --data csv --output json'],
  run: async (session, options) => {
    const { context, output } = session;
    const interrupted = untilInterrupted(context);
    output.say('Starting Temporal, SQLFlow, Linkis and a worker on 127.0.0.1…');
    const starting = late.localStack().LocalStack.start(await stackOptions(session, options));
    const stack = await Promise.race([starting, stopped(interrupted)]);
    try {
      return await runStack(session, stack, interrupted);
    } finally {
      output.say('Stopping…');
      await stack.close();
    }
  },
});

/** A binary that has to be built first takes minutes: Ctrl-C must not wait for it. */
function stopped(interrupted: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    interrupted.addEventListener('abort', () =>
      reject(new CommandError(exitCodes.cancelled, 'Stopped before it was ready.')),
    );
  });
}

async function stackOptions({ context, output }: Session, options: DevOptions) {
  const { cwd, env } = context;
  const inFolder = (folder: string | undefined) => folder && path.resolve(cwd, folder);
  const scriptIn = (file: string | undefined) =>
    file === undefined ? undefined : readFaultScript(path.resolve(cwd, file));
  const [sqlflowFaults, linkisFaults] = await Promise.all([
    scriptIn(options.sqlflowFaults),
    scriptIn(options.linkisFaults),
  ]);
  const [temporal, ui, sqlflow, linkis] = await Promise.all([
    options.temporalPort ?? usualPort(usualPorts.temporal),
    options.uiPort ?? usualPort(usualPorts.ui),
    options.sqlflowPort ?? usualPort(usualPorts.sqlflow),
    options.linkisPort ?? usualPort(usualPorts.linkis),
  ]);
  return {
    stateDir: inFolder(options.state),
    temporal: {
      port: temporal,
      uiPort: ui,
      environment: env,
      log: (line: string) => output.say(line),
    },
    sqlflow: { port: sqlflow, faults: sqlflowFaults },
    linkis: { port: linkis, dataDir: inFolder(options.data), faults: linkisFaults },
  };
}

async function runStack(
  session: Session,
  stack: LocalStack,
  interrupted: AbortSignal,
): Promise<ExitCode> {
  const { context, flags, output } = session;
  const { temporal } = stack;
  const urls = { sqlflow: stack.sqlflow.url, linkis: stack.linkis.url };
  const config = loadConfig({
    file: flags.config,
    env: withoutServices(context.env),
    cwd: context.cwd,
  });
  const artifacts = config.artifacts.folder;
  const state: DevState = {
    pid: process.pid,
    cwd: context.cwd,
    temporal: temporal.address,
    namespace: temporal.namespace,
    taskQueue: flags.taskQueue ?? config.defaults.taskQueue ?? defaultTaskQueue,
    ...urls,
    artifacts,
  };
  const stop = new AbortController();
  const worker = await late.embeddedWorker().startWorker(output, {
    connection: { address: temporal.address },
    namespace: temporal.namespace,
    taskQueue: state.taskQueue,
    jobs: {
      ...jobSettings(config, urls),
      // Scheduled runs may read what lies where the stack was started.
      inputs: config.inputs.roots.length > 0 ? config.inputs : { roots: [context.cwd] },
      installation: config.installation ?? installationOf(artifacts),
      artifacts: { folder: artifacts },
    },
    tracing: session.traces,
    signal: AbortSignal.any([interrupted, stop.signal]),
  });
  await announceDev(context, state);
  try {
    tellReady(session, state, temporal.uiUrl);
    const gone = temporal.ended.then((code) => {
      throw new CommandError(exitCodes.unreachable, `The Temporal server ended (code ${code}).`);
    });
    // Once the stack is closed on purpose, nobody asks any more.
    gone.catch(() => undefined);
    await Promise.race([worker.ended, gone]);
    return exitCodes.done;
  } finally {
    stop.abort();
    await withdrawDev(context, state);
    await worker.ended.catch(() => undefined);
  }
}

/** Services of the environment may be production: a dev stack has its own. */
function withoutServices(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(SQLFLOW|LINKIS)_/.test(name)),
  );
}

function tellReady({ output }: Session, state: DevState, ui: string | undefined): void {
  const { temporal, namespace, taskQueue, sqlflow, linkis, artifacts } = state;
  output.json({ ready: true, temporal, ui, sqlflow, linkis, namespace, taskQueue, artifacts });
  const { bold, dim } = output.colors;
  output.print(
    [
      `${bold('Temporal')}   ${temporal}${ui === undefined ? '' : `   ${dim('look at it:')} ${ui}`}`,
      `${bold('SQLFlow')}    ${sqlflow}   ${dim('user demo, secret key demo-secret')}`,
      `${bold('Linkis')}     ${linkis}   ${dim('user hadoop, password hadoop')}`,
      `${bold('Worker')}     task queue ${taskQueue}, artifacts in ${artifacts}`,
      '',
      'Ready. In another terminal, in this folder (elsewhere with ' + `--address ${temporal}):`,
      `  remote-jobs sqlflow run *.sql --dbvendor hive --out lineage`,
      `  remote-jobs linkis run --code 'select 42 as answer' --engine spark-2.4.3 --run-type sql`,
      '  remote-jobs list',
      dim('Ctrl-C stops it all.'),
    ].join('\n'),
  );
}
