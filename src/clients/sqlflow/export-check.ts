import { CsvExportCheck } from './check-csv';
import { GraphmlExportCheck } from './check-graphml';
import { JsonExportCheck } from './check-json';
import type { ExportStream } from './exports';
import type { ExportCheck, LineageReport } from './lineage-report';

/** What a check must know of the export; an {@link ExportStream} tells it all. */
export type ExportDescription = Pick<ExportStream, 'format' | 'endpoint' | 'jobId' | 'delimiter'>;

/**
 * Passes an export's bytes on and fails, at its end at the latest, where they are not a whole
 * lineage. So a reader that writes them to a temporary name renames it only on a normal end.
 *
 * @param onReport gets what the check saw, before the normal end
 * @throws VendorError for a refusal; IncompleteError (`SqlFlow.NotTheFormat`, `SqlFlow.Truncated`,
 *   `SqlFlow.SummaryOnly`, `SqlFlow.NoLineage`); WireError; TransportError
 */
export async function* checkedExport(
  exported: ExportStream,
  onReport?: (report: LineageReport) => void,
): AsyncGenerator<Buffer, void, undefined> {
  const check = checkOf(exported);
  for await (const chunk of exported.body) {
    check.push(chunk as Buffer);
    yield chunk as Buffer;
  }
  const report = check.finish();
  onReport?.(report);
}

/**
 * The same for bytes that are stored already, such as a file.
 *
 * @throws as {@link checkedExport}
 */
export async function checkExport(
  source: AsyncIterable<Uint8Array>,
  described: ExportDescription,
): Promise<LineageReport> {
  const check = checkOf(described);
  for await (const chunk of source) check.push(chunk);
  return check.finish();
}

function checkOf(described: ExportDescription): ExportCheck<LineageReport> {
  const { endpoint } = described;
  switch (described.format) {
    case 'json':
      return new JsonExportCheck(endpoint, described.jobId);
    case 'csv':
      return new CsvExportCheck(endpoint, described.delimiter);
    case 'graphml':
      return new GraphmlExportCheck(endpoint);
  }
}
