import path from 'node:path';
import { Option } from 'commander';
import type { FaultScript } from '../../local/http/fault';
import { readFaultScript } from '../../local/http/faults';
import { command } from '../command';
import { exitCodes, type ExitCode } from '../exit-codes';
import { portOption } from '../free-port';
import { untilInterrupted } from '../interrupts';
import { late } from '../load-late';
import type { Session } from '../session';

interface LocalOptions {
  readonly port?: number;
  readonly host?: string;
  readonly state?: string;
  readonly faults?: string;
}

const portFlag = new Option('--port <N>', 'default: any free one').argParser(portOption);
const hostFlag = new Option(
  '--host <ADDRESS>',
  'listen there, such as 0.0.0.0: whoever reaches it can use it (default: 127.0.0.1)',
);
const stateFlag = new Option('--state <DIR>', 'keep its state there (default: nothing is kept)');
const faultsFlag = new Option('--faults <FILE>', 'a fault script; see docs/fault-scripts.md');

export const localSqlflow = command<LocalOptions>({
  name: 'local sqlflow',
  summary: 'a stand-in for SQLFlow that finds real column lineage',
  description: `A stand-in for SQLFlow on 127.0.0.1 (or --host), until Ctrl-C.
Accounts: user demo with secret key demo-secret; gudu|0123456789 with the token "token".`,
  options: [portFlag, hostFlag, stateFlag, faultsFlag],
  output: ['localReady'],
  examples: ['remote-jobs local sqlflow --port 8165 --faults busy.yaml'],
  run: async (session, options) => {
    const common = await serviceOptions(session, options);
    return serve(session, await late.localSqlFlow().LocalSqlFlow.start(common));
  },
});

export const localLinkis = command<LocalOptions & { data?: string }>({
  name: 'local linkis',
  summary: 'a stand-in for Linkis that really runs SQL',
  description: `A stand-in for Apache Linkis on 127.0.0.1 (or --host), until Ctrl-C; its engines are DuckDB.
Accounts: user hadoop with password hadoop; or Token-Code local-token with any Token-User.`,
  options: [
    portFlag,
    hostFlag,
    stateFlag,
    faultsFlag,
    new Option('--data <DIR>', 'make tables of its CSV and Parquet files'),
  ],
  output: ['localReady'],
  examples: ['remote-jobs local linkis --port 9001 --data csv'],
  run: async (session, options) => {
    const common = await serviceOptions(session, options);
    const dataDir = options.data && path.resolve(session.context.cwd, options.data);
    return serve(session, await late.localLinkis().LocalLinkis.start({ ...common, dataDir }));
  },
});

export const localTemporal = command<LocalOptions & { uiPort?: number }>({
  name: 'local temporal',
  summary: 'a Temporal server of its own',
  description: `A Temporal server on 127.0.0.1, until Ctrl-C. It takes nothing from TEMPORAL_ADDRESS or temporal.toml.`,
  options: [
    portFlag,
    stateFlag,
    new Option('--ui-port <N>', 'the web UI (default: none)').argParser(portOption),
  ],
  output: ['localReady'],
  examples: ['remote-jobs local temporal --port 7233 --state temporal-state'],
  run: async (session, { port, state, uiPort }) => {
    const { context, output } = session;
    const server = await late.localTemporal().LocalTemporal.start({
      port,
      uiPort,
      stateDir: state && path.resolve(context.cwd, state),
      environment: context.env,
      log: (line) => output.say(line),
    });
    const { address: url, uiUrl: ui } = server;
    return serve(session, { url, close: () => server.close() }, { ui });
  },
});

async function serviceOptions(
  { context, output }: Session,
  { port, host, state, faults }: LocalOptions,
) {
  const script: FaultScript | undefined =
    faults === undefined ? undefined : await readFaultScript(path.resolve(context.cwd, faults));
  if (host !== undefined && !isLoopback(host))
    output.say(
      `It listens on ${host}: whoever reaches that can use it, with accounts that everybody knows.`,
    );
  return { port, host, stateDir: state && path.resolve(context.cwd, state), faults: script };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

async function serve(
  { context, output }: Session,
  service: { readonly url: string; close(): Promise<void> },
  more: object = {},
): Promise<ExitCode> {
  const interrupted = untilInterrupted(context);
  output.json({ ready: true, url: service.url, ...more });
  output.print(service.url);
  output.say('Ready; Ctrl-C stops it.');
  await new Promise<void>((resolve) => interrupted.addEventListener('abort', () => resolve()));
  await service.close();
  return exitCodes.done;
}
