import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { ResultRow } from '../engine/sql-engine';

export interface Sheet {
  readonly name: string;
  /** The first row is the header, where there is one. */
  readonly pages: AsyncIterable<readonly ResultRow[]>;
  /** Columns, from 0, whose cells become numbers; all others are text. */
  readonly numericColumns: ReadonlySet<number>;
}

/** A workbook as a stream, at flat memory: rows are read no faster than they are taken. */
export function xlsxStream(sheets: readonly Sheet[]): Readable {
  const zip = new ZipFile();
  const add = (name: string, xml: string) => zip.addBuffer(Buffer.from(declaration + xml), name);
  const numbers = sheets.map((_sheet, index) => index + 1);
  add(
    '[Content_Types].xml',
    `<Types xmlns="${packageSchema}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${spreadsheet}.sheet.main+xml"/>` +
      numbers
        .map(
          (number) =>
            `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${spreadsheet}.worksheet+xml"/>`,
        )
        .join('') +
      '</Types>',
  );
  add('_rels/.rels', relations([`${officeSchema}/officeDocument`, 'xl/workbook.xml']));
  add(
    'xl/workbook.xml',
    `<workbook xmlns="${sheetSchema}" xmlns:r="${officeSchema}"><sheets>` +
      sheets
        .map(
          ({ name }, index) =>
            `<sheet name="${escaped(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
        )
        .join('') +
      '</sheets></workbook>',
  );
  add(
    'xl/_rels/workbook.xml.rels',
    relations(
      ...numbers.map((number): [string, string] => [
        `${officeSchema}/worksheet`,
        `worksheets/sheet${number}.xml`,
      ]),
    ),
  );
  for (const [index, sheet] of sheets.entries()) {
    zip.addReadStreamLazy(`xl/worksheets/sheet${index + 1}.xml`, (done) =>
      done(null, Readable.from(sheetXml(sheet))),
    );
  }
  zip.end();
  return zip.outputStream as Readable;
}

/** An .xlsx file holds at most so many rows, and cells so many characters. */
const mostRows = 1_048_576;
const mostCharacters = 32_767;

async function* sheetXml({ pages, numericColumns }: Sheet): AsyncGenerator<string> {
  yield `${declaration}<worksheet xmlns="${sheetSchema}"><sheetData>`;
  let count = 0;
  for await (const page of pages) {
    const kept = page.slice(0, mostRows - count);
    yield kept.map((row) => rowXml(row, numericColumns)).join('');
    count += kept.length;
  }
  yield '</sheetData></worksheet>';
}

function rowXml(row: ResultRow, numericColumns: ReadonlySet<number>): string {
  const cells = row.map((value, column) => {
    if (value === null) return '<c/>';
    if (numericColumns.has(column) && /^-?\d+(\.\d+)?$/.test(value))
      return `<c><v>${value}</v></c>`;
    const text = escaped(value.slice(0, mostCharacters));
    return `<c t="inlineStr"><is><t xml:space="preserve">${text}</t></is></c>`;
  });
  return `<row>${cells.join('')}</row>`;
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const packageSchema = 'http://schemas.openxmlformats.org/package/2006';
const officeSchema = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const sheetSchema = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const spreadsheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

function relations(...targets: [type: string, target: string][]): string {
  const all = targets.map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${packageSchema}/relationships">${all.join('')}</Relationships>`;
}

/** XML has no place for most control characters; they are dropped. */
function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}
