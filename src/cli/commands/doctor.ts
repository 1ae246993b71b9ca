import { Option } from 'commander';
import { canAsk } from '../choose';
import { checkClocks } from '../doctor/clock-checks';
import { checkConnections } from '../doctor/connection-checks';
import { checkQuotas } from '../doctor/quota-checks';
import { checkArtifacts } from '../doctor/artifact-checks';
import { checkInputRoots, checkSecrets } from '../doctor/disk-checks';
import type { Finding } from '../doctor/finding';
import { checkLeftJobs } from '../doctor/left-jobs';
import { mended, type Mending } from '../doctor/mend';
import { checkPackages } from '../doctor/package-checks';
import { printFinding } from '../doctor/print';
import {
  checkNamespace,
  checkSearchAttribute,
  checkServer,
  checkWorkers,
} from '../doctor/temporal-checks';
import { command } from '../command';
import { usageError } from '../errors';
import { exitCodes, type ExitCode } from '../exit-codes';
import { ownPackage } from '../own-package';
import { count } from '../preview';
import type { Session } from '../session';

interface DoctorOptions {
  readonly fix?: boolean;
  readonly yes?: boolean;
}

export const doctor = command<DoctorOptions>({
  name: 'doctor',
  summary: 'check everything, and say how to mend it',
  description: `Checks Node and the packages, the configuration, Temporal, its namespace and workers, every
connection that is configured here (address, prefix, credential, users, clock, what the server can do),
whether what is scheduled fits its quota, the artifact store, input roots and secrets.

--fix mends what can be mended without harm: it registers the search attribute, creates the namespace,
makes missing input roots. On a terminal it asks before each, unless --yes is given.
Exit code: 0 nothing stands in the way, 2 a setting is wrong, 4 something can't be reached.`,
  options: [
    new Option('--fix', 'mend what can be mended without harm'),
    new Option('--yes', 'with --fix: ask nothing'),
  ],
  output: ['doctor'],
  examples: [
    'remote-jobs doctor',
    'remote-jobs doctor --fix --yes',
    'remote-jobs doctor --config remote-jobs.yaml --output json',
  ],
  run: async (session, { fix, yes }) => {
    if (yes === true && fix !== true) throw usageError('--yes goes with --fix.');
    const { output } = session;
    const findings: Finding[] = [];
    const mending = fix === true ? { session, ask: yes !== true && canAsk(session) } : undefined;
    for await (const found of findingsOf(session, mending)) {
      findings.push(found);
      printFinding(output, found);
    }
    const exitCode = codeOf(findings);
    output.json({ ok: exitCode === exitCodes.done, exitCode, findings });
    const bad = findings.filter(({ status }) => status === 'wrong' || status === 'unreachable');
    output.say(
      bad.length === 0 ? 'Nothing stands in the way.' : `${count(bad.length, 'problem')}.`,
    );
    const fixable = findings.some(({ fixable: can }) => can === true);
    if (fixable && fix !== true) output.say('`remote-jobs doctor --fix` mends some of it.');
    return exitCode;
  },
});

/** In an order in which an earlier problem explains a later one. */
async function* findingsOf(
  session: Session,
  mending: Mending | undefined,
): AsyncGenerator<Finding> {
  const own = ownPackage();
  if (own !== undefined) yield* checkPackages(own);
  const { config, target, taskQueue, artifacts, jobs } = await session.settings();
  const { env } = session.context;
  yield {
    check: 'configuration',
    status: 'ok',
    found: config.file ?? 'no file; the environment and defaults hold',
  };
  const server = await checkServer(target);
  yield server;
  if (server.status === 'ok') {
    const client = await session.client();
    const namespace = await mended(await checkNamespace(client), mending);
    yield namespace;
    if (namespace.status !== 'wrong') {
      if (namespace.fixed !== undefined) session.output.status('Temporal gets to know it…');
      yield await mended(await checkSearchAttribute(client), mending);
      yield await checkWorkers(client, taskQueue);
      yield* await checkLeftJobs(client, taskQueue);
      yield* await checkQuotas(config, client, taskQueue);
    }
  }
  yield* await checkConnections(jobs, env);
  yield* await checkClocks(jobs);
  yield await checkArtifacts(artifacts);
  for (const root of await checkInputRoots(config)) yield await mended(root, mending);
  yield* await checkSecrets(config, env);
}

function codeOf(findings: readonly Finding[]): ExitCode {
  const has = (wanted: Finding['status']) => findings.some(({ status }) => status === wanted);
  if (has('wrong')) return exitCodes.usage;
  return has('unreachable') ? exitCodes.unreachable : exitCodes.done;
}
