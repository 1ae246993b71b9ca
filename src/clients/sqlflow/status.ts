/** What a SQLFlow status word means. `unknown` is taken neither for running nor for done. */
export type SqlFlowStatusKind =
  'queued' | 'running' | 'succeeded' | 'partiallySucceeded' | 'failed' | 'deleted' | 'unknown';

const kinds: ReadonlyMap<string, SqlFlowStatusKind> = new Map([
  ['create', 'queued'],
  ['process', 'running'],
  ['success', 'succeeded'],
  // Some files failed to parse; what the others gave can be exported.
  ['partial_success', 'partiallySucceeded'],
  ['fail', 'failed'],
  // Only ever in the answer of deleteUserJob.
  ['delete', 'deleted'],
]);

/**
 * What a status word means.
 *
 * @param word the service's own, in any case
 */
export function sqlflowStatus(word: string): SqlFlowStatusKind {
  return kinds.get(word.trim().toLowerCase()) ?? 'unknown';
}

/** The dialects that SQLFlow documents or was seen to take. Others are sent all the same. */
export const knownDbVendors: ReadonlySet<string> = new Set(
  [
    ...['azuresql', 'bigquery', 'couchbase', 'db2', 'greenplum', 'hana', 'hive', 'impala'],
    ...['informix', 'mdx', 'mysql', 'netezza', 'openedge', 'oracle', 'postgresql', 'redshift'],
    ...['snowflake', 'mssql', 'sparksql', 'sybase', 'teradata', 'vertica'],
    // Not in the published list, but in the vendor's own clients.
    ...['athena', 'databricks', 'gaussdb', 'presto'],
  ].map((name) => `dbv${name}`),
);

/** `hive` is short for `dbvhive`; what isn't known is sent as it is. */
export function fullVendor(given: string): string {
  const full = `dbv${given.toLowerCase()}`;
  return knownDbVendors.has(full) ? full : given;
}
