import { setTimeout as sleep } from 'node:timers/promises';
import { EqualPages, WideRowsError } from '../../activities/linkis/equal-pages';
import { resultPages } from '../../activities/linkis/result-pages';
import { LinkisClient, type LinkisFile } from '../../src/clients/linkis/public';
import { PackedRows } from '../../src/clients/packed-rows';
import { LocalLinkis, type LocalLinkisOptions } from '../../src/local/linkis/local-linkis';
import { activityStack } from './support';

const call = { signal: new AbortController().signal, user: 'hadoop' };
const token = 'local-token';
const rowLimit = 5000;

let linkis: LocalLinkis;
beforeAll(async () => {
  linkis = await start({ resultSetRowLimit: rowLimit });
});
afterAll(() => linkis.close());

function start(behaviour: LocalLinkisOptions['behaviour']): Promise<LocalLinkis> {
  return LocalLinkis.start({ behaviour });
}

/** A client for which an answer of more than 4 MiB is too large. */
function clientOf({ url }: LocalLinkis): LinkisClient {
  const maxBodyBytes = 4 * 2 ** 20;
  return new LinkisClient({ url, user: 'hadoop', credential: { token }, maxBodyBytes });
}

/** The task that has run the code, and the file of its result set. */
async function ran(client: LinkisClient, code: string) {
  const { taskId } = await client.submit({ code, engine: 'trino-371', runType: 'sql' }, call);
  for (;;) {
    const { status, resultLocation = '' } = await client.getTask(taskId, call);
    if (status === 'Failed') throw new Error('the task failed');
    if (status === 'Succeed') {
      const [file] = await client.getDirFileTrees(resultLocation, call);
      return { taskId, file: file as LinkisFile };
    }
    await sleep(20);
  }
}

/** The numbers that the rows begin with, page by page. */
async function numbersFrom(client: LinkisClient, file: LinkisFile, page: number, pageRows: number) {
  const pages: number[][] = [];
  for await (const { rows } of resultPages(client, file, 'it', call, pageRows).pages(page)) {
    pages.push([...rows].map(([number]) => Number(number)));
  }
  return pages;
}

/** Of rows that are numbered from 0. */
function numbered(count: number, pageRows: number): number[][] {
  const all = Array.from({ length: count }, (_, row) => row);
  const pages: number[][] = [];
  for (let from = 0; from < count; from += pageRows) pages.push(all.slice(from, from + pageRows));
  return pages;
}

function openings(): number {
  return linkis.service.calls.filter(({ endpoint }) => endpoint === 'openFile').length;
}

test('wide rows behind narrow ones come in smaller answers, and a page keeps its first row', async () => {
  const client = clientOf(linkis);
  const { file } = await ran(
    client,
    "select i, case when i between 6000 and 7200 then repeat('y', 4500) end as t from range(12345) r(i) order by i",
  );
  const before = openings();
  const pages = numbered(12_345, 1024);
  expect(await numbersFrom(client, file, 0, 1024)).toEqual(pages);
  // A few that the service refuses or that are too large, and else of about 2 MiB.
  expect(openings() - before).toBeLessThanOrEqual(16);
  // Others have others ahead and behind, and all agree on where a page begins.
  for (const from of [1, 7]) {
    expect(await numbersFrom(client, file, from, 1024)).toEqual(pages.slice(from));
  }
  // Pages of fewer rows than an answer has, and pages that several answers make.
  expect(await numbersFrom(client, file, 0, 64)).toEqual(numbered(12_345, 64));
  await client.close();
});

test('nothing is gone on with behind the end of a set that was replaced by a shorter one', async () => {
  const client = clientOf(linkis);
  const { file } = await ran(client, 'select i from range(2048) r(i) order by i');
  const layoutFrom = async (from: number) => {
    const { value } = await resultPages(client, file, 'it', call)
      .pages(from)
      [Symbol.asyncIterator]()
      .next();
    return value?.layout as string;
  };
  expect(await layoutFrom(2)).toBe(await layoutFrom(0));
  expect(await layoutFrom(3)).toBe('behind the end');
  await client.close();
});

test('a row that alone is larger than an answer may be is told by that limit', async () => {
  const client = clientOf(linkis);
  const { file } = await ran(
    client,
    "select i, case when i = 700 then repeat('y', 5000000) end as t from range(1000) r(i) order by i",
  );
  await expect(numbersFrom(client, file, 0, 1024)).rejects.toMatchObject({
    reason: 'Http.BodyTooLarge',
    message: expect.stringContaining('maxBodyBytes'),
  });
  await client.close();
});

