import { InvalidArgumentError, Option } from 'commander';
import type { LineageFormat, SqlFlowDatabaseSource } from '../contracts/sqlflow';
import { usageError } from './errors';
import { portOption } from './free-port';

export interface ExportOptions {
  readonly export?: readonly LineageFormat[];
  readonly tableToTable?: boolean;
  /** A comma list of {@link relationTypes}, in their order. */
  readonly relationTypes?: string;
  readonly delimiter?: string;
  readonly failOnPartial?: boolean;
}

const relationTypes = ['fdd', 'frd', 'fdr', 'join'] as const;

/** In one order, so that the same list typed otherwise counts as no change of an export. */
function relationTypesOption(text: string): string {
  const typed = text.split(',').map((type) => type.trim().toLowerCase());
  const unknown = typed.find((type) => !relationTypes.some((known) => known === type));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `"${unknown}" is no relation type; give some of ${relationTypes.join(', ')}, with commas between.`,
    );
  }
  return relationTypes.filter((type) => typed.includes(type)).join(',');
}

export const exportOptions = [
  new Option(
    '--export <FORMATS>',
    'json, csv and graphml, with commas between (default: all)',
  ).argParser((text) => text.split(',').map((format) => format.trim().toLowerCase())),
  new Option('--table-to-table', 'lineage between tables, in place of columns'),
  new Option(
    '--relation-types <LIST>',
    'fdd (values), frd (counts and sums), fdr (filters) and join, with commas between (default: fdd)',
  ).argParser(relationTypesOption),
  new Option('--delimiter <C>', 'the character between CSV fields (default: a comma)'),
  new Option('--fail-on-partial', 'count it as failed when some files could not be parsed'),
];

export function exportsOf(options: ExportOptions) {
  return {
    exports: options.export,
    tableToTable: options.tableToTable,
    exportSettings:
      options.relationTypes === undefined ? undefined : { showRelationType: options.relationTypes },
    delimiter: options.delimiter,
    partialSuccess: options.failOnPartial === true ? ('fail' as const) : undefined,
  };
}

export interface DatabaseOptions {
  readonly databaseHost?: string;
  readonly databasePort?: number;
  readonly databaseAccount?: string;
  readonly databasePasswordSecret?: string;
  readonly databaseName?: string;
  readonly databaseSqlSource?: string;
  readonly databaseSchemas?: string;
  readonly databaseExcludedSchemas?: string;
  readonly databaseProcedures?: string;
  readonly databaseViews?: string;
}

export const databaseOptions = [
  new Option('--database-host <HOST>', 'read the SQL from a database, in place of files'),
  new Option('--database-port <PORT>', 'its port').argParser(portOption),
  new Option('--database-account <NAME>', 'the account to read with'),
  new Option(
    '--database-password-secret <NAME>',
    "the account's password: a secret of the worker's configuration",
  ),
  new Option('--database-name <NAME>', 'the database'),
  new Option('--database-sql-source <NAME>', "the vendor's sqlsource"),
  new Option('--database-schemas <LIST>', 'db/schema to read, with commas between; * is allowed'),
  new Option('--database-excluded-schemas <LIST>', 'db/schema to leave out'),
  new Option('--database-procedures <LIST>', 'stored procedures to read'),
  new Option('--database-views <LIST>', 'views to read'),
];

export function databaseOf(options: DatabaseOptions): SqlFlowDatabaseSource | undefined {
  if (options.databaseHost === undefined) {
    const stray = Object.keys(options).find((key) => /^database[A-Z]/.test(key));
    if (stray !== undefined) throw usageError('The --database… options go with --database-host.');
    return undefined;
  }
  const needed = (value: string | undefined, flag: string) => {
    if (value === undefined) throw usageError(`--database-host needs ${flag} too.`);
    return value;
  };
  return {
    hostname: options.databaseHost,
    port: Number(needed(options.databasePort?.toString(), '--database-port')),
    account: needed(options.databaseAccount, '--database-account'),
    password: {
      secret: needed(options.databasePasswordSecret, '--database-password-secret'),
    },
    database: options.databaseName,
    sqlSource: options.databaseSqlSource,
    extractedDbsSchemas: options.databaseSchemas,
    excludedDbsSchemas: options.databaseExcludedSchemas,
    extractedStoredProcedures: options.databaseProcedures,
    extractedViews: options.databaseViews,
  };
}
