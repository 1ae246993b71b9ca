import { tmpdir } from 'node:os';
import path from 'node:path';
import { planStatement } from '../../../src/local/linkis/engine/commands';
import { SqlEngine, type ResultRow } from '../../../src/local/linkis/engine/sql-engine';
import { delayAskedFor, splitStatements } from '../../../src/local/linkis/engine/sql-text';
import { plainNumber } from '../../../src/local/linkis/engine/values';

let engine: SqlEngine;
beforeEach(async () => {
  engine = await SqlEngine.open({ spillDir: path.join(tmpdir(), 'linkis-spill') });
});
afterEach(() => engine.close());

/** Runs statements of `dialect` in one session; the rows of the last one. */
async function rowsOf(dialect: string, ...statements: string[]): Promise<ResultRow[]> {
  const connection = await engine.connect();
  let rows: ResultRow[] = [];
  try {
    for (const statement of statements) {
      for (const sql of planStatement(statement, dialect, engine.transpile).statements) {
        const result = await connection.run(sql);
        rows = [];
        if (result.kind === 'rows') for await (const batch of result.batches) rows.push(...batch);
      }
    }
    return rows;
  } finally {
    connection.close();
  }
}

describe('the text of SQL', () => {
  test('is split at semicolons that stand neither in quotes nor in comments', () => {
    expect(splitStatements('select \';\' -- a;b\n; /* ; */ ; select "x;y", `z;` ;')).toEqual([
      "select ';' -- a;b",
      'select "x;y", `z;`',
    ]);
  });

  test('keeps a quote that a backslash escapes inside its text', () => {
    expect(splitStatements(String.raw`select 'it\'s; fine'; select 2`)).toHaveLength(2);
    expect(splitStatements(String.raw`select 'c:\'; select 2`, false)).toHaveLength(2);
  });

  test('asks for a delay in a comment only', () => {
    expect(delayAskedFor('-- local: delay 5s\nselect 1')).toBe(5000);
    expect(delayAskedFor('select 1 /* local: delay 250ms */')).toBe(250);
    expect(delayAskedFor("select '-- local: delay 5s'")).toBe(0);
  });
});

test('numbers are written without an exponent', () => {
  expect(plainNumber('1e+21')).toBe('1000000000000000000000');
  expect(plainNumber('-1.5e-7')).toBe('-0.00000015');
  expect(plainNumber('0.25')).toBe('0.25');
});

describe('Spark and Hive SQL on DuckDB', () => {
  test('values become text as Linkis writes them', async () => {
    const rows = await rowsOf(
      'duckdb',
      "select 1.0::double, 1e21::double, 1.50::decimal(9,2), 12345678901234567890::hugeint, true, date '2026-01-02', null, ''",
    );
    expect(rows).toEqual([
      [
        '1',
        '1000000000000000000000',
        '1.5',
        '12345678901234567890',
        'true',
        '2026-01-02',
        null,
        '',
      ],
    ]);
  });

  test('tables of the schema default are found with and without its name', async () => {
    const rows = await rowsOf(
      'hive',
      'create table t (a int)',
      'insert into table default.t values (1)',
      'use default',
      'select * from `default`.t union all select * from t',
    );
    expect(rows).toEqual([['1'], ['1']]);
  });

  test('show tables answers in the shape of each engine', async () => {
    const create = 'create table orders (id bigint)';
    expect(await rowsOf('spark', create, "show tables like 'ord*'")).toEqual([
      ['default', 'orders', 'false'],
    ]);
    expect(await rowsOf('hive', 'show tables')).toEqual([['orders']]);
    expect(await rowsOf('hive', 'show tables in nowhere')).toEqual([]);
    expect(await rowsOf('spark', 'show databases')).toEqual([['default']]);
  });

  test('describe names columns, types and comments', async () => {
    const rows = await rowsOf('spark', 'create table t (a int, b string)', 'desc formatted t');
    expect(rows).toEqual([
      ['a', 'int', null],
      ['b', 'string', null],
    ]);
    expect(await rowsOf('spark', 'show columns in t')).toEqual([['a'], ['b']]);
    expect(String(await rowsOf('spark', 'show create table t'))).toContain('CREATE TABLE');
  });

  test('a partitioned table takes static partitions, and overwriting one leaves the others', async () => {
    const rows = await rowsOf(
      'hive',
      "create table p (a int) comment 'days' partitioned by (dt string) stored as orc",
      "insert into table p partition (dt='1') select 1",
      "insert into table p partition (dt='2') select 2",
      "insert overwrite table p partition (dt='2') select a + 40 from p where dt = '2'",
      'select * from p order by dt',
    );
    expect(rows).toEqual([
      ['1', '1'],
      ['42', '2'],
    ]);
  });

  test('insert overwrite replaces what it reads from, with CTEs too', async () => {
    const rows = await rowsOf(
      'spark',
      'create table t using parquet as select 1 as a',
      'with x as (select a + 1 as a from t) insert overwrite table t select a from x',
      '-- again\ninsert overwrite t select a * 10 from t',
      'select * from t',
    );
    expect(rows).toEqual([['20']]);
  });

  test('settings and caches of an engine that is not there do nothing', () => {
    for (const statement of [
      'set a=b',
      'cache table t',
      'refresh table t',
      'msck repair table t',
    ]) {
      expect(planStatement(statement, 'spark', engine.transpile).statements).toEqual([]);
    }
  });

  test("the column of Spark's range is called id", async () => {
    expect(await rowsOf('spark', 'select max(id) from range(3)')).toEqual([['2']]);
    expect(
      await rowsOf('spark', 'select a.id + b.x from range(1, 2) a join range(1) as b(x) on true'),
    ).toEqual([['1']]);
  });

  test('functions are translated', async () => {
    const rows = await rowsOf(
      'spark',
      "select nvl(null, 'x'), date_format(date'2026-03-04', 'yyyy-MM'), size(array(1, 2)), `a` from (select 1 as a)",
    );
    expect(rows).toEqual([['x', '2026-03', '2', '1']]);
  });

  test("what the translator can't read fails in DuckDB's words", async () => {
    await expect(rowsOf('spark', 'selct 1')).rejects.toThrow(
      'Parser Error: syntax error at or near "selct"',
    );
    await expect(rowsOf('spark', 'select * from nowhere')).rejects.toThrow('Catalog Error');
  });

  test('what memory cannot hold goes to the folder that was named', async () => {
    expect(await rowsOf('duckdb', "select current_setting('temp_directory')")).toEqual([
      [path.join(tmpdir(), 'linkis-spill')],
    ]);
  });

  test('SQL reaches no file of the machine', async () => {
    await expect(rowsOf('duckdb', "select * from read_text('/etc/hosts')")).rejects.toThrow(
      'Permission',
    );
  });
});
