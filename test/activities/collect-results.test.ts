import { rename, rm, writeFile } from 'node:fs/promises';
import { Gateway, saysData, saysText } from '../clients/linkis/gateway';
import type { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { activityStack, Attempt, type ActivityStack } from './support';

/** A task with one result set, as a service shows it that loses rows, ignores pages or replaces files. */
interface Shown {
  readonly rows: number;
  /** What the service counts on a page; undefined leaves it out. */
  totalLine(rowsOfPage: number): number | undefined;
  /** Rows that a page really brings. */
  sent?(page: number, rows: string[][]): string[][];
  columns?(page: number): readonly string[];
  readonly sizeBytes?: number;
  /** What each cell ends with, so that its rows are wide. */
  readonly padding?: string;
  /** The service withholds the whole, and shows columns in parts. */
  readonly inParts?: {
    /** How many columns it says there are. */
    readonly counts?: number;
    /** The part that it really shows. */
    shown?(columnPage: number): number;
    /** Rows that it leaves out of a part. */
    lost?(columnPage: number): number;
  };
}

let gateway: Gateway;
let stack: ActivityStack;

beforeAll(async () => {
  gateway = await Gateway.start();
  stack = await activityStack({ linkis: { url: gateway.url } as LocalLinkis });
});
afterAll(async () => {
  await stack.close();
  await gateway.close();
});

function show({
  rows,
  totalLine,
  sent,
  columns,
  sizeBytes = 1,
  padding = '',
  inParts,
}: Shown): void {
  const answers: Record<string, (query: Readonly<Record<string, string>>) => unknown> = {
    get: () => ({ task: { taskID: 7, status: 'Succeed', resultLocation: 'hdfs:///r' } }),
    getDirFileTrees: () => ({
      dirFileTrees: {
        children: [
          { name: '_0.dolphin', path: 'hdfs:///r/_0.dolphin', properties: { size: sizeBytes } },
        ],
      },
    }),
    openFile(query) {
      const page = Number(query.page);
      const size = Number(query.pageSize);
      const names = columns?.(page) ?? ['n'];
      if (inParts && query.enableLimit !== 'true') {
        return { display_prohibited: true, en_msg: 'col size exceed 500', type: '2' };
      }
      const columnPage = Number(query.columnPage);
      const part = inParts?.shown?.(columnPage) ?? columnPage;
      const [left, right] = inParts ? [(part - 1) * 500, part * 500] : [0, Infinity];
      const lost = inParts?.lost?.(columnPage) ?? 0;
      const count = Math.max(0, Math.min(size, rows - (page - 1) * size));
      const all = Array.from({ length: count - lost }, (_, row) =>
        names.slice(left, right).map(() => `${(page - 1) * size + row}${padding}`),
      );
      return {
        metadata: names
          .slice(left, right)
          .map((columnName) => ({ columnName, dataType: 'int', comment: 'NULL' })),
        fileContent: sent?.(page, all) ?? all,
        type: '2',
        page,
        totalPage: 0,
        totalLine: totalLine(count),
        totalColumn: inParts?.counts,
      };
    },
  };
  gateway.answer((response, received) => {
    const answer = answers[received.path.split('/').at(-1) ?? ''];
    const say = answer ? saysData(answer(received.query)) : saysText('{"status":1}', 400);
    say(response, received);
  });
}

const input = {
  ...{ connection: 'linkis', user: 'hadoop', taskId: '7' },
  results: true,
  format: 'csv',
} as const;

function collect() {
  return stack.run('linkisCollectOutputs', input, new Attempt());
}

const ofPage = (rows: number) => rows;

test.each([
  ['the rows of the page', ofPage],
  ['the rows of the set', () => 12_345],
  ['nothing', () => undefined],
  ['always 0', () => 0],
])('a result set is whole where the service counts %s', async (_, totalLine) => {
  show({ rows: 12_345, totalLine });
  expect((await collect()).results).toMatchObject([{ rows: 12_345 }]);
});

test.each([
  ['the rows of the page', ofPage],
  ['the rows of the set', () => 42_345],
])(
  'a page that has lost rows is told and asked for again, where the service counts %s',
  async (_, totalLine) => {
    show({
      rows: 42_345,
      totalLine,
      sent: (page, rows) => (page === 2 ? rows.slice(0, 3000) : rows),
    });
    const failure = await stack.failure('linkisCollectOutputs', input);
    expect(failure).toMatchObject({ type: 'RemoteJob.IncompleteResult', nonRetryable: false });
    expect(failure.message).toMatch(
      /^result set 1 of 1 .* ends with 3000 rows on page 2, 19384 in all, but the service counts \d+$/,
    );
    const { signal } = new AbortController();
    const keys = await stack.store.list('jobs/', signal);
    // Left from the tests above, when this file runs as a whole.
    for (const key of keys) await stack.store.remove(key, signal);
    show({ rows: 42_345, totalLine });
    expect((await collect()).results).toMatchObject([{ rows: 42_345 }]);
  },
);

test('a service that does not divide a set into pages is told so, once', async () => {
  show({ rows: 5000, totalLine: ofPage, sent: (_, rows) => [...rows, ...rows] });
  expect(await stack.failure('linkisCollectOutputs', input)).toMatchObject({
    type: 'RemoteJob.IncompleteResult',
    nonRetryable: true,
    message: expect.stringContaining('has 1000 rows where at most 500 were asked for'),
  });
});

test('a result set that is replaced while it is read makes no mixed file', async () => {
  show({ rows: 52_345, totalLine: ofPage, columns: (page) => (page < 3 ? ['n'] : ['other']) });
  expect(await stack.failure('linkisCollectOutputs', input)).toMatchObject({
    type: 'RemoteJob.IncompleteResult',
    nonRetryable: false,
    message: expect.stringContaining('page 3 of result set 1 of 1'),
  });
  // Attempts that the store ended are no word against the service.
  for (const [heartbeatDetails, nonRetryable] of [
    [{ patientDoubts: 69 }, false],
    [{ doubts: 9 }, true],
  ] as const) {
    const attempt = new Attempt({ attempt: 79, heartbeatDetails });
    expect(await stack.failure('linkisCollectOutputs', input, attempt)).toMatchObject({
      nonRetryable,
    });
  }
});

test.each([
  ['other columns', { columns: () => ['other'] }],
  ['another size', { sizeBytes: 2 }],
])('a result set that has %s after a crash is fetched anew', async (_, change) => {
  // Pages of 1,000 rows, three of which make a part.
  const dying = { rows: 6_000, totalLine: ofPage, padding: ' '.repeat(1500) };
  show({ ...dying, sent: (page, rows) => (page === 5 ? rows.slice(1) : rows) });
  await stack.failure('linkisCollectOutputs', input);
  const { signal } = new AbortController();
  const kept = (await stack.store.list('jobs/', signal)).filter((key) => key.includes('.parts/'));
  expect(kept).toHaveLength(1);

  show({ ...dying, ...change });
  const { results } = await collect();
  expect(results).toMatchObject([{ rows: 6_000 }]);
  expect(await stack.read(results[0]!)).toMatch(
    'columns' in change ? /^other\r\n0 +\r\n1 +\r\n/ : /^n\r\n0 +\r\n1 +\r\n/,
  );
  const asked = gateway.received.filter(({ path }) => path.endsWith('/openFile'));
  expect(asked.map(({ query }) => query.page)).toContain('1');
  expect(
    (await stack.store.list('jobs/', signal)).filter((key) => key.includes('.parts/')),
  ).toEqual([]);
});

const wide = Array.from({ length: 2000 }, (_, column) => `c${column}`);

test.each([
  ['counts its columns', 2000],
  ['does not count its columns', undefined],
])(
  'a table that is too wide for a service is put together from parts of its columns, where it %s',
  async (_, counts) => {
    show({ rows: 502, totalLine: ofPage, columns: () => wide, inParts: { counts } });
    const { results } = await collect();
    expect(results).toMatchObject([{ rows: 502, columns: wide }]);
    const lines = (await stack.read(results[0]!)).split('\r\n');
    const row = (value: string) => Array<string>(2000).fill(value).join(',');
    expect([lines[1], lines[502]]).toEqual([row('0'), row('501')]);
  },
);

test.each([
  ['has the same columns in two parts', { shown: () => 1 }],
  ['has 499 rows in one part and 500 in the first', { lost: (part: number) => Number(part > 1) }],
  ['has 2000 columns where the service counts 2001', { counts: 2001 }],
])('parts of columns that make no table are no result: it %s', async (words, inParts) => {
  show({ rows: 502, totalLine: ofPage, columns: () => wide, inParts });
  const failure = await stack.failure('linkisCollectOutputs', input);
  expect(failure).toMatchObject({ type: 'RemoteJob.IncompleteResult' });
  expect(failure.message).toContain(words);
});

test('an attempt whose answer got lost says the same again, without asking for a page', async () => {
  show({ rows: 6_000, totalLine: ofPage, padding: ' '.repeat(1500) });
  const first = new Attempt();
  const outputs = await stack.run('linkisCollectOutputs', input, first);
  gateway.received.length = 0;
  const again = new Attempt({ heartbeatDetails: first.recorded.at(-1) });
  expect((await stack.run('linkisCollectOutputs', input, again)).results).toEqual(outputs.results);
  expect(gateway.received.filter(({ path }) => path.endsWith('/openFile'))).toEqual([]);
});

test('an artifact folder that cannot be written is tried again for a while, and named', async () => {
  show({ rows: 10, totalLine: ofPage });
  const { root } = stack.store;
  const blocked = `${root}/jobs`;
  await rename(blocked, `${root}/jobs-away`);
  await writeFile(blocked, 'a file where a folder should be');
  const failure = await stack.failure('linkisCollectOutputs', input);
  expect(failure).toMatchObject({ type: 'RemoteJob.Configuration', nonRetryable: false });
  expect(failure.message).toContain(`the artifact folder ${root} can't be used`);
  // Attempts that something else ended don't count.
  const later = new Attempt({ attempt: 70, heartbeatDetails: { doubts: 9 } });
  expect(await stack.failure('linkisCollectOutputs', input, later)).toMatchObject({
    nonRetryable: false,
  });
  const last = new Attempt({ attempt: 79, heartbeatDetails: { patientDoubts: 69 } });
  expect(await stack.failure('linkisCollectOutputs', input, last)).toMatchObject({
    nonRetryable: true,
  });
  await rm(blocked);
  await rename(`${root}/jobs-away`, blocked);
  expect((await collect()).results).toMatchObject([{ rows: 10 }]);
});
