import { Option } from 'commander';
import {
  adoptJob,
  chainState,
  forgetChain,
  listChains,
  pauseChain,
  resumeChain,
  type ChainSummary,
} from '../../starter/chains';
import { chainConnection, checkedChainName } from '../chain-connection';
import { chainSettingsOf, chainSettingsOptions, type ChainRefreshOptions } from '../chain-options';
import { chainFacts, historyColumns, historyRow, lastWords } from '../chain-words';
import { command } from '../command';
import { usageError } from '../errors';
import { exitCodes } from '../exit-codes';
import { countOption } from '../number-options';
import { count } from '../preview';
import type { Session } from '../session';
import { renderTable } from '../tables';

interface ChainOptions {
  readonly connection?: string;
}

const name = { usage: '<NAME>', description: "the chain's name" };
const connectionOption = new Option(
  '--connection <NAME>',
  'the SQLFlow connection, where there are several',
);

export const chainList = command<{ ended?: boolean }>({
  name: 'chain list',
  summary: 'the chains, and how their last refresh ended',
  options: [new Option('--ended', 'those that were forgotten too')],
  examples: ['remote-jobs chain list', 'remote-jobs chain list --output json | jq .chains'],
  run: async (session, { ended }) => {
    const client = await session.client();
    const chains: ChainSummary[] = [];
    for await (const chain of listChains(client, { ended })) chains.push(chain);
    const { output } = session;
    output.json({ chains });
    if (chains.length > 0) {
      output.print(
        renderTable({
          columns: ['name', 'connection', 'rev', 'gen', 'job', 'last refresh', ''],
          rows: chains.map((chain) => [
            chain.name,
            chain.connection,
            chain.revision === undefined ? '' : String(chain.revision),
            chain.generation === undefined ? '' : String(chain.generation),
            chain.jobId ?? '',
            lastWords(chain.last),
            standing(chain),
          ]),
          width: output.columns,
          uncut: [0, 4],
          heading: output.colors.dim,
        }),
      );
    }
    output.say(
      chains.length === 0
        ? 'No chains yet; the first `remote-jobs chain refresh NAME FILE…` begins one.'
        : count(chains.length, 'chain'),
    );
    return exitCodes.done;
  },
});

function standing({ status, paused }: ChainSummary): string {
  if (status === 'COMPLETED') return 'forgotten';
  if (status !== 'RUNNING') return status.toLowerCase();
  return paused === true ? 'paused' : '';
}

export const chainShow = command<ChainOptions, [string]>({
  name: 'chain show',
  summary: "a chain's job, latest revision, and what is under way",
  arguments: [name],
  options: [connectionOption],
  examples: ['remote-jobs chain show nightly'],
  run: async (session, options, chain) => {
    const state = await stateOf(session, options, chain);
    const { output } = session;
    output.json(state);
    for (const [fact, value] of chainFacts(state)) {
      output.print(`${output.colors.dim(fact.padEnd(12))} ${value}`);
    }
    return exitCodes.done;
  },
});

export const chainHistory = command<ChainOptions & { limit?: number }, [string]>({
  name: 'chain history',
  summary: 'the last 50 refreshes of a chain, the newest first',
  arguments: [name],
  options: [
    connectionOption,
    new Option('--limit <N>', 'so many at most').argParser(countOption(1)),
  ],
  examples: [
    'remote-jobs chain history nightly',
    "remote-jobs chain history nightly --output json | jq '.refreshes[0].lineage'",
  ],
  run: async (session, options, chain) => {
    const { connection, name: known, refreshes } = await stateOf(session, options, chain);
    const shown = refreshes.slice(0, options.limit);
    const { output } = session;
    output.json({ connection, chain: known, refreshes: shown });
    if (shown.length > 0) {
      output.print(
        renderTable({
          columns: historyColumns,
          rows: shown.map(historyRow),
          width: output.columns,
          heading: output.colors.dim,
        }),
      );
    }
    output.say(
      shown.length === 0 ? 'No refreshes yet.' : count(shown.length, 'refresh', 'refreshes'),
    );
    return exitCodes.done;
  },
});

async function stateOf(session: Session, options: ChainOptions, chain: string) {
  const connection = await chainConnection(session, options.connection);
  return chainState(await session.client(), connection, checkedChainName(chain));
}

export const chainPause = command<ChainOptions & { note?: string }, [string]>({
  name: 'chain pause',
  summary: 'let no refresh of a chain begin',
  description:
    'Lets no refresh begin: whoever asks for one is told that it was skipped. A refresh that is under way goes on.',
  arguments: [name],
  options: [connectionOption, new Option('--note <TEXT>', 'why, for whoever is told')],
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
  arguments: [name],
  options: [connectionOption],
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
  arguments: [name],
  options: [
    new Option('--job-id <ID>', "SQLFlow's jobId, as `sqlflow jobs` lists it"),
    ...chainSettingsOptions,
    connectionOption,
  ],
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
  arguments: [name],
  options: [
    connectionOption,
    new Option('--force', 'cancel the refresh that is under way, and take back those that wait'),
  ],
  examples: ['remote-jobs chain forget nightly'],
  run: async (session, options, chain) => {
    const connection = await chainConnection(session, options.connection);
    const client = await session.client();
    const known = checkedChainName(chain);
    const state = await chainState(client, connection, known);
    await forgetChain(client, connection, known, { force: options.force });
    const jobId = state.current?.jobId;
    const job =
      jobId === undefined
        ? ''
        : ` Its SQLFlow job ${jobId} stays; \`remote-jobs chain adopt ${chain} --job-id ${jobId}\` goes on with it.`;
    return done(
      session,
      { chain, connection, forgotten: true, jobId },
      `Chain ${chain} is forgotten.${job}`,
    );
  },
});

function done({ output }: Session, document: object, words: string) {
  output.json(document);
  output.say(words);
  return exitCodes.done;
}
