import { addAbortSignal, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { TableError } from './table-error';
import type { TablePages } from './table';
import { PagedRows } from './paged-rows';
import {
  cellXml,
  columnLetters,
  fixedParts,
  sheetEnd,
  sheetStart,
  workbookParts,
} from './xlsx-parts';

/** https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3 */
const maxRows = 1_048_576;
const maxColumns = 16_384;
const maxCellCharacters = 32_767;

/** XML handed on at a time, in characters. */
const pieceLength = 64 * 1024;

/** A fixed time and no time zone: the same rows make the same bytes. */
const entry = { mtime: new Date(2000, 0, 1), forceDosTimestamp: true, compressionLevel: 3 };

interface Table {
  readonly columns: readonly string[];
  readonly rows: PagedRows;
  readonly rowsPerSheet: number;
}

/**
 * An Excel workbook, made while it is being read: SpreadsheetML parts in a ZIP, the text in the
 * cells themselves (a shared-strings table would have to be held in memory).
 *
 * @param rowsPerSheet the header's row included @default 1,048,576
 * @throws TableError where a sheet can't hold the columns or a cell's text
 */
export async function* xlsxBody(
  columns: readonly string[],
  pages: TablePages,
  rowsPerSheet = maxRows,
): AsyncGenerator<Uint8Array> {
  if (columns.length > maxColumns) {
    throw new TableError(
      'Table.TooManyColumns',
      `${columns.length} columns don't fit into an Excel sheet, which has ${maxColumns}: take csv or jsonl`,
    );
  }
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const closing = new AbortController();
  const table = { columns, rows: new PagedRows(pages), rowsPerSheet };
  zip.on('error', (error: Error) => output.destroy(error));
  const written = writeWorkbook(zip, table, closing.signal).catch((error: unknown) => {
    output.destroy(error as Error);
  });
  try {
    yield* output as AsyncIterable<Uint8Array>;
    await written;
  } finally {
    closing.abort();
    void table.rows.close().catch(() => undefined);
  }
}

async function writeWorkbook(zip: ZipFile, table: Table, closing: AbortSignal): Promise<void> {
  let sheets = 0;
  do {
    sheets += 1;
    const sheet = Readable.from(sheetXml(table), { objectMode: false });
    zip.addReadStream(addAbortSignal(closing, sheet), `xl/worksheets/sheet${sheets}.xml`, entry);
    await finished(sheet);
  } while (await table.rows.more());
  for (const [name, xml] of [...fixedParts, ...workbookParts(sheets)]) {
    zip.addBuffer(Buffer.from(xml), name, entry);
  }
  zip.end();
}

async function* sheetXml(table: Table): AsyncGenerator<string> {
  const letters = table.columns.map((_, index) => columnLetters(index));
  const rowXml = (cells: readonly (string | null)[], rowNumber: number) => {
    let xml = `<row r="${rowNumber}">`;
    for (const [index, cell] of cells.entries()) {
      if (cell === null) continue;
      if (cell.length > maxCellCharacters) throw tooLong(table, index, cell.length);
      xml += cellXml(`${letters[index]}${rowNumber}`, cell, rowNumber === 1);
    }
    return `${xml}</row>`;
  };

  let xml = sheetStart + rowXml(table.columns, 1);
  for (let rowNumber = 2; rowNumber <= table.rowsPerSheet; rowNumber += 1) {
    // Asked row by row, but awaited once a page only.
    const row = table.rows.next() ?? ((await table.rows.more()) ? table.rows.next() : undefined);
    if (row === undefined) break;
    xml += rowXml(row, rowNumber);
    if (xml.length >= pieceLength) {
      yield xml;
      xml = '';
    }
  }
  yield xml + sheetEnd;
}

function tooLong(table: Table, column: number, length: number): TableError {
  const name = JSON.stringify(table.columns[column]?.slice(0, 100));
  return new TableError(
    'Table.CellTooLong',
    table.rows.taken === 0
      ? `a column's name has ${length} characters, an Excel cell holds ${maxCellCharacters}: take csv or jsonl`
      : `row ${table.rows.taken} has ${length} characters in column ${name}, an Excel cell holds ${maxCellCharacters}: take csv or jsonl`,
  );
}
