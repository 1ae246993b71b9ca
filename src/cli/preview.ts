import type { ArtifactStore } from '../artifacts/store';
import type { ArtifactRef } from '../contracts/artifact';
import { readCsvHead, type CsvField } from './csv-preview';
import type { Output } from './output';
import type { JobResult } from './result-folder';
import { renderTable } from './tables';

const shownRows = 20;
const shownSets = 10;

/** Prints the first rows of each table of a result, where they can be shown as text. */
export async function printPreviews(
  output: Output,
  result: JobResult,
  store: ArtifactStore,
  separator: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (output.mode === 'json') return;
  if (result.vendor === 'sqlflow') {
    const { csv } = result.lineage;
    if (csv !== undefined) await printLineage(output, csv, store, signal, separator);
    return;
  }
  for (const set of result.results.slice(0, shownSets)) {
    const title = `Result ${set.index}`;
    if (set.format === 'csv') {
      await printTable(output, title, set, store, signal, { emptyField: 'NULL' });
    } else if (set.format === 'text') await printText(output, title, set, store, signal);
    else output.print(`${title}: ${set.format}, ${set.rows ?? 'unknown'} rows`);
  }
  const more = result.results.length - shownSets;
  if (more > 0) output.print(`… and ${more} more result sets`);
}

/** From where to where: the export's columns for each part of a name would leave no room. */
async function printLineage(
  output: Output,
  ref: ArtifactRef,
  store: ArtifactStore,
  signal: AbortSignal,
  separator: string | undefined,
): Promise<void> {
  const [head = [], ...rows] = await readCsvHead(store, ref, shownRows + 1, signal, separator);
  const nameFrom = (side: 'source' | 'target') => {
    const parts = ['db', 'schema', 'table', 'column'].map((part) =>
      head.indexOf(`${side}_${part}`),
    );
    return (row: readonly CsvField[]) =>
      parts
        .map((at) => row[at] ?? '')
        .filter((part) => part !== '' && part !== 'DEFAULT')
        .join('.');
  };
  const [source, target] = [nameFrom('source'), nameFrom('target')];
  const kind = head.indexOf('relation_type');
  output.print(
    renderTable({
      columns: ['from', 'to', ''],
      rows: rows.map((row) => [source(row), target(row), row[kind] ?? '']),
      width: output.columns,
      heading: output.colors.underline,
    }),
  );
  if (rows.length === shownRows) output.print(output.colors.dim('…'));
}

async function printTable(
  output: Output,
  title: string,
  ref: ArtifactRef,
  store: ArtifactStore,
  signal: AbortSignal,
  { separator, emptyField = '' }: { separator?: string; emptyField?: string } = {},
): Promise<void> {
  const [head = [], ...rows] = await readCsvHead(store, ref, shownRows + 1, signal, separator);
  const counted = ref.rows === undefined ? '' : ` (${count(ref.rows, 'row')})`;
  output.print(output.colors.bold(`${title}${counted}`));
  output.print(
    renderTable({
      columns: head.map((name) => name ?? ''),
      rows: rows.map((row) => row.map((field) => field ?? emptyField)),
      width: output.columns,
      heading: output.colors.underline,
    }),
  );
  const more = ref.rows === undefined ? undefined : ref.rows - rows.length;
  if (more === undefined ? rows.length === shownRows : more > 0) {
    output.print(output.colors.dim(more === undefined ? '…' : `… ${count(more, 'more row')}`));
  }
  output.print('');
}

async function printText(
  output: Output,
  title: string,
  ref: ArtifactRef,
  store: ArtifactStore,
  signal: AbortSignal,
): Promise<void> {
  output.print(output.colors.bold(title));
  let shown = '';
  const body = await store.open(ref.uri, signal);
  body.setEncoding('utf8');
  for await (const chunk of body as AsyncIterable<string>) {
    shown += chunk;
    if (shown.length > 4000) break;
  }
  body.destroy();
  output.print(shown.length > 4000 ? `${shown.slice(0, 4000)}…` : shown.trimEnd());
}

export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${amount.toLocaleString('en-US')} ${amount === 1 ? noun : plural}`;
}
