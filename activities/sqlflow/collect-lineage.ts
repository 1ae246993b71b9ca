import { InputError, VendorError } from '../../src/clients/http/errors';
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
import { limitedExport } from '../limited-export';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';

const allFormats: readonly LineageFormat[] = ['json', 'csv', 'graphml'];
/** The model's own errors travel through history; the rest stand in the export. */
const mostModelErrors = 20;

/** What a heartbeat carries. */
interface CollectCheckpoint {
  /** For a person, while it works. */
  readonly exporting?: LineageFormat;
  /** All exports are stored; only the delete is left to do. */
  readonly collected?: CollectedLineage;
}

type ExportResources = Pick<ActivityResources, 'artifacts' | 'limits'>;
type ExportInput = Omit<SqlFlowCollectLineageInput, 'exports' | 'thenDelete'>;

/** Exports every asked format into the store; each whole and checked, or not at all. */
export async function collectLineage(
  client: SqlFlowClient,
  resources: ExportResources,
  input: SqlFlowCollectLineageInput,
  session: ActivitySession,
): Promise<CollectedLineage> {
  const left = session.lastDetails<CollectCheckpoint>();
  const collected = left?.collected ?? (await exportAll(client, resources, input, session));
  if (input.thenDelete) {
    // Recorded first: after a delete whose reply was lost there is nothing left to export.
    await session.record({ collected } satisfies CollectCheckpoint);
    await deleteIfKnown(client, input.jobId, session.signal);
  }
  return collected;
}

async function exportAll(
  client: SqlFlowClient,
  resources: ExportResources,
  input: SqlFlowCollectLineageInput,
  session: ActivitySession,
): Promise<CollectedLineage> {
  const lineage: { [F in LineageFormat]?: ArtifactRef } = {};
  const warnings: string[] = [];
  for (const format of input.exports ?? allFormats) {
    session.beat({ exporting: format } satisfies CollectCheckpoint);
    lineage[format] = await exportLineage(client, resources, input, format, session, (report) => {
      if (report.format === 'json') warnings.push(...report.modelErrors);
    });
  }
  return { lineage, warnings: warnings.slice(0, mostModelErrors) };
}

async function deleteIfKnown(
  client: SqlFlowClient,
  jobId: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.deleteUserJob(jobId, signal);
  } catch (error) {
    if (!(error instanceof VendorError) || error.kind !== 'notFound') throw error;
  }
}

/** One export, checked while it streams: a body that fails its check leaves nothing in the store. */
export async function exportLineage(
  client: SqlFlowClient,
  resources: ExportResources,
  input: ExportInput,
  format: LineageFormat,
  session: ActivitySession,
  onReport?: (report: LineageReport) => void,
): Promise<ArtifactRef> {
  const { jobId, delimiter, tableToTable } = input;
  const { signal } = session;
  const folder = input.folder ?? session.folder;
  const settings = { ...input.exportSettings, tableToTable };
  const open: Record<LineageFormat, () => Promise<ExportStream>> = {
    json: () => client.exportLineageAsJson(jobId, settings, signal),
    csv: () => client.exportFullLineageAsCsv(jobId, { delimiter, tableToTable }, signal),
    graphml: () => client.exportLineageAsGraphml(jobId, settings, signal),
  };
  if (!Object.hasOwn(open, format)) {
    throw new InputError('format', `is ${JSON.stringify(format)}; give one of json, csv, graphml`);
  }
  const exported = await open[format]();
  const checked = limitedExport(checkedExport(exported, onReport), resources.limits);
  const key = `${folder}/${jobArtifacts.lineage}.${format}`;
  return await resources.artifacts.put(key, checked, { format, signal });
}

/** exportFullLineageAsJson, checked in the same way. */
export async function exportFullLineage(
  client: SqlFlowClient,
  resources: ExportResources,
  input: { readonly jobId: string; readonly showRelationType?: string },
  session: ActivitySession,
): Promise<ArtifactRef> {
  const { jobId, showRelationType } = input;
  const { signal, folder } = session;
  const exported = await client.exportFullLineageAsJson(jobId, { showRelationType }, signal);
  const key = `${folder}/full-${jobArtifacts.lineage}.json`;
  const checked = limitedExport(checkedExport(exported), resources.limits);
  return await resources.artifacts.put(key, checked, { format: 'json', signal });
}
