import { Option } from 'commander';
import type { ChainSettings } from '../../contracts/chain';
import { shellWord } from '../../contracts/words';
import { adoptJob, chainState, forgetChain, pauseChain, resumeChain } from '../../starter/chains';
import { chainArgument, chainConnectionOption, type ChainOptions } from './chain';
import { chainConnection, checkedChainName, connectionFlag } from '../chain-connection';
import { chainSettingsOf, chainSettingsOptions, type ChainRefreshOptions } from '../chain-options';
import { command } from '../command';
import { usageError } from '../errors';
import { exitCodes, type ExitCode } from '../exit-codes';
import type { Session } from '../session';

export const chainPause = command<ChainOptions & { note?: string }, [string]>({
  name: 'chain pause',
  summary: 'let no refresh of a chain begin',
  description:
    'Lets no refresh begin: whoever asks for one is told that it was skipped. A refresh that is under way goes on.',
  arguments: [chainArgument],
  options: [chainConnectionOption, new Option('--note <TEXT>', 'why, for whoever is told')],
  output: ['chainPaused'],
  examples: ["remote-jobs chain pause nightly --note 'warehouse migration'"],
  run: async (session, options, chain) => {
    const connection = await chainConnection(session, options.connection);
    const client = await session.client();
    await pauseChain(client, connection, checkedChainName(chain), { note: options.note });
    return done(session, { chain, connection, paused: true }, `Chain ${chain} is paused.`);
  },
});

export const chainResume = command<ChainOptions, [string]>({
  name: 'chain resume',
  summary: 'let refreshes of a paused chain begin again',
  arguments: [chainArgument],
  options: [chainConnectionOption],
  output: ['chainPaused'],
  examples: ['remote-jobs chain resume nightly'],
  run: async (session, options, chain) => {
    const connection = await chainConnection(session, options.connection);
    await resumeChain(await session.client(), connection, checkedChainName(chain));
    return done(session, { chain, connection, paused: false }, `Chain ${chain} goes on.`);
  },
});

type AdoptOptions = ChainOptions &
  Pick<ChainRefreshOptions, 'dbvendor' | 'defaultDatabase' | 'defaultSchema'> & {
    readonly jobId?: string;
  };

export const chainAdopt = command<AdoptOptions, [string]>({
  name: 'chain adopt',
  summary: 'take over a job that somebody made by hand',
  description: `Makes a regular (persist) job of the account a chain's: one that was made by hand, by another
program or with the vendor's UI. Its settings can't be changed, so give those that it was made with.
The next refresh sends every file to it. An adopted job is never deleted.`,
  arguments: [{ usage: '<NAME>', description: "the chain's name" }],
  options: [
    new Option('--job-id <ID>', "SQLFlow's jobId, as `sqlflow jobs` lists it"),
    ...chainSettingsOptions,
    chainConnectionOption,
  ],
  output: ['chainAdopted'],
  examples: ['remote-jobs chain adopt nightly --job-id 3f0c… --dbvendor hive'],
  run: async (session, options, chain) => {
    const { jobId } = options;
    if (jobId === undefined) {
      throw usageError('--job-id is missing; `remote-jobs sqlflow jobs` lists them.');
    }
    const settings = chainSettingsOf(options);
    const connection = await chainConnection(session, options.connection);
    const { taskQueue } = await session.settings();
    const adopted = await adoptJob(
      await session.client(),
      { connection, chain: checkedChainName(chain), jobId, settings },
      { taskQueue },
    );
    return done(
      session,
      { chain, connection, ...adopted },
      `Chain ${chain} has SQLFlow job ${adopted.jobId} (${adopted.jobName}) now; the next refresh sends every file to it.`,
    );
  },
});

export const chainForget = command<ChainOptions & { force?: boolean }, [string]>({
  name: 'chain forget',
  summary: 'end a chain; its job and its files stay',
  description: `Ends the chain's workflow. Its SQLFlow job and its revisions stay where they are. The next refresh
of the name begins a new chain with a new job; \`chain adopt\` goes on with the old one.`,
  arguments: [chainArgument],
  options: [
    chainConnectionOption,
    new Option('--force', 'cancel the refresh that is under way, and take back those that wait'),
  ],
  output: ['chainForgotten'],
  examples: ['remote-jobs chain forget nightly'],
  run: async (session, options, chain) => {
    const connection = await chainConnection(session, options.connection);
    const client = await session.client();
    const known = checkedChainName(chain);
    const state = await chainState(client, connection, known);
    await forgetChain(client, connection, known, { force: options.force });
    const { jobId, settings } = state.current ?? {};
    const job =
      jobId === undefined
        ? ''
        : ` Its SQLFlow job ${jobId} stays; \`remote-jobs chain adopt ${chain} --job-id ${jobId}${settingFlags(settings)}${await connectionFlag(session, connection)}\` goes on with it.`;
    return done(
      session,
      { chain, connection, forgotten: true, jobId },
      `Chain ${chain} is forgotten.${job}`,
    );
  },
});

/** Those that the job was made with. */
function settingFlags(settings: ChainSettings | undefined): string {
  const { dbVendor, defaultDatabase, defaultSchema } = settings ?? {};
  const flags = [
    ['--dbvendor', dbVendor],
    ['--default-database', defaultDatabase],
    ['--default-schema', defaultSchema],
  ] as const;
  return flags
    .map(([name, value]) => (value === undefined ? '' : ` ${name} ${shellWord(value)}`))
    .join('');
}

function done({ output }: Session, document: object, words: string): ExitCode {
  output.json(document);
  output.say(words);
  return exitCodes.done;
}
