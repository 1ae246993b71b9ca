import { fromBuffer } from 'yauzl';
import { text } from 'node:stream/consumers';
import { writeFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LocalLinkis } from '../../../src/local/linkis/local-linkis';
import { asHadoop, call, closeAll, query, rowsOf, run, startLinkis } from './support';

let stateDir: string;
let linkis: LocalLinkis;
beforeAll(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'linkis-files-'));
  linkis = await startLinkis({ stateDir });
});
afterAll(async () => {
  await closeAll();
  await rm(stateDir, { recursive: true });
});

const openFile = (parameters: Record<string, string | number>) =>
  call(linkis, query('/filesystem/openFile', parameters));
const exported = async (
  parameters: Record<string, string | number>,
  endpoint = 'resultsetToExcel',
) => {
  const url = `${linkis.url}/api/rest_j/v1${query(`/filesystem/${endpoint}`, parameters)}`;
  const response = await fetch(url, { headers: asHadoop });
  return { response, body: Buffer.from(await response.arrayBuffer()) };
};
/** One result set with every kind of awkward cell. */
const awkward = `select 1 as n, 'a,b' as t union all select 2, 'say "hi"' union all select 3, 'two\\nlines' union all select 4, '' union all select 5, null union all select 6, 'LINKIS_NULL' union all select 7, 'é🎉\u2028' order by n`;

