import type { ArtifactRef } from '../contracts/artifact';
import { csvBody } from './csv';
import { jsonLinesBody } from './json-lines';
import type { ArtifactBody, ArtifactStore } from './store';
import type { TableCell, TablePages } from './table';
import { TableError } from './table-error';
import { untilAborted } from './until-aborted';
import { xlsxBody } from './xlsx';

export type TableFormat = 'csv' | 'jsonl' | 'xlsx';

export type TableRef = ArtifactRef & {
  readonly rows: number;
  readonly columns: readonly string[];
};

/**
 * How each format says what it says. In all of them every value is text, as the service sent it
 * (so `007` and a 20-digit number stay what they are), in UTF-8.
 *
 * - csv: RFC 4180, header, CRLF. NULL is an empty field, the empty text is `""`.
 * - jsonl: an object a row, NULL is `null`. A column name that stands twice gets `_2`, `_3`, …
 * - xlsx: text cells, header in bold and frozen; NULL is no cell, the empty text an empty one. A new
 *   sheet begins at 1,048,576 rows. At most 16,384 columns and 32,767 characters a cell.
 */
const bodies: Readonly<
  Record<TableFormat, (columns: readonly string[], pages: TablePages) => ArtifactBody>
> = { csv: csvBody, jsonl: jsonLinesBody, xlsx: xlsxBody };

/**
 * Streams a table into the store, at a page's worth of memory: the next page is asked for only when
 * the last one has been taken. Whole or not at all, as every `put`.
 *
 * @throws TableError where a row is not as wide as the header, or doesn't fit into an Excel sheet
 */
export async function writeTable(
  store: ArtifactStore,
  key: string,
  format: TableFormat,
  columns: readonly string[],
  pages: TablePages,
  signal: AbortSignal,
): Promise<TableRef> {
  let rows = 0;
  async function* checked(): AsyncGenerator<readonly (readonly TableCell[])[]> {
    for await (const page of untilAborted(pages, signal)) {
      for (const [index, row] of page.entries()) {
        if (row.length !== columns.length) {
          throw new TableError(
            'Table.RowWidth',
            `row ${rows + index + 1} of ${key} has ${row.length} values, but the table has ${columns.length} columns`,
          );
        }
      }
      rows += page.length;
      yield page;
    }
  }
  const ref = await store.put(key, bodies[format](columns, checked()), {
    format,
    signal,
    table: () => ({ rows, columns }),
  });
  return { ...ref, rows, columns };
}
