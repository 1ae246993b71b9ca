import { Option } from 'commander';
import { fullVendor } from '../clients/sqlflow/status';
import type { ChainRefreshInput } from '../contracts/chain';
import type { LineageGate } from '../contracts/lineage-gate';
import { collected } from './command';
import { durationOption } from './durations';
import { usageError } from './errors';
import { countOption, percentOption } from './number-options';
import { runOptions, type RunOptions } from './run-options';
import { exportOptions, exportsOf, type ExportOptions } from './sqlflow-options';

/** What a refresh is asked to do, as it is typed; `schedule create` reads the same words. */
export interface ChainRefreshOptions extends RunOptions, ExportOptions {
  readonly dbvendor?: string;
  readonly defaultDatabase?: string;
  readonly defaultSchema?: string;
  readonly base?: string;
  readonly filesFrom?: readonly string[];
  readonly changedSince?: string;
  readonly send?: 'changed' | 'all';
  readonly removed?: 'rebuild' | 'note';
  readonly rebuild?: boolean;
  readonly rebuildEvery?: number;
  readonly replaced?: 'delete' | 'keep';
  readonly gateMaxRemovedEdges?: number;
  readonly gateMaxRemovedPercent?: number;
  readonly gateMaxParseErrors?: number;
  readonly protect?: readonly string[];
  readonly onClosed?: 'fail' | 'approve';
  /** Milliseconds. */
  readonly approveWithin?: number;
  readonly publish?: string;
  readonly keepRevisions?: number;
}

/** Settings that a job has from its beginning; `chain adopt` takes them too. */
export const chainSettingsOptions: readonly Option[] = [
  new Option('--dbvendor <V>', 'the SQL dialect: dbvhive, dbvoracle, … or hive, oracle, …'),
  new Option('--default-database <NAME>', 'the database of names that have none'),
  new Option('--default-schema <NAME>', 'the schema of names that have none'),
];

export const chainRefreshOptions: readonly Option[] = [
  ...chainSettingsOptions,
  new Option(
    '--base <DIR>',
    'the folder below which files are named (default: the one folder that is given, else this one)',
  ),
  new Option(
    '--files-from <LIST>',
    'a file that names the files, one on each line; may be given again',
  ).argParser(collected),
  new Option('--changed-since <REV>', 'only what differs from this git revision of the checkout'),
  new Option('--send <WHAT>', 'the files that changed, or all of them').choices(['changed', 'all']),
  new Option(
    '--removed <WHAT>',
    "what a removed file means, since the server keeps its lineage: rebuild the job, or note it (default: 'rebuild')",
  ).choices(['rebuild', 'note']),
  new Option('--rebuild', 'make a new job of all files; it replaces the old one if all goes well'),
  new Option(
    '--rebuild-every <N>',
    'rebuild after so many refreshes that sent something',
  ).argParser(countOption(1)),
  new Option(
    '--replaced <WHAT>',
    "delete a job that a rebuild has replaced, or keep it (default: 'delete')",
  ).choices(['delete', 'keep']),
  new Option('--gate-max-removed-edges <N>', 'close the gate when more edges vanish').argParser(
    countOption(0),
  ),
  new Option(
    '--gate-max-removed-percent <N>',
    'close the gate when a larger share of the edges vanishes',
  ).argParser(percentOption),
  new Option('--gate-max-parse-errors <N>', 'close the gate when more fails to parse').argParser(
    countOption(0),
  ),
  new Option(
    '--protect <PATTERN>',
    'close the gate when this dataset (schema.table, * for any characters) loses its sources; may be given again',
  ).argParser(collected),
  new Option('--on-closed <WHAT>', "what a closed gate does (default: 'fail')").choices([
    'fail',
    'approve',
  ]),
  new Option('--approve-within <D>', 'how long an approval is waited for (default: 24h)').argParser(
    durationOption,
  ),
  new Option('--publish <TARGET>', 'send OpenLineage events to this target of the configuration'),
  new Option('--keep-revisions <N>', 'revisions to keep in the store (default: 30)').argParser(
    countOption(1),
  ),
  ...exportOptions,
  ...runOptions,
];

/** The settings that a job has from its beginning. */
export function chainSettingsOf(
  options: Pick<ChainRefreshOptions, 'dbvendor' | 'defaultDatabase' | 'defaultSchema'>,
) {
  if (options.dbvendor === undefined) {
    throw usageError('--dbvendor is missing; give the SQL dialect, such as dbvhive.');
  }
  return {
    dbVendor: fullVendor(options.dbvendor),
    defaultDatabase: options.defaultDatabase,
    defaultSchema: options.defaultSchema,
  };
}

/** What was typed, as a chain is asked: all but the files. */
export function refreshOf(
  chain: string,
  connection: string,
  options: ChainRefreshOptions,
): Omit<ChainRefreshInput, 'inputs'> {
  return {
    ...chainSettingsOf(options),
    ...exportsOf(options),
    chain,
    connection,
    send: options.send,
    removed: options.removed,
    rebuild: options.rebuild,
    rebuildEvery: options.rebuildEvery,
    replaced: options.replaced,
    gate: gateOf(options),
    publish: options.publish === undefined ? undefined : { target: options.publish },
    keepRevisions: options.keepRevisions,
    timeoutMs: options.deadline,
  };
}

function gateOf(options: ChainRefreshOptions): LineageGate | undefined {
  const limits = {
    maxRemovedEdges: options.gateMaxRemovedEdges,
    maxRemovedPercent: options.gateMaxRemovedPercent,
    maxParseErrors: options.gateMaxParseErrors,
    protect: options.protect,
  };
  if (Object.values(limits).every((limit) => limit === undefined)) {
    if (options.onClosed !== undefined) throw withoutLimit('--on-closed');
    if (options.approveWithin !== undefined) throw withoutLimit('--approve-within');
    return undefined;
  }
  if (options.approveWithin !== undefined && options.onClosed !== 'approve') {
    throw usageError('--approve-within goes with --on-closed approve.');
  }
  return { ...limits, onClosed: options.onClosed, approveWithinMs: options.approveWithin };
}

function withoutLimit(flag: string): Error {
  return usageError(
    `${flag} needs a gate: give --gate-max-removed-edges, --gate-max-removed-percent, --gate-max-parse-errors or --protect.`,
  );
}
