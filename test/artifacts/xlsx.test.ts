import { text } from 'node:stream/consumers';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import yauzl from 'yauzl';
import type { TableCell } from '../../src/artifacts/table';
import { xlsxBody } from '../../src/artifacts/xlsx';
import { columnLetters } from '../../src/artifacts/xlsx-parts';

const fromBuffer = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer);

async function* pagesOf(...pages: (readonly TableCell[])[][]) {
  yield* pages;
}

async function partsOf(body: AsyncIterable<Uint8Array>): Promise<Map<string, string>> {
  const zip = await fromBuffer(await buffer(body), { lazyEntries: true });
  const openEntry = promisify(zip.openReadStream.bind(zip) as never) as unknown as (
    entry: yauzl.Entry,
  ) => Promise<NodeJS.ReadableStream>;
  const parts = new Map<string, string>();
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject).on('end', resolve);
    zip.on('entry', (entry: yauzl.Entry) => {
      openEntry(entry)
        .then(text)
        .then((xml) => {
          parts.set(entry.fileName, xml);
          zip.readEntry();
        })
        .catch(reject);
    });
    zip.readEntry();
  });
  return parts;
}

/** What an Excel reader sees, by reference; enough XML for what is written here. */
function cellsOf(sheet: string): Record<string, string> {
  const unescape = (xml: string) =>
    xml
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&amp;/g, '&')
      .replace(/_x([0-9A-F]{4})_/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  const cells = sheet.matchAll(/<c r="([A-Z]+\d+)"[^>]*><is><t[^>]*>([^<]*)<\/t><\/is><\/c>/g);
  return Object.fromEntries([...cells].map((match) => [match[1], unescape(match[2] ?? '')]));
}

describe('a workbook', () => {
  it('has the parts that Excel asks for, each listed', async () => {
    const parts = await partsOf(xlsxBody(['a'], pagesOf([['1']])));
    expect([...parts.keys()].sort()).toEqual([
      '[Content_Types].xml',
      '_rels/.rels',
      'xl/_rels/workbook.xml.rels',
      'xl/styles.xml',
      'xl/workbook.xml',
      'xl/worksheets/sheet1.xml',
    ]);
    for (const name of parts.keys()) {
      if (!name.startsWith('xl/') || name.endsWith('.rels')) continue;
      expect(parts.get('[Content_Types].xml')).toContain(`PartName="/${name}"`);
    }
  });

  it('leaves the cell out for NULL and writes an empty one for the empty text', async () => {
    const parts = await partsOf(
      xlsxBody(
        ['a', 'b'],
        pagesOf([
          [null, ''],
          ['x', null],
        ]),
      ),
    );
    expect(cellsOf(parts.get('xl/worksheets/sheet1.xml') ?? '')).toEqual({
      A1: 'a',
      B1: 'b',
      B2: '',
      A3: 'x',
    });
  });

  it.each([
    ' padded ',
    'a,b "c" <d> & \'e\'',
    'two\nlines\r\nand\ra tab\t',
    '🦆 Ünï',
    '\u0000\u0001\u001f\uffff',
    'looks like _x000D_ and _X0041_ and _x_',
    'lone \ud800 surrogate \udc00',
    '007',
  ])('keeps %j as text', async (value) => {
    const parts = await partsOf(xlsxBody(['v'], pagesOf([[value]])));
    const sheet = parts.get('xl/worksheets/sheet1.xml') ?? '';
    expect(cellsOf(sheet)['A2']).toBe(value);
    // XML 1.0 forbids them.
    expect(sheet).not.toMatch(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff\ufffd]/);
  });

  it('begins a new sheet with the header where one is full, and none without need', async () => {
    const rows = ['1', '2', '3', '4'].map((value) => [value]);
    const sheetsOf = async (count: number) => {
      const parts = await partsOf(xlsxBody(['h'], pagesOf(rows.slice(0, count)), 3));
      const sheets = [...parts.keys()].filter((name) => name.includes('worksheets/')).sort();
      expect(parts.get('xl/workbook.xml')?.match(/<sheet /g)).toHaveLength(sheets.length);
      return sheets.map((name) => Object.values(cellsOf(parts.get(name) ?? '')));
    };
    expect(await sheetsOf(2)).toEqual([['h', '1', '2']]);
    expect(await sheetsOf(3)).toEqual([
      ['h', '1', '2'],
      ['h', '3'],
    ]);
    expect(await sheetsOf(4)).toEqual([
      ['h', '1', '2'],
      ['h', '3', '4'],
    ]);
  });

  it('takes a cell of 32,767 characters and refuses a longer one, naming row and column', async () => {
    const fits = 'x'.repeat(32_767);
    await partsOf(xlsxBody(['v'], pagesOf([[fits]])));
    await expect(partsOf(xlsxBody(['v'], pagesOf([['1']], [[`${fits}x`]])))).rejects.toMatchObject({
      code: 'Table.CellTooLong',
      message: expect.stringMatching(/^row 2 has 32768 characters in column "v".*csv or jsonl/),
    });
    await expect(partsOf(xlsxBody([`${fits}x`], pagesOf()))).rejects.toMatchObject({
      code: 'Table.CellTooLong',
    });
  });

  it('refuses more columns than a sheet has', async () => {
    const columns = Array.from({ length: 16_385 }, (_, index) => `c${index}`);
    await expect(partsOf(xlsxBody(columns, pagesOf()))).rejects.toMatchObject({
      code: 'Table.TooManyColumns',
    });
  });

  it('counts columns as Excel does', () => {
    expect([0, 25, 26, 51, 52, 701, 702, 16_383].map(columnLetters)).toEqual([
      'A',
      'Z',
      'AA',
      'AZ',
      'BA',
      'ZZ',
      'AAA',
      'XFD',
    ]);
  });
});
