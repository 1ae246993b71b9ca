import { PackedRows } from '../clients/packed-rows';
import type { ArtifactFormat } from '../contracts/artifact';
import type { ByteSink } from '../clients/byte-sink';
import { csvRecord, csvRecords } from './csv';
import { jsonLinesRow, jsonLinesRows } from './json-lines';
import { packPage, packedPages } from './packed-pages';
import { parquetBody } from './parquet';
import type { ArtifactBody } from './store';
import type { PageRows, TableRow } from './table';
import { TableError } from './table-error';
import { xlsxBody } from './xlsx';

export type TableFormat = 'csv' | 'jsonl' | 'parquet' | 'xlsx';

/** How pages of rows become one artifact, so that each page can be made and kept by itself. */
export interface PageEncoding {
  readonly format: ArtifactFormat;
  /** Writes what a page is kept as. `rowsBefore` counts the rows of the pages before it. */
  encode(rows: PageRows, rowsBefore: number, sink: ByteSink): void;
  /**
   * The artifact, made of the texts of all pages, in whatever pieces they come, each of which is
   * valid as long as those of any body.
   */
  whole(texts: AsyncIterable<Uint8Array | string>): ArtifactBody;
}

/**
 * How each format says what it says. In all of them every value is text, as the service sent it
 * (so `007` and a 20-digit number stay what they are), in UTF-8.
 *
 * - csv: RFC 4180, header, CRLF. NULL is an empty field, the empty text is `""`.
 * - jsonl: an object a row, NULL is `null`. A column name that stands twice gets `_2`, `_3`, …
 * - parquet: columns of text that may be NULL, named as in jsonl. Its pages are kept as they are, since
 *   a row group is larger than most pages, and what lists them comes last.
 * - xlsx: text cells, header in bold and frozen; NULL is no cell, the empty text an empty one. A new
 *   sheet begins at 1,048,576 rows. At most 16,384 columns and 32,767 characters a cell. Its pages
 *   are kept as they are, since a ZIP can't be gone on with: the workbook is made when all are there.
 */
const tables: Readonly<
  Record<TableFormat, (columns: readonly string[]) => Omit<PageEncoding, 'format'>>
> = {
  csv: (columns) => ({
    encode(rows, _, sink) {
      if (rows instanceof PackedRows) csvRecords(rows, sink);
      else lines(rows, csvRecord, sink);
    },
    whole: (texts) => after(csvRecord(columns), texts),
  }),
  jsonl: (columns) => {
    const line = jsonLinesRow(columns);
    const packedLines = jsonLinesRows(columns);
    return {
      encode(rows, _, sink) {
        if (rows instanceof PackedRows) packedLines(rows, sink);
        else lines(rows, line, sink);
      },
      whole: (texts) => texts,
    };
  },
  parquet: (columns) => ({
    encode: (rows, _, sink) => packPage(rows, sink),
    whole: (kept) => parquetBody(columns, packedPages(kept)),
  }),
  xlsx: (columns) => ({
    encode: (rows, _, sink) => packPage(rows, sink),
    whole: (kept) => xlsxBody(columns, packedPages(kept)),
  }),
};

/** @throws TableError from `encode`, where a row is not as wide as the header */
export function tableEncoding(format: TableFormat, columns: readonly string[]): PageEncoding {
  const { encode, whole } = tables[format](columns);
  return {
    format,
    whole,
    encode(rows, rowsBefore, sink) {
      if (rows instanceof PackedRows) {
        if (rows.length > 0) checkWidth(rows.width, rowsBefore);
      } else {
        for (const [index, row] of rows.entries()) checkWidth(row.length, rowsBefore + index);
      }
      encode(rows, rowsBefore, sink);
    },
  };

  function checkWidth(width: number, rowsBefore: number): void {
    if (width === columns.length) return;
    throw new TableError(
      'Table.RowWidth',
      `row ${rowsBefore + 1} has ${width} values, but the table has ${columns.length} columns`,
    );
  }
}

/** Rows that are lines of a text. */
export const textEncoding: PageEncoding = {
  format: 'text',
  encode: (rows, _, sink) =>
    lines(rows, (row) => `${row.map((cell) => cell ?? '').join('\t')}\n`, sink),
  whole: (texts) => texts,
};

function lines(rows: Iterable<TableRow>, line: (row: TableRow) => string, sink: ByteSink): void {
  for (const row of rows) sink.text(line(row));
}

async function* after(
  head: string,
  texts: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array | string> {
  yield head;
  yield* texts;
}