test('rows that are far wider than those at first are collected anew in smaller pages', async () => {
  const client = clientOf(linkis);
  const { taskId } = await ran(
    client,
    "select i, case when i >= 1024 then repeat('y', 18000) end as t from range(2100) r(i) order by i",
  );
  await client.close();
  const stack = await activityStack({ linkis });
  const input = { connection: 'linkis', user: 'hadoop', taskId, results: true } as const;
  const { results } = await stack.run('linkisCollectOutputs', { ...input, format: 'csv' });
  const lines = (await stack.read(results[0]!)).split('\r\n');
  expect(results).toMatchObject([{ rows: 2100 }]);
  expect(lines.slice(1, -1).map((line) => parseInt(line))).toEqual(numbered(2100, 2100)[0]);
  await stack.close();
});

test('a table that a service withholds, asked for in whole, is collected from parts of its columns', async () => {
  const strict = await start({ displayLimitColumns: 1000, withholdsAlways: true });
  const client = clientOf(strict);
  const names = Array.from({ length: 1234 }, (_, column) => `c${column}`);
  const cells = names.map((name, column) => `i + ${column} as ${name}`);
  const { taskId } = await ran(
    client,
    `select ${cells.join(', ')} from range(700) r(i) order by i`,
  );
  await client.close();
  const stack = await activityStack({ linkis: strict });
  const input = { connection: 'linkis', user: 'hadoop', taskId, results: true } as const;
  const { results } = await stack.run('linkisCollectOutputs', { ...input, format: 'csv' });
  expect(results).toMatchObject([{ rows: 700, columns: names }]);
  const rows = (await stack.read(results[0]!)).split('\r\n').slice(1, -1);
  const row = (first: number) => names.map((_, column) => first + column).join(',');
  expect([rows[0], rows[699]]).toEqual([row(0), row(699)]);
  await stack.close();
  await strict.close();
});

test('a table whose rows a service hides is no empty result, and an empty one is', async () => {
  const narrow = await start({ resultSetColumnLimit: 1000 });
  const client = clientOf(narrow);
  const stack = await activityStack({ linkis: narrow });
  const cells = Array.from({ length: 1234 }, (_, column) => `i as c${column}`).join(', ');
  const inputOf = async (rows: number) => {
    const { taskId } = await ran(client, `select ${cells} from range(${rows}) r(i)`);
    const task = { connection: 'linkis', user: 'hadoop', taskId } as const;
    return { ...task, results: true, format: 'csv' } as const;
  };
  expect(await stack.failure('linkisCollectOutputs', await inputOf(20))).toMatchObject({
    type: 'RemoteJob.IncompleteResult',
    nonRetryable: true,
    message: expect.stringMatching(
      /^result set 1 of 1 .*1234 columns and no rows, .*linkis\.resultset\.column\.size\.max\. Select fewer columns/,
    ),
  });
  const { results } = await stack.run('linkisCollectOutputs', await inputOf(0));
  expect(results).toMatchObject([{ rows: 0 }]);
  await client.close();
  await stack.close();
  await narrow.close();
});

test('rows of any kind make the same pages, and too many bytes make none', () => {
  const cells = Array.from({ length: 10 }, (_, row) => [String(row), row % 3 === 0 ? null : 'é']);
  const pagesOf = (wrap: (rows: typeof cells) => PackedRows | typeof cells, asked: number) => {
    const equal = new EqualPages(4);
    const pages: unknown[] = [];
    for (let from = 0; from < cells.length; from += asked) {
      const rows = wrap(cells.slice(from, from + asked));
      const isLast = from + asked >= cells.length;
      const page = { rows, isLast, page: 1, kind: 'table', sizeBytes: 1 } as const;
      for (const made of equal.add({ page, from, asked })) pages.push([...made.rows]);
    }
    return pages;
  };
  const expected = [cells.slice(0, 4), cells.slice(4, 8), cells.slice(8)];
  for (const asked of [1, 2, 4, 8, 16]) {
    expect(pagesOf((rows) => PackedRows.of(rows), asked)).toEqual(expected);
    expect(pagesOf((rows) => rows, asked)).toEqual(expected);
  }
  const page = { rows: cells.slice(0, 2), isLast: false, page: 1, kind: 'table' } as const;
  const sizeBytes = 17 * 2 ** 20;
  expect(() => [
    ...new EqualPages(4).add({ page: { ...page, sizeBytes }, from: 0, asked: 2 }),
  ]).toThrow(WideRowsError);
});
