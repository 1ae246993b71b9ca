import { DuckDBInstance } from '@duckdb/node-api';
import path from 'node:path';
import type { ArtifactRef } from '../../src/contracts/artifact';
import { jsonLinesRow, uniqueNames } from '../../src/artifacts/json-lines';
import { tableEncoding, type TableFormat } from '../../src/artifacts/page-encoding';
import { storePages } from '../../src/artifacts/pages';
import type { ArtifactStore } from '../../src/artifacts/store';
import type { TablePages, TableRow as Row } from '../../src/artifacts/table';
import { retainedBytes } from '../support/retained-bytes';
import { makeStore, noAbort, readText } from './support';

/** A table whose pages come in one go, an empty last one behind them. */
async function writeTable(
  store: ArtifactStore,
  key: string,
  format: TableFormat,
  columns: readonly string[],
  rows: TablePages,
  signal: AbortSignal,
): Promise<ArtifactRef> {
  const iterator = rows[Symbol.asyncIterator]();
  // By hand, since a generator that hangs can't be closed.
  const pages = () => ({
    [Symbol.asyncIterator]: () => ({
      async next() {
        const step = await iterator.next();
        return { value: { rows: step.done ? [] : step.value, isLast: step.done === true } };
      },
      async return() {
        await iterator.return?.();
        return { value: undefined, done: true as const };
      },
    }),
  });
  const encoding = tableEncoding(format, columns);
  const goalOf = () => ({ key, kind: 'table', encoding, columns });
  const source = { identity: key, pages };
  return (await storePages(store, source, { partsKey: key, goalOf }, signal)).ref;
}

async function* pagesOf(...pages: Row[][]) {
  yield* pages;
}

const awkward: Row[] = [
  ['1', null],
  ['2', ''],
  ['3', 'a,b'],
  ['4', 'say "hi"'],
  ['5', 'two\nlines'],
  ['6', 'cr\ralone'],
  ['7', 'crlf\r\n'],
  ['8', ' padded '],
  ['9', '🦆 Ünï'],
  ['10', '007'],
  ['11', '12345678901234567890'],
  ['12', 'NULL'],
];

describe('csv', () => {
  it('is RFC 4180, and keeps NULL and the empty text apart', async () => {
    const store = await makeStore();
    const ref = await writeTable(store, 't.csv', 'csv', ['id', 'a,b'], pagesOf(awkward), noAbort);
    expect(ref).toMatchObject({ format: 'csv', rows: 12, columns: ['id', 'a,b'] });
    expect(await readText(store, 't.csv')).toBe(
      [
        'id,"a,b"',
        '1,',
        '2,""',
        '3,"a,b"',
        '4,"say ""hi"""',
        '5,"two\nlines"',
        '6,"cr\ralone"',
        '7,"crlf\r\n"',
        '8, padded ',
        '9,🦆 Ünï',
        '10,007',
        '11,12345678901234567890',
        '12,NULL',
        '',
      ].join('\r\n'),
    );
  });

  it('is read back by a database as it was', async () => {
    const store = await makeStore();
    await writeTable(store, 't.csv', 'csv', ['id', 'value'], pagesOf(awkward), noAbort);
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const reader = await connection.runAndReadAll(
      `select * from read_csv('${path.join(store.root, 't.csv')}', header = true, all_varchar = true, quote = '"', escape = '"', allow_quoted_nulls = false)`,
    );
    expect(reader.getRows()).toEqual(awkward);
    connection.closeSync();
  });
});

describe('Parquet', () => {
  it('is read back by a database as it was, every column text', async () => {
    const store = await makeStore();
    const names = ['id', 'value', 'value', 'ünï, "x"'];
    const rows = awkward.map(([id = null, value = null]) => [id, value, '', null]);
    await writeTable(store, 't.parquet', 'parquet', names, pagesOf(rows, [], rows), noAbort);
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const reader = await connection.runAndReadAll(
      `select * from read_parquet('${path.join(store.root, 't.parquet')}')`,
    );
    expect(reader.getRows()).toEqual([...rows, ...rows]);
    expect(reader.columnNames()).toEqual(['id', 'value', 'value_2', 'ünï, "x"']);
    expect(new Set(reader.columnTypes().map(String))).toEqual(new Set(['VARCHAR']));
    connection.closeSync();
  });
});

