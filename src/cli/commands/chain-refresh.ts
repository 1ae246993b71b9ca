import { gatherInputs, type InputsToGather } from '../../artifacts/gather-inputs';
import { submissionWarnings } from '../../clients/sqlflow/submission';
import { requestRefresh } from '../../starter/chains';
import { chainConnection, checkedChainName } from '../chain-connection';
import { chainRefreshOptions, refreshOf, type ChainRefreshOptions } from '../chain-options';
import { command } from '../command';
import { count } from '../preview';
import { runWorkflow } from '../run-workflow';

export const chainRefresh = command<ChainRefreshOptions, [string, readonly string[]]>({
  name: 'chain refresh',
  summary: 'refresh the lineage of a folder of SQL, in one SQLFlow job for years',
  description: `Sends what changed since the last refresh to the chain's SQLFlow job, waits, exports the lineage
and compares it with the latest revision. The first refresh of a name begins the chain.
FILE is a file, a folder (its SQL files, in subfolders too) or a glob; '!GLOB' leaves out.
A cancel takes the refresh back; the chain and its job stay.`,
  arguments: [
    { usage: '<NAME>', description: "the chain's name" },
    { usage: '[FILE...]', description: 'SQL files, zips, folders, globs (default: this folder)' },
  ],
  options: chainRefreshOptions,
  output: ['detached', 'ended'],
  examples: [
    'remote-jobs chain refresh nightly etl --dbvendor hive --out lineage',
    'remote-jobs chain refresh nightly etl --dbvendor hive --changed-since HEAD~1',
    'remote-jobs chain refresh nightly etl --dbvendor hive --gate-max-removed-percent 5 --on-closed approve',
    "remote-jobs chain refresh nightly etl --dbvendor hive --protect 'dw.*' --rebuild-every 30",
  ],
  run: async (session, options, name, files) => {
    const chain = checkedChainName(name);
    const connection = await chainConnection(session, options.connection);
    const asked = refreshOf(chain, connection, options);
    const { output, context } = session;
    return runWorkflow({
      session,
      options,
      warnings: submissionWarnings(asked.dbVendor),
      attached: false,
      logs: false,
      cancelWords: 'the chain to take it back',
      prepare: async (store, signal) => {
        const { limits } = (await session.settings()).jobs;
        const inputs = await gatherInputs(store, inputsOf(files, options), {
          limits,
          cwd: context.cwd,
          signal,
          onProgress: (done, of) => output.status(`reading files · ${done} of ${of}`),
        }).finally(() => output.status());
        output.say(
          inputs.partial === true
            ? `${count(inputs.files, 'file')} changed since ${options.changedSince}`
            : `Gathered ${count(inputs.files, 'file')}`,
        );
        return (client, start) => requestRefresh(client, { ...asked, inputs }, start);
      },
    });
  },
});

/** Which files a refresh is of; `schedule create` keeps them as they were typed. */
export function inputsOf(
  files: readonly string[],
  {
    base,
    filesFrom,
    changedSince,
  }: Pick<ChainRefreshOptions, 'base' | 'filesFrom' | 'changedSince'>,
): InputsToGather {
  return {
    // A list stands for itself; without any words the current folder is meant.
    paths: files.length === 0 && filesFrom !== undefined ? undefined : files,
    base,
    filesFrom,
    changedSince,
  };
}
