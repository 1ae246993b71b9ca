import type { ArtifactFormat } from '../contracts/artifact';
import { csvRecord } from './csv';
import { jsonLinesRow } from './json-lines';
import { splitLines } from './lines';
import type { ArtifactBody } from './store';
import type { TableRow } from './table';
import { TableError } from './table-error';
import { xlsxBody } from './xlsx';

export type TableFormat = 'csv' | 'jsonl' | 'xlsx';

/** How pages of rows become one artifact, so that each page can be made and kept by itself. */
export interface PageEncoding {
  readonly format: ArtifactFormat;
  /** The text that a page is kept as. `rowsBefore` counts the rows of the pages before it. */
  encode(rows: readonly TableRow[], rowsBefore: number): string;
  /** The artifact, made of the texts of all pages, in whatever pieces they come. */
  whole(texts: AsyncIterable<Uint8Array | string>): ArtifactBody;
}

/**
 * How each format says what it says. In all of them every value is text, as the service sent it
 * (so `007` and a 20-digit number stay what they are), in UTF-8.
 *
 * - csv: RFC 4180, header, CRLF. NULL is an empty field, the empty text is `""`.
 * - jsonl: an object a row, NULL is `null`. A column name that stands twice gets `_2`, `_3`, …
 * - xlsx: text cells, header in bold and frozen; NULL is no cell, the empty text an empty one. A new
 *   sheet begins at 1,048,576 rows. At most 16,384 columns and 32,767 characters a cell. Its pages
 *   are kept as JSON, since a ZIP can't be gone on with: the workbook is made when all are there.
 */
const tables: Readonly<
  Record<TableFormat, (columns: readonly string[]) => Omit<PageEncoding, 'format'>>
> = {
  csv: (columns) => ({
    encode: (rows) => joined(rows, csvRecord),
    whole: (texts) => after(csvRecord(columns), texts),
  }),
  jsonl: (columns) => {
    const line = jsonLinesRow(columns);
    return { encode: (rows) => joined(rows, line), whole: (texts) => texts };
  },
  xlsx: (columns) => ({
    encode: (rows) => `${JSON.stringify(rows)}\n`,
    whole: (texts) => xlsxBody(columns, parsed(texts)),
  }),
};

/** @throws TableError from `encode`, where a row is not as wide as the header */
export function tableEncoding(format: TableFormat, columns: readonly string[]): PageEncoding {
  const { encode, whole } = tables[format](columns);
  return {
    format,
    whole,
    encode(rows, rowsBefore) {
      for (const [index, row] of rows.entries()) {
        if (row.length === columns.length) continue;
        throw new TableError(
          'Table.RowWidth',
          `row ${rowsBefore + index + 1} has ${row.length} values, but the table has ${columns.length} columns`,
        );
      }
      return encode(rows, rowsBefore);
    },
  };
}

/** Rows that are lines of a text. */
export const textEncoding: PageEncoding = {
  format: 'text',
  encode: (rows) => joined(rows, (row) => `${row.map((cell) => cell ?? '').join('\t')}\n`),
  whole: (texts) => texts,
};

function joined(rows: readonly TableRow[], line: (row: TableRow) => string): string {
  let text = '';
  for (const row of rows) text += line(row);
  return text;
}

async function* after(
  head: string,
  texts: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array | string> {
  yield head;
  yield* texts;
}

async function* parsed(
  texts: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<readonly TableRow[]> {
  for await (const line of splitLines(texts)) yield JSON.parse(line) as TableRow[];
}
