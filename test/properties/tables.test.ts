import { buffer } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { ByteSink } from '../../src/clients/byte-sink';
import { tableEncoding, type TableFormat } from '../../src/artifacts/page-encoding';
import type { TableCell, TableRow } from '../../src/artifacts/table';

/** A header, pages of rows as wide as it, and where the kept pages are cut when they are read again. */
const table = fc.integer({ min: 1, max: 5 }).chain((width) => {
  const words = fc.oneof(
    fc.constantFrom('', ' ', '"', '""', ',', '\r\n', '\n', '\r', '\t', ';', 'NULL', '007', '=1+1'),
    fc.constantFrom('__proto__', '2024', '_x000D_', '\ufeff', '\u0000', '\u2028', '😀', '</t>&'),
    fc.string({ maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const row = fc.array(fc.option(words, { freq: 5 }), { minLength: width, maxLength: width });
  return fc.record({
    columns: fc.array(words, { minLength: width, maxLength: width }),
    pages: fc.array(fc.array(row, { maxLength: 4 }), { maxLength: 4 }),
    size: fc.integer({ min: 1, max: 50 }),
  });
});

/** The artifact, from pages that were kept as bytes and come back in pieces of any size. */
async function written(
  format: TableFormat,
  columns: readonly string[],
  pages: readonly (readonly TableRow[])[],
  sizeBytes: number,
): Promise<Buffer> {
  const encoding = tableEncoding(format, columns);
  const sink = new ByteSink();
  for (const rows of pages) encoding.encode(rows, 0, sink);
  const kept = sink.written();
  async function* pieces() {
    for (let at = 0; at < kept.length; at += sizeBytes) yield kept.subarray(at, at + sizeBytes);
  }
  return buffer(encoding.whole(pieces()));
}

test('another parser reads from CSV exactly what was written, NULL and the empty text apart', () =>
  fc.assert(
    fc.asyncProperty(table, async ({ columns, pages, size }) => {
      const text = await written('csv', columns, pages, size);
      const records: unknown = parse(text, {
        record_delimiter: '\r\n',
        cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
      });
      expect(records).toEqual([columns, ...pages.flat()]);
    }),
  ));

test('every line of JSON Lines is an object with the values of its row, in their order', () =>
  fc.assert(
    fc.asyncProperty(table, async ({ columns, pages, size }) => {
      const lines = (await written('jsonl', columns, pages, size)).toString().split('\n');
      expect(lines.pop()).toBe('');
      // By a pattern: an object would put "2024" first.
      const rows = lines.map((line) => {
        const cells: TableCell[] = [];
        const names: string[] = [];
        for (const [, name = '', cell = ''] of line.matchAll(pair)) {
          names.push(JSON.parse(name) as string);
          cells.push(JSON.parse(cell) as TableCell);
        }
        expect(new Set(names).size).toBe(columns.length);
        expect(() => JSON.parse(line) as unknown).not.toThrow();
        return cells;
      });
      expect(rows).toEqual(pages.flat());
    }),
  ));

const pair = /[{,]("(?:[^"\\]|\\.)*"):("(?:[^"\\]|\\.)*"|null)/g;

test('a workbook is made of any rows, and pieces of any size make the same one', () =>
  fc.assert(
    fc.asyncProperty(table, async ({ columns, pages, size }) => {
      const workbook = await written('xlsx', columns, pages, size);
      expect(workbook.subarray(0, 2).toString()).toBe('PK');
      expect(await written('xlsx', columns, pages, 1000)).toEqual(workbook);
    }),
    { numRuns: 25 },
  ));