describe('getDirFileTrees', () => {
  test('lists result sets with their scheme and in no useful order', async () => {
    const code = Array.from({ length: 12 }, (_, n) => `select ${n}`).join(';');
    const { row } = await run(linkis, code);
    const { data } = await call(
      linkis,
      query('/filesystem/getDirFileTrees', { path: row.resultLocation }),
    );
    const tree = data.dirFileTrees;
    expect(tree).toMatchObject({ path: row.resultLocation, isLeaf: false, parentPath: null });
    expect(row.resultLocation).toMatch(/^file:\/\/\//);
    const names = tree.children.map(({ name }: { name: string }) => name);
    expect(names).toHaveLength(12);
    expect(names).not.toEqual([...names].sort());
    expect(names.indexOf('_9.dolphin')).toBeLessThan(names.indexOf('_10.dolphin'));
    expect(tree.children[0]).toEqual({
      name: names[0],
      path: `${row.resultLocation}/${names[0]}`,
      properties: {
        size: expect.stringMatching(/^\d+$/),
        modifytime: expect.stringMatching(/^\d{13}$/),
      },
      children: null,
      isLeaf: true,
      parentPath: row.resultLocation,
    });
  });

  test('answers null for an absent folder and no children for an empty one', async () => {
    const { row } = await run(linkis, 'drop table if exists nothing');
    const at = async (folder: string) =>
      (await call(linkis, query('/filesystem/getDirFileTrees', { path: folder }))).data;
    expect(await at('file:///tmp/nowhere')).toEqual({ dirFileTrees: null });
    expect((await at(row.resultLocation)).dirFileTrees.children).toEqual([]);
  });

  test('takes paths without a scheme and with ../, and never leaves its own folder', async () => {
    const { row } = await run(linkis, 'select 1');
    const bare = row.resultLocation.replace('file://', '');
    const { data } = await call(
      linkis,
      query('/filesystem/getDirFileTrees', { path: `${bare}/../${row.taskID}` }),
    );
    expect(data.dirFileTrees.children).toHaveLength(1);
    expect(await openFile({ path: '../../../../../../etc/hostname' })).toMatchObject({ http: 400 });
  });
});

describe('openFile', () => {
  test('tells NULL from texts only with nullValue=LINKIS_NULL', async () => {
    const { row } = await run(linkis, awkward);
    const path = `${row.resultLocation}/_0.dolphin`;
    const cells = ({ data }: { data: { fileContent: string[][] } }) =>
      data.fileContent.map((cell) => cell[1]);
    const head = ['a,b', 'say "hi"', 'two\nlines', ''];
    expect(cells(await openFile({ path }))).toEqual([...head, 'NULL', 'LINKIS_NULL', 'é🎉\u2028']);
    expect(cells(await openFile({ path, nullValue: '' }))).toEqual([
      ...head,
      '',
      'LINKIS_NULL',
      'é🎉\u2028',
    ]);
    expect(cells(await openFile({ path, nullValue: 'LINKIS_NULL' }))).toEqual([
      ...head,
      null,
      null,
      'é🎉\u2028',
    ]);
  });

  test('does not know LINKIS_NULL before 1.5', async () => {
    const old = await startLinkis({ behaviour: { linkisNull: false } });
    const { row } = await run(old, 'select null as a');
    expect(await rowsOf(old, row.resultLocation)).toEqual([['LINKIS_NULL']]);
  });

  test('says name and type of each column, and all values as text', async () => {
    const { row } = await run(
      linkis,
      'select count(1) as `count(1)`, 1.0 as d, true as b, cast(2 as double) as f',
    );
    const { data } = await openFile({ path: `${row.resultLocation}/_0.dolphin` });
    expect(data).toEqual({
      metadata: [
        { columnName: 'count(1)', comment: 'NULL', dataType: 'long' },
        { columnName: 'd', comment: 'NULL', dataType: 'decimal' },
        { columnName: 'b', comment: 'NULL', dataType: 'boolean' },
        { columnName: 'f', comment: 'NULL', dataType: 'double' },
      ],
      fileContent: [['1', '1', 'true', '2']],
      type: '2',
      page: 1,
      totalPage: 0,
      totalLine: 1,
    });
  });

  test('pages through a large result set without a gap', async () => {
    const { row } = await run(linkis, 'select id from range(12345)');
    const seen: string[] = [];
    for (let page = 1; ; page += 1) {
      const { data } = await openFile({
        path: `${row.resultLocation}/_0.dolphin`,
        page,
        pageSize: 700,
      });
      seen.push(...data.fileContent.flat());
      if (data.totalLine < 700) break;
    }
    expect(seen).toEqual(Array.from({ length: 12345 }, (_, n) => String(n)));
  });

  test('shows an empty result set with its columns', async () => {
    const { row } = await run(linkis, 'select 1 as a where false');
    const { data } = await openFile({ path: `${row.resultLocation}/_0.dolphin` });
    expect(data).toMatchObject({ metadata: [{ columnName: 'a' }], fileContent: [], totalLine: 0 });
  });

  test('shows a text result with the metadata "NULL", a line a row', async () => {
    const { row } = await run(linkis, 'explain select 1');
    const { data } = await openFile({ path: `${row.resultLocation}/_0.dolphin` });
    expect(data).toMatchObject({ metadata: 'NULL', type: '1' });
    expect(data.fileContent.length).toBeGreaterThan(1);
  });

  test('shows a plain file as script/text', async () => {
    const { row } = await run(linkis, 'select 1');
    const { data } = await openFile({ path: row.logPath });
    expect(data.type).toBe('script/text');
    expect(data.fileContent[0][0]).toContain('Your job is accepted');
  });

  test('refuses to show long cells, and pages columns, with enableLimit only', async () => {
    const { row } = await run(linkis, "select repeat('x', 10001) as wide, 2 as b");
    const path = `${row.resultLocation}/_0.dolphin`;
    const { http, status, data } = await openFile({ path, enableLimit: 'true' });
    expect({ http, status }).toEqual({ http: 200, status: 0 });
    expect(data).toEqual({
      display_prohibited: true,
      zh_msg: expect.any(String),
      en_msg: expect.stringContaining('wide'),
    });
    expect((await openFile({ path })).data.fileContent[0]).toHaveLength(2);
    const narrow = await run(linkis, 'select 1 as a, 2 as b, 3 as c');
    const second = await openFile({
      path: `${narrow.row.resultLocation}/_0.dolphin`,
      enableLimit: 'true',
      columnPage: 2,
      columnPageSize: 2,
    });
    expect(second.data.fileContent).toEqual([['3']]);
  });

  test('refuses more rows, and more columns, a page than it may show', async () => {
    const strict = await startLinkis({ behaviour: { resultSetRowLimit: 10 } });
    const { row } = await run(strict, 'select 1');
    const at = (parameters: Record<string, string | number>) => {
      const path = `${row.resultLocation}/_0.dolphin`;
      return call(strict, query('/filesystem/openFile', { path, ...parameters }));
    };
    expect(await at({ pageSize: 10 })).toMatchObject({ http: 200, status: 0 });
    const refused = (errCode: number) => ({
      ...{ http: 400, status: 1 },
      data: { errorMsg: { errCode } },
    });
    expect(await at({ pageSize: 11 })).toMatchObject(refused(80034));
    const columns = { pageSize: 10, columnPageSize: 501 };
    expect(await at(columns)).toMatchObject(refused(80036));
    expect(await at({ ...columns, enableLimit: 'true', columnPage: 1 })).toMatchObject(
      refused(80036),
    );
  });

  test('shows and exports no rows of a table that is wider than its limit, and says nothing', async () => {
    const narrow = await startLinkis({ behaviour: { resultSetColumnLimit: 2 } });
    const shown = async (code: string, endpoint: string) => {
      const { row } = await run(narrow, code);
      const file = { path: `${row.resultLocation}/_0.dolphin` };
      return call(narrow, query(`/filesystem/${endpoint}`, file));
    };
    const columns = ['a', 'b', 'c'].map((columnName) => ({ columnName }));
    expect(await shown('select 1 as a, 2 as b, 3 as c', 'openFile')).toMatchObject({
      status: 0,
      data: { metadata: columns, fileContent: [], totalLine: 0 },
    });
    expect(await shown('select 1 as a, 2 as b', 'openFile')).toMatchObject({
      data: { fileContent: [['1', '2']], totalLine: 1 },
    });
    const exported = await shown('select 1 as a, 2 as b, 3 as c', 'resultsetToExcel');
    expect(exported.text).toBe('a,b,c\n');
  });

  test('refuses a missing file and a .dolphin file without a byte', async () => {
    const { row } = await run(linkis, 'select 1');
    expect(await openFile({ path: `${row.resultLocation}/_7.dolphin` })).toMatchObject({
      http: 400,
      status: 1,
    });
    await writeFile(
      path.join(stateDir, 'files', row.resultLocation.replace('file://', ''), '_1.dolphin'),
      '',
    );
    const answer = await openFile({ path: `${row.resultLocation}/_1.dolphin` });
    expect(answer).toMatchObject({ http: 400, status: 1 });
    expect(answer.message).toContain('File header type must be dolphin');
  });
});

describe('resultsetToExcel', () => {
  test('makes a CSV that loses quotes, newlines and the difference between NULL and ""', async () => {
    const { row } = await run(linkis, awkward);
    const path = `${row.resultLocation}/_0.dolphin`;
    const { response, body } = await exported({ path, outputFileName: 'my file' });
    expect(response.headers.get('content-disposition')).toBe('attachment;filename="my%20file.csv"');
    expect(body.toString()).toBe(
      'n,t\n1,a,b\n2,say hi\n3,two lines\n4,NULL\n5,NULL\n6,LINKIS_NULL\n7,é🎉\u2028\n',
    );
    const other = await exported({
      path,
      csvSeperator: ';',
      csvSeparator: ';',
      quoteRetouchEnable: 'true',
      nullValue: '-',
    });
    expect(other.body.toString()).toContain(
      '"n";"t"\n"1";"a,b"\n"2";"say hi"\n"3";"two lines"\n"4";"-"\n"5";"-"',
    );
  });

  test('stops silently after 5000 rows unless a limit is given', async () => {
    const { row } = await run(linkis, 'select id from range(6000)');
    const path = `${row.resultLocation}/_0.dolphin`;
    const lines = async (limit: number) =>
      (await exported({ path, limit })).body.toString().trimEnd().split('\n').length - 1;
    expect(await lines(0)).toBe(5000);
    expect(await lines(6000)).toBe(6000);
    expect(await lines(10)).toBe(10);
  });

  test('makes an Excel file whose cells are text, or numbers with autoFormat', async () => {
    const { row } = await run(linkis, awkward);
    const path = `${row.resultLocation}/_0.dolphin`;
    const { response, body } = await exported({ path, outputFileType: 'xlsx', sheetName: 'a/b' });
    expect(response.headers.get('content-disposition')).toMatch(/\.xlsx"$/);
    const files = await unzipped(body);
    expect(files['xl/workbook.xml']).toContain('name="a_b"');
    const sheet = files['xl/worksheets/sheet1.xml'] ?? '';
    expect(sheet.match(/<row>/g)).toHaveLength(8);
    expect(sheet).toContain('<t xml:space="preserve">say &quot;hi&quot;</t>');
    expect(sheet).toContain('<t xml:space="preserve">7</t>');
    const typed = await unzipped(
      (await exported({ path, outputFileType: 'xlsx', autoFormat: 'true' })).body,
    );
    expect(typed['xl/worksheets/sheet1.xml']).toContain('<c><v>7</v></c>');
  });

  test('says errors with HTTP 200 as a text, without a file name', async () => {
    for (const parameters of [
      { path: 'file:///tmp/nowhere/_0.dolphin' },
      { path: 'file:///tmp/nowhere/_0.dolphin', outputFileType: 'excel' },
    ]) {
      const { response, body } = await exported(parameters as Record<string, string>);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
      expect(response.headers.get('content-disposition')).toBeNull();
      expect(body.toString()).toMatch(/^error\(错误\):/);
    }
  });
});

describe('resultsetsToExcel', () => {
  test('makes one workbook with a sheet per table, in numeric order', async () => {
    const code = Array.from({ length: 11 }, (_, n) => `select ${n} as a`).join(';');
    const { row } = await run(linkis, `${code}; explain select 1`);
    const { response, body } = await exported({ path: row.resultLocation }, 'resultsetsToExcel');
    expect(response.headers.get('content-disposition')).toMatch(/\.xlsx"$/);
    const files = await unzipped(body);
    expect(Object.keys(files).filter((name) => name.includes('worksheets'))).toHaveLength(11);
    expect(files['xl/worksheets/sheet11.xml']).toContain('>10<');
  });

  test('sends error text and drops the connection for a folder without result sets', async () => {
    const { row } = await run(linkis, 'drop table if exists nothing');
    const url = `${linkis.url}/api/rest_j/v1${query('/filesystem/resultsetsToExcel', { path: row.resultLocation })}`;
    const response = await fetch(url, { headers: asHadoop });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
  });
});

/** The files of a zip archive by name, as text. */
function unzipped(archive: Buffer): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    fromBuffer(archive, { lazyEntries: true }, (error, zip) => {
      if (error !== null) return reject(error);
      const files: Record<string, string> = {};
      zip.on('entry', (entry: { fileName: string }) => {
        zip.openReadStream(entry as never, (failure, stream) => {
          if (failure !== null) return reject(failure);
          void text(stream).then((content) => {
            files[entry.fileName] = content;
            zip.readEntry();
          }, reject);
        });
      });
      zip.on('end', () => resolve(files));
      zip.readEntry();
    });
  });
}
