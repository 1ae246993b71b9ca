import { checkConnections } from '../doctor/connection-checks';
import { checkQuotas } from '../doctor/quota-checks';
import { checkArtifacts } from '../doctor/artifact-checks';
import { checkInputRoots, checkSecrets } from '../doctor/disk-checks';
import type { Finding } from '../doctor/finding';
import {
  checkNamespace,
  checkSearchAttribute,
  checkServer,
  checkWorkers,
} from '../doctor/temporal-checks';
import { command } from '../command';
import { exitCodes, type ExitCode } from '../exit-codes';
import type { Output } from '../output';
import { count } from '../preview';
import type { Session } from '../session';
import { printable } from '../text-width';

export const doctor = command<object>({
  name: 'doctor',
  summary: 'check everything, and say how to mend it',
  description: `Checks the configuration, Temporal, its namespace and workers, every connection that is configured
here (address, prefix, credential), whether what is scheduled fits its quota, the artifact store, input
roots and secrets.
Exit code: 0 nothing stands in the way, 2 a setting is wrong, 4 something can't be reached.`,
  output: ['doctor'],
  examples: ['remote-jobs doctor', 'remote-jobs doctor --config remote-jobs.yaml --output json'],
  run: async (session) => {
    const { output } = session;
    const findings: Finding[] = [];
    for await (const found of findingsOf(session)) {
      findings.push(found);
      printFinding(output, found);
    }
    const exitCode = codeOf(findings);
    output.json({ ok: exitCode === exitCodes.done, exitCode, findings });
    const bad = findings.filter(({ status }) => status === 'wrong' || status === 'unreachable');
    output.say(
      bad.length === 0 ? 'Nothing stands in the way.' : `${count(bad.length, 'problem')}.`,
    );
    return exitCode;
  },
});

/** In an order in which an earlier problem explains a later one. */
async function* findingsOf(session: Session): AsyncGenerator<Finding> {
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
    const namespace = await checkNamespace(client);
    yield namespace;
    if (namespace.status === 'ok') {
      yield await checkSearchAttribute(client);
      yield await checkWorkers(client, taskQueue);
      yield* await checkQuotas(config, client, taskQueue);
    }
  }
  yield* await checkConnections(jobs, env);
  yield await checkArtifacts(artifacts);
  yield* await checkInputRoots(config);
  yield* await checkSecrets(config, env);
}

function codeOf(findings: readonly Finding[]): ExitCode {
  const has = (wanted: Finding['status']) => findings.some(({ status }) => status === wanted);
  if (has('wrong')) return exitCodes.usage;
  return has('unreachable') ? exitCodes.unreachable : exitCodes.done;
}

function printFinding(output: Output, { check, status, found, cure }: Finding): void {
  const { green, yellow, red, bold } = output.colors;
  const mark = { ok: green('✔'), warning: yellow('!'), wrong: red('✘'), unreachable: red('✘') };
  output.print(`${mark[status]} ${bold(check)}: ${printable(found)}`);
  if (cure !== undefined) output.print(`    → ${printable(cure)}`);
}
