import type { ArtifactStore } from '../../src/artifacts/store';
import {
  checkedExport,
  type ExportStream,
  type LineageReport,
  type SqlFlowClient,
} from '../../src/clients/sqlflow/public';
import type { ArtifactRef } from '../../src/contracts/artifact';
import { jobArtifacts } from '../../src/contracts/names';
import type { LineageFormat } from '../../src/contracts/sqlflow';
import type {
  CollectedLineage,
  SqlFlowCollectLineageInput,
} from '../../src/contracts/sqlflow-steps';
import type { ActivitySession } from '../session';

const allFormats: readonly LineageFormat[] = ['json', 'csv', 'graphml'];
/** The model's own errors travel through history; the rest stand in the export. */
const mostModelErrors = 20;

type ExportInput = Omit<SqlFlowCollectLineageInput, 'exports' | 'thenDelete'>;

/** Exports every asked format into the store; each whole and checked, or not at all. */
export async function collectLineage(
  client: SqlFlowClient,
  store: ArtifactStore,
  input: SqlFlowCollectLineageInput,
  session: ActivitySession,
): Promise<CollectedLineage> {
  const lineage: { [F in LineageFormat]?: ArtifactRef } = {};
  const warnings: string[] = [];
  for (const format of input.exports ?? allFormats) {
    session.beat({ exporting: format });
    lineage[format] = await exportLineage(client, store, input, format, session, (report) => {
      if (report.format === 'json') warnings.push(...report.modelErrors);
    });
  }
  if (input.thenDelete) await client.deleteUserJob(input.jobId, session.signal);
  return { lineage, warnings: warnings.slice(0, mostModelErrors) };
}

/** One export, checked while it streams: a body that fails its check leaves nothing in the store. */
export async function exportLineage(
  client: SqlFlowClient,
  store: ArtifactStore,
  input: ExportInput,
  format: LineageFormat,
  session: ActivitySession,
  onReport?: (report: LineageReport) => void,
): Promise<ArtifactRef> {
  const { jobId, delimiter, tableToTable } = input;
  const { signal, folder } = session;
  const settings = { ...input.exportSettings, tableToTable };
  const open: Record<LineageFormat, () => Promise<ExportStream>> = {
    json: () => client.exportLineageAsJson(jobId, settings, signal),
    csv: () => client.exportFullLineageAsCsv(jobId, { delimiter, tableToTable }, signal),
    graphml: () => client.exportLineageAsGraphml(jobId, settings, signal),
  };
  const checked = checkedExport(await open[format](), onReport);
  const key = `${folder}/${jobArtifacts.lineage}.${format}`;
  return await store.put(key, checked, { format, signal });
}

/** exportFullLineageAsJson, checked in the same way. */
export async function exportFullLineage(
  client: SqlFlowClient,
  store: ArtifactStore,
  input: { readonly jobId: string; readonly showRelationType?: string },
  session: ActivitySession,
): Promise<ArtifactRef> {
  const { jobId, showRelationType } = input;
  const { signal, folder } = session;
  const exported = await client.exportFullLineageAsJson(jobId, { showRelationType }, signal);
  const key = `${folder}/full-${jobArtifacts.lineage}.json`;
  return await store.put(key, checkedExport(exported), { format: 'json', signal });
}
