import { buffer, text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import {
  IncompleteError,
  InputError,
  VendorError,
  type LinkisClient,
} from '../../src/clients/linkis/public';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { call, closeClients, failure, linkisClient, ranTask } from './support';

let linkis: LocalLinkis;
let older: LocalLinkis;
let client: LinkisClient;

beforeAll(async () => {
  [linkis, older] = await Promise.all([
    LocalLinkis.start(),
    LocalLinkis.start({ behaviour: { linkisNull: false } }),
  ]);
  client = linkisClient(linkis);
});
afterEach(() => linkis.service.setFaults(undefined));
afterAll(async () => {
  await closeClients();
  await Promise.all([linkis.close(), older.close()]);
});

async function locationOf(code: string, of = client): Promise<string> {
  const { row } = await ranTask(of, code);
  if (row.status !== 'Succeed') throw new Error(row.errorMessage);
  return row.resultLocation ?? '';
}

/** The path of the first result set. */
async function resultOf(code: string, of = client): Promise<string> {
  const [file] = await of.getDirFileTrees(await locationOf(code, of), call);
  return file?.path ?? '';
}

test('a dozen result sets are listed in the order of their statements', async () => {
  const code = Array.from({ length: 12 }, (_, index) => `select ${index} as n;`).join('\n');
  const files = await client.getDirFileTrees(await locationOf(code), call);
  expect(files.map(({ name }) => name)).toEqual(
    Array.from({ length: 12 }, (_, index) => `_${index}.dolphin`),
  );
  for (const [index, { path: file, isLeaf, sizeBytes }] of files.entries()) {
    expect({ isLeaf, hasSize: (sizeBytes ?? 0) > 0 }).toEqual({ isLeaf: true, hasSize: true });
    expect((await client.openFile(file, {}, call)).rows).toEqual([[String(index)]]);
  }
});

test('a folder that is not there holds no files', async () => {
  expect(await client.getDirFileTrees('file:///tmp/hadoop/linkis/none', call)).toEqual([]);
});

const awkward: readonly (string | null)[] = [
  'plain',
  null,
  '',
  'NULL',
  '😀 漢字',
  'two\nlines',
  'a,b',
  'say "hi"',
  'tab\there',
  ' spaces ',
];
const awkwardSql = `select n, s from (values ${awkward
  .map((value, index) => `(${index}, ${value === null ? 'null' : `'${value}'`})`)
  .join(', ')}) t(n, s) order by n`;

test('pages tell every awkward value exactly, over their boundaries', async () => {
  const file = await resultOf(awkwardSql);
  const rows: (readonly (string | null)[])[] = [];
  for (let page = 1; ; page++) {
    const read = await client.openFile(file, { page, pageSize: 4 }, call);
    expect(read).toMatchObject({ kind: 'table', page });
    expect(read.columns?.map(({ name }) => name)).toEqual(['n', 's']);
    rows.push(...read.rows);
    expect(read.rows).toHaveLength(page < 3 ? 4 : 2);
    if (read.isLast) break;
  }
  expect(rows).toEqual(awkward.map((value, index) => [String(index), value]));
});

test('a last page that is full is followed by an empty one', async () => {
  const file = await resultOf('select n from range(4) t(n)');
  const [full, empty] = [
    await client.openFile(file, { page: 2, pageSize: 2 }, call),
    await client.openFile(file, { page: 3, pageSize: 2 }, call),
  ];
  expect(full).toMatchObject({ isLast: false, rows: [['2'], ['3']] });
  expect(empty).toMatchObject({ isLast: true, rows: [] });
});

test('an empty result set has its columns and no rows', async () => {
  const file = await resultOf('select 1 as one, 2.5 as two where 1 = 0');
  const { columns, rows, isLast } = await client.openFile(file, {}, call);
  expect({ names: columns?.map(({ name }) => name), rows, isLast }).toEqual({
    names: ['one', 'two'],
    rows: [],
    isLast: true,
  });
  expect(columns?.every(({ dataType }) => dataType !== undefined)).toBe(true);
});

test('a text result is text, and a log a plain file', async () => {
  const { row } = await ranTask(client, 'explain select 1');
  const [file] = await client.getDirFileTrees(row.resultLocation ?? '', call);
  const result = await client.openFile(file?.path ?? '', {}, call);
  expect([result.kind, result.columns]).toEqual(['text', undefined]);
  expect(result.rows.length).toBeGreaterThan(0);
  const log = await client.openFile(row.logPath ?? '', {}, call);
  const { lines } = await client.openLog(row.logPath ?? '', call);
  expect(log).toMatchObject({ kind: 'text', rows: lines.map((line) => [line]) });
});

test('a service that takes LINKIS_NULL for any text, as before 1.5, is read as well', async () => {
  const own = linkisClient(older);
  const file = await resultOf("select null as a, '' as b", own);
  expect((await own.openFile(file, {}, call)).rows).toEqual([[null, '']]);
});

test('a result that the service withholds is an error and no empty table', async () => {
  const text = readFileSync(
    path.join(__dirname, '../fixtures/linkis/open-file-prohibited.json'),
    'utf8',
  );
  linkis.service.setFaults({
    faults: [{ endpoint: 'openFile', do: 'status', status: 200, text }],
  });
  expect(
    await failure(client.openFile('file:///tmp/_0.dolphin', {}, call), IncompleteError),
  ).toMatchObject({ reason: 'Linkis.DisplayProhibited' });
});

test('what is missing is not found, and a path that climbs is not sent', async () => {
  const missing = 'file:///tmp/hadoop/linkis/none/_0.dolphin';
  for (const asked of [
    client.openFile(missing, {}, call),
    client.openLog('file:///tmp/none.log', call),
  ]) {
    expect(await failure(asked, VendorError)).toMatchObject({ kind: 'notFound', sent: 'no' });
  }
  const before = linkis.service.calls.length;
  for (const asked of [
    client.openFile('file:///tmp/../etc/passwd', {}, call),
    client.getDirFileTrees(' ', call),
    client.openFile(missing, { pageSize: 0 }, call),
    client.resultsetToExcel(missing, { type: 'excel' as 'xlsx' }, call),
  ]) {
    await failure(asked, InputError);
  }
  expect(linkis.service.calls.length).toBe(before);
});

test('a csv of a result set has all its rows, also beyond the 5000 of the service', async () => {
  const file = await resultOf('select n, n * 2 as twice from range(12000) t(n)');
  const csv = await text(await client.resultsetToExcel(file, { type: 'csv' }, call));
  const lines = csv.trimEnd().split('\n');
  expect([lines.length, lines[0], lines[12_000]]).toEqual([12_001, 'n,twice', '11999,23998']);
  const few = await text(await client.resultsetToExcel(file, { type: 'csv', limit: 3 }, call));
  expect(few.trimEnd().split('\n')).toHaveLength(4);
});

test('the settings of a csv reach the service', async () => {
  const file = await resultOf("select 'a;b' as x, null as y, 'two\nlines' as z");
  const options = {
    type: 'csv',
    separator: ';',
    quoteRetouchEnable: true,
    keepNewline: true,
    nullValue: '-',
  } as const;
  const csv = await text(await client.resultsetToExcel(file, options, call));
  expect(csv).toContain('\n"a;b";"-";"two\nlines"\n');
});

/** The files in a zip, read with another program's eyes. */
async function unzipped(bytes: Buffer): Promise<Map<string, string>> {
  const zip = await promisify<Buffer, object, ZipFile>(fromBuffer)(bytes, {
    lazyEntries: true,
  });
  const files = new Map<string, string>();
  const open = promisify(zip.openReadStream.bind(zip)) as (
    entry: Entry,
  ) => Promise<NodeJS.ReadableStream>;
  return new Promise((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', () => resolve(files));
    zip.on('entry', (entry: Entry) => {
      open(entry)
        .then(async (stream) => files.set(entry.fileName, await text(stream)))
        .then(() => zip.readEntry(), reject);
    });
    zip.readEntry();
  });
}

/** The cells of a sheet, row by row, whatever they are. */
function cells(sheet: string | undefined): string[][] {
  const rows = sheet?.match(/<row[^>]*>[^]*?<\/row>/g) ?? [];
  return rows.map((row) =>
    [...row.matchAll(/<c[^>]*>(?:<is><t[^>]*>|<v>)?([^<]*)/g)].map(([, value = '']) => value),
  );
}

test('an xlsx of a result set opens, and holds what the table held', async () => {
  const file = await resultOf("select 7 as n, 'a<b' as s, null as nothing, '😀' as face");
  const options = { type: 'xlsx', sheetName: 'mine' } as const;
  const parts = await unzipped(await buffer(await client.resultsetToExcel(file, options, call)));
  expect(parts.get('xl/workbook.xml')).toContain('name="mine"');
  const sheet = [...parts].find(([name]) => name.startsWith('xl/worksheets/'))?.[1];
  expect(cells(sheet)).toEqual([
    ['n', 's', 'nothing', 'face'],
    ['7', 'a&lt;b', 'NULL', '😀'],
  ]);
});

test('an xlsx of a folder has a sheet for every table', async () => {
  const location = await locationOf('select 1 as a;\nexplain select 1;\nselect 2 as b, 3 as c');
  const parts = await unzipped(await buffer(await client.resultsetsToExcel(location, {}, call)));
  const sheets = [...parts].filter(([name]) => /^xl\/worksheets\/[^/]+\.xml$/.test(name)).sort();
  expect(sheets.map(([, sheet]) => cells(sheet))).toEqual([
    [['a'], ['1']],
    [
      ['b', 'c'],
      ['2', '3'],
    ],
  ]);
});

test('an export that fails in the middle of HTTP 200 is an error in the words of the service', async () => {
  const missing = 'file:///tmp/hadoop/linkis/none/_0.dolphin';
  const none = await failure(client.resultsetToExcel(missing, { type: 'csv' }, call), VendorError);
  expect(none.serviceMessage).toContain('does not exist');
  const empty = await failure(
    client.resultsetsToExcel('file:///tmp/hadoop/linkis/none', {}, call),
    VendorError,
  );
  expect(empty.serviceMessage).toContain('no result sets');
});

test('an export that breaks off is an error and no short file', async () => {
  const file = await resultOf('select n from range(20000) t(n)');
  for (const type of ['csv', 'xlsx'] as const) {
    linkis.service.setFaults({ faults: [{ endpoint: 'resultsetToExcel', do: 'truncate' }] });
    const cut = client.resultsetToExcel(file, { type }, call).then(buffer);
    await expect(cut).rejects.toMatchObject({ code: 'Transport.TruncatedBody' });
  }
});
