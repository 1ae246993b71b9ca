import fc from 'fast-check';
import { ByteSink } from '../../src/clients/byte-sink';
import { tableEncoding } from '../../src/artifacts/page-encoding';
import { splitPage } from '../../src/clients/linkis/page-bytes';

const nullMark = 'LINKIS_NULL';

/** A text as some server may write it: with escapes where none is needed, in pairs of units. */
const written = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('', nullMark, 'NULL', '"', '\\', '/', ',', '\r\n', '\u0000', '\u2028', '😀é'),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([text, every]) => {
    const units = every > 0 ? text.split('') : [];
    return every === 0
      ? JSON.stringify(text)
      : `"${units
          .map((unit, index) =>
            index % every === 0 || /[\ud800-\udfff]/.test(unit)
              ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
              : JSON.stringify(unit).slice(1, -1),
          )
          .join('')}"`;
  });
const space = fc.constantFrom('', '', '', ' ', '\n\t ');
const cell = fc.oneof(
  { weight: 5, arbitrary: written },
  { weight: 1, arbitrary: fc.constant('null') },
);

/** Rows as JSON, most of them as wide as the first. */
const content = fc
  .tuple(fc.integer({ min: 1, max: 4 }), space)
  .chain(([width, gap]) =>
    fc
      .array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 5 })
      .map((rows) => `[${rows.map((row) => `[${row.join(`${gap},`)}]`).join(`,${gap}`)}${gap}]`),
  );

function around(rows: string): string {
  return `{"method":"/x","status":0,"message":"\\"fileContent\\":[","data":{"metadata":[{"a":[]}],"fileContent":${rows},"totalLine":1}}`;
}

function parsed(text: string): (string | null)[][] {
  const { fileContent } = (JSON.parse(text) as { data: { fileContent: (string | null)[][] } }).data;
  return fileContent.map((row) => row.map((one) => (one === nullMark ? null : one)));
}

test('rows that stay bytes are the rows that JSON.parse makes', () =>
  fc.assert(
    fc.property(content, (rows) => {
      const text = around(rows);
      const split = splitPage(Buffer.from(text), nullMark);
      const expected = parsed(text);
      // Half of a pair has no UTF-8: such a page is for JSON.parse.
      if (split === undefined) {
        expect(
          expected.flat().some((one) => one !== null && Buffer.from(one).toString() !== one),
        ).toBe(true);
        return;
      }
      expect([...split.rows]).toEqual(expected);
      expect(JSON.parse(split.envelope)).toEqual(JSON.parse(around('[]')));
    }),
  ));

test.each(['csv', 'jsonl'] as const)('%s of bytes is that of values', (format) =>
  fc.assert(
    fc.property(content, (rows) => {
      const text = around(rows);
      const split = splitPage(Buffer.from(text), nullMark);
      if (split === undefined) return;
      const columns = Array.from({ length: split.rows.width || 1 }, (_, index) => `c"${index}`);
      const encoded = [split.rows, parsed(text)].map((page) => {
        const sink = new ByteSink(1);
        tableEncoding(format, columns).encode(page, 0, sink);
        return Buffer.from(sink.written()).toString();
      });
      expect(encoded[0]).toBe(encoded[1]);
    }),
  ),
);

test('an answer that was cut or changed anywhere is read as JSON.parse reads it, or left to it', () =>
  fc.assert(
    fc.property(content, fc.nat(), fc.option(fc.nat({ max: 255 })), (rows, at, byte) => {
      const bytes = Buffer.from(around(rows));
      const place = at % bytes.length;
      const broken = byte === null ? bytes.subarray(0, place) : Buffer.from(bytes);
      if (byte !== null) broken[place] = byte;
      const text = broken.toString();
      const split = splitPage(Buffer.from(broken), nullMark);
      if (split === undefined) return;
      let expected: (string | null)[][] | undefined;
      try {
        expected = parsed(text);
      } catch {
        // Then the envelope is what is broken.
        expect(() => JSON.parse(split.envelope) as unknown).toThrow();
        return;
      }
      expect([...split.rows]).toEqual(expected);
    }),
    { numRuns: 500 },
  ));
