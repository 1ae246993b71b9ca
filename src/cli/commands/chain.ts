import { Option } from 'commander';
import { isOpen } from '../../contracts/workflow-status';
import { chainState, listChains, type ChainSummary } from '../../starter/chains';
import { chainConnection, checkedChainName } from '../chain-connection';
import { chainFacts, historyColumns, historyRow, lastWords } from '../chain-words';
import { command, type ArgumentSpec } from '../command';
import { exitCodes } from '../exit-codes';
import { countOption } from '../number-options';
import { count } from '../preview';
import type { Session } from '../session';
import { renderTable } from '../tables';

export interface ChainOptions {
  readonly connection?: string;
}

export const chainArgument: ArgumentSpec = {
  usage: '[NAME]',
  description: "the chain's name; on a terminal a list to choose from",
  choose: 'chain',
};
export const chainConnectionOption = new Option(
  '--connection <NAME>',
  'the SQLFlow connection, where there are several',
);

export const chainList = command<{ ended?: boolean }>({
  name: 'chain list',
  summary: 'the chains, and how their last refresh ended',
  options: [new Option('--ended', 'those that were forgotten too')],
  output: ['chains'],
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
  if (!isOpen(status)) return status.toLowerCase();
  if (status === 'PAUSED') return 'paused in Temporal';
  return paused === true ? 'paused' : '';
}

export const chainShow = command<ChainOptions, [string]>({
  name: 'chain show',
  summary: "a chain's job, latest revision, and what is under way",
  arguments: [chainArgument],
  options: [chainConnectionOption],
  output: ['chain'],
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
  arguments: [chainArgument],
  options: [
    chainConnectionOption,
    new Option('--limit <N>', 'so many at most').argParser(countOption(1)),
  ],
  output: ['chainHistory'],
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
