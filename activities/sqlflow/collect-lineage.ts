import type { ArtifactStore } from '../../src/artifacts/store';
import type { SqlFlowClient } from '../../src/clients/sqlflow/client';
import type { ArtifactRef } from '../../src/contracts/artifact';
import { jobArtifacts } from '../../src/contracts/names';
import type { LineageFormat, SqlFlowJobResult } from '../../src/contracts/sqlflow';
import type { SqlFlowCollectLineageInput } from '../../src/contracts/sqlflow-steps';
import type { ActivitySession } from '../session';
import { checkedExport } from '../../src/clients/sqlflow/export-check';

const allFormats: readonly LineageFormat[] = ['json', 'csv', 'graphml'];

/** Exports every asked format into the store; each whole and checked, or not at all. */
export async function collectLineage(
  client: SqlFlowClient,
  store: ArtifactStore,
  input: SqlFlowCollectLineageInput,
  session: ActivitySession,
): Promise<SqlFlowJobResult['lineage']> {
  const lineage: { [F in LineageFormat]?: ArtifactRef } = {};
  for (const format of input.exports ?? allFormats) {
    session.beat({ exporting: format });
    lineage[format] = await exportLineage(client, store, input, format, session);
  }
  if (input.thenDelete) await client.deleteUserJob(input.jobId, session.signal);
  return lineage;
}

/** One export, checked while it streams: a body that fails its check leaves nothing in the store. */
export async function exportLineage(
  client: SqlFlowClient,
  store: ArtifactStore,
  input: Omit<SqlFlowCollectLineageInput, 'exports' | 'thenDelete'>,
  format: LineageFormat,
  session: ActivitySession,
): Promise<ArtifactRef> {
  const { signal } = session;
  const settings = { ...input.exportSettings, tableToTable: input.tableToTable };
  const { jobId, delimiter } = input;
  const exported =
    format === 'json'
      ? await client.exportLineageAsJson(jobId, settings, signal)
      : format === 'csv'
        ? await client.exportFullLineageAsCsv(jobId, { ...settings, delimiter }, signal)
        : await client.exportLineageAsGraphml(jobId, settings, signal);
  const key = `${session.folder}/${jobArtifacts.lineage}.${format}`;
  return await store.put(key, checkedExport(exported), { format, signal });
}
