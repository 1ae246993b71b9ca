import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import { parse } from 'yaml';
import { loadConfig } from '../../config/load';
import { pathText } from '../../config/mistakes';
import { readSettings } from '../../config/settings';
import { canAsk } from '../choose';
import { command } from '../command';
import { checkConnections } from '../doctor/connection-checks';
import type { Finding } from '../doctor/finding';
import { printFinding } from '../doctor/print';
import { usageError } from '../errors';
import { exitCodes } from '../exit-codes';
import { answersOf, type InitOptions } from '../init/answers';
import { askAnswers, askWhether } from '../init/ask';
import { configurationText } from '../init/write';
import type { Session } from '../session';
import { jobSettings } from '../settings';

export const init = command<InitOptions>({
  name: 'init',
  summary: 'write a configuration file by asking',
  description: `Asks which services there are, writes a commented remote-jobs.yaml (or the file that --config
names), and tries its connections with what is in the environment. No secret is asked for or stored:
only the name of its variable, or its file. With --yes, or without a terminal, the options answer.`,
  options: [
    new Option('--sqlflow-url <URL>', 'base address of SQLFlow, with its prefix'),
    new Option('--sqlflow-user <ID>', "the account's user id"),
    new Option(
      '--sqlflow-secret-key <SOURCE>',
      'env:NAME or file:PATH (default: env:SQLFLOW_SECRET_KEY)',
    ),
    new Option('--sqlflow-token <SOURCE>', 'in place of a secret key: env:NAME or file:PATH'),
    new Option('--linkis-url <URL>', "the gateway's address"),
    new Option('--linkis-user <NAME>', 'the Linkis user'),
    new Option(
      '--linkis-password <SOURCE>',
      'env:NAME or file:PATH (default: env:LINKIS_PASSWORD)',
    ),
    new Option('--linkis-token <SOURCE>', 'in place of a password: env:NAME or file:PATH'),
    new Option('--artifacts <DIR>', 'where logs and results go (default: remote-jobs-artifacts)'),
    new Option('--force', 'replace a file that is there'),
    new Option('--yes', 'ask nothing'),
  ],
  output: ['initialised'],
  examples: [
    'remote-jobs init',
    'remote-jobs init --sqlflow-url https://api.gudusoft.com/gspLive_backend --sqlflow-user me --yes',
    'remote-jobs init --config linkis.yaml --linkis-url http://linkis:9001 --linkis-user etl \\',
    '    --linkis-token file:/run/secrets/linkis-token --yes',
  ],
  run: async (session, options) => {
    const { context, output } = session;
    const file = path.resolve(
      context.cwd,
      session.flags.config ?? (context.env.REMOTE_JOBS_CONFIG || 'remote-jobs.yaml'),
    );
    const asks = canAsk(session) && options.yes !== true;
    const replaces = await mayWrite(session, file, { asks, force: options.force === true });
    const text = configurationText(asks ? await askAnswers(context, options) : answersOf(options));
    refuseMistakes(text, path.dirname(file));
    // Whatever came there in the meantime is somebody's.
    await writeFile(file, text, { flag: replaces ? 'w' : 'wx' });
    const shown = output.shortPath(file);
    output.print(shown);
    output.say(`Wrote ${shown}.`);
    const findings = await tried(session, file);
    for (const finding of findings) printFinding(output, finding);
    output.json({ file, replaced: replaces, findings });
    output.say(
      'Next: `remote-jobs doctor` tries everything, `remote-jobs worker` starts a worker.',
    );
    return exitCodes.done;
  },
});

/** @returns whether it takes another file's place */
async function mayWrite(
  { context, output }: Session,
  file: string,
  { asks, force }: { asks: boolean; force: boolean },
): Promise<boolean> {
  if (!existsSync(file)) return false;
  if (force) return true;
  const shown = output.shortPath(file);
  if (asks && (await askWhether(context, `${shown} is there. Replace it?`))) return true;
  throw usageError(
    `${shown} is there and was left as it is: name another file with --config, or replace it with --force.`,
  );
}

/** Before anything is written. */
function refuseMistakes(text: string, folder: string): void {
  const settings = readSettings(parse(text), { kind: 'file', folder });
  if (!Array.isArray(settings)) return;
  throw usageError(
    settings.map(({ path: at, problem }) => `${pathText(at)} ${problem}.`).join('\n'),
  );
}

/** What is wrong with a service now is told, and no reason to write nothing. */
async function tried({ context }: Session, file: string): Promise<readonly Finding[]> {
  const { env, cwd } = context;
  try {
    const config = loadConfig({ file, env, cwd });
    return await checkConnections(jobSettings(config), env);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return [{ check: 'connections', status: 'warning', found, cure: 'run `remote-jobs doctor`' }];
  }
}
