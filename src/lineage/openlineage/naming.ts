import { own } from '../../contracts/own';
/** How datasets and columns are spelled in events. */
export type Spelling = 'lower' | 'upper' | 'written';

/** Of something with a canonical `key` in lower case and a `name` as the SQL has it. */
export function spelled(
  { key, name }: { readonly key: string; readonly name: string },
  spelling: Spelling,
): string {
  if (spelling === 'written') return name;
  return spelling === 'upper' ? key.toUpperCase() : key;
}

/** Where OpenLineage's naming, or that of the catalogs, differs from SQLFlow's `dbvendor` without `dbv`. */
const schemes: Readonly<Record<string, string>> = {
  athena: 'awsathena',
  azuresql: 'mssql',
  postgresql: 'postgres',
  sparksql: 'spark',
};

/**
 * The namespace of datasets where none is given: `hive://lineage` for `dbvhive` and the connection
 * `lineage`. Catalogs take the system from before `://`; where theirs has a host behind it, that
 * must be given.
 */
export function defaultDatasetNamespace(dialect: string | undefined, connection: string): string {
  const system = (dialect ?? '').toLowerCase().replace(/^dbv/, '') || 'sql';
  const scheme = own(schemes, system) ?? system;
  // BigQuery is one system for everybody: its namespace has no host.
  return scheme === 'bigquery' ? scheme : `${scheme}://${connection}`;
}