describe('JSON Lines', () => {
  it('has an object a row, with null for NULL', async () => {
    const store = await makeStore();
    await writeTable(store, 't.jsonl', 'jsonl', ['id', 'value'], pagesOf(awkward), noAbort);
    const lines = (await readText(store, 't.jsonl')).trimEnd().split('\n');
    expect(lines.map((line) => Object.values(JSON.parse(line)))).toEqual(awkward);
    expect(lines[0]).toBe('{"id":"1","value":null}');
  });

  it('keeps the order of columns whatever their names', () => {
    const columns = ['b', '2024', '__proto__', '', 'b'];
    expect(jsonLinesRow(columns)(['1', '2', '3', '4', '5'])).toBe(
      '{"b":"1","2024":"2","__proto__":"3","":"4","b_2":"5"}\n',
    );
  });

  it('makes names that stand twice unique without touching one that is free', () => {
    expect(uniqueNames(['a', 'a', 'a_2', 'a'])).toEqual(['a', 'a_3', 'a_2', 'a_4']);
  });
});

describe.each<TableFormat>(['csv', 'jsonl', 'parquet', 'xlsx'])('%s', (format) => {
  it('writes a table without rows', async () => {
    const store = await makeStore();
    const ref = await writeTable(store, 't', format, ['a', 'b'], pagesOf(), noAbort);
    expect(ref).toMatchObject({ format, rows: 0, columns: ['a', 'b'] });
    if (format === 'csv') expect(await readText(store, 't')).toBe('a,b\r\n');
    if (format === 'jsonl') expect(ref.sizeBytes).toBe(0);
  });

  it('passes over pages without rows', async () => {
    const store = await makeStore();
    const pages = pagesOf([], [['1']], [], [['2'], ['3']], []);
    expect(await writeTable(store, 't', format, ['a'], pages, noAbort)).toMatchObject({ rows: 3 });
  });

  it('makes the same bytes of the same rows', async () => {
    const store = await makeStore();
    const [first, second] = await Promise.all(
      ['1', '2'].map((key) =>
        writeTable(store, key, format, ['id', 'value'], pagesOf(awkward), noAbort),
      ),
    );
    expect(second?.sha256).toBe(first?.sha256);
  });

  it('refuses a row that is not as wide as the header, and leaves nothing', async () => {
    const store = await makeStore();
    const pages = pagesOf([['1', '2']], [['3', '4'], ['5']]);
    await expect(writeTable(store, 't', format, ['a', 'b'], pages, noAbort)).rejects.toMatchObject({
      code: 'Table.RowWidth',
      message: 'row 3 has 1 values, but the table has 2 columns',
    });
    expect(await store.list('', noAbort)).toEqual([]);
  });

  it('hands on what the source throws, and leaves nothing', async () => {
    const store = await makeStore();
    const failure = new Error('the service broke the connection');
    async function* pages(): AsyncGenerator<Row[]> {
      yield [['1']];
      throw failure;
    }
    await expect(writeTable(store, 't', format, ['a'], pages(), noAbort)).rejects.toBe(failure);
    expect(await store.list('', noAbort)).toEqual([]);
  });

  it('stops at once on abort, and closes the source', async () => {
    const store = await makeStore();
    const abort = new AbortController();
    const reason = new Error('cancelled');
    let closed = false;
    const pages: AsyncIterable<Row[]> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => setTimeout(() => abort.abort(reason), 10)),
        return: async () => {
          closed = true;
          return { done: true, value: undefined };
        },
      }),
    };
    await expect(writeTable(store, 't', format, ['a'], pages, abort.signal)).rejects.toBe(reason);
    expect(closed).toBe(true);
    expect(await store.list('', noAbort)).toEqual([]);
  });

  it('asks for a page only when the last one has been taken, and holds no rows back', async () => {
    const store = await makeStore();
    const value = 'x'.repeat(200);
    let peakBytes = 0;
    const beforeBytes = retainedBytes();
    async function* pages(): AsyncGenerator<Row[]> {
      for (let page = 0; page < 200; page += 1) {
        if (page % 20 === 0) peakBytes = Math.max(peakBytes, retainedBytes());
        yield Array.from({ length: 1000 }, (_, row) => [`${page}-${row}`, value, null, 'short']);
      }
    }
    const columns = ['id', 'value', 'nothing', 'word'];
    const ref = await writeTable(store, 't', format, columns, pages(), noAbort);
    expect(ref.rows).toBe(200_000);
    // All rows together are about 100 MB in memory.
    expect(peakBytes - beforeBytes).toBeLessThan(32 * 1024 * 1024);
  });
});
