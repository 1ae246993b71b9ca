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

function show({ rows, totalLine, sent, columns, sizeBytes = 1 }: Shown): void {
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
      const count = Math.max(0, Math.min(size, rows - (page - 1) * size));
      const all = Array.from({ length: count }, (_, row) =>
        names.map(() => String((page - 1) * size + row)),
      );
      return {
        metadata: names.map((columnName) => ({ columnName, dataType: 'int', comment: 'NULL' })),
        fileContent: sent?.(page, all) ?? all,
        type: '2',
        page,
        totalPage: 0,
        totalLine: totalLine(count),
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
  ['the rows of the set', () => 12_345],
])(
  'a page that has lost rows is told and asked for again, where the service counts %s',
  async (_, totalLine) => {
    show({
      rows: 12_345,
      totalLine,
      sent: (page, rows) => (page === 2 ? rows.slice(0, 3000) : rows),
    });
    const failure = await stack.failure('linkisCollectOutputs', input);
    expect(failure).toMatchObject({ type: 'RemoteJob.IncompleteResult', nonRetryable: false });
    expect(failure.message).toMatch(
      /^result set 1 of 1 .* ends with 3000 rows on page 2, 8000 in all, but the service counts \d+$/,
    );
    const { signal } = new AbortController();
    const keys = await stack.store.list('jobs/', signal);
    // Left from the tests above, when this file runs as a whole.
    for (const key of keys) await stack.store.remove(key, signal);
    show({ rows: 12_345, totalLine });
    expect((await collect()).results).toMatchObject([{ rows: 12_345 }]);
  },
);

test('a service that does not divide a set into pages is told so, once', async () => {
  show({ rows: 5000, totalLine: ofPage, sent: (_, rows) => [...rows, ...rows] });
  expect(await stack.failure('linkisCollectOutputs', input)).toMatchObject({
    type: 'RemoteJob.IncompleteResult',
    nonRetryable: true,
    message: expect.stringContaining('has 10000 rows where at most 5000 were asked for'),
  });
});

test('a result set that is replaced while it is read makes no mixed file', async () => {
  show({ rows: 12_345, totalLine: ofPage, columns: (page) => (page < 3 ? ['n'] : ['other']) });
  expect(await stack.failure('linkisCollectOutputs', input)).toMatchObject({
    type: 'RemoteJob.IncompleteResult',
    nonRetryable: false,
    message: expect.stringContaining('page 3 of result set 1 of 1'),
  });
});

test.each([
  ['other columns', { columns: () => ['other'] }],
  ['another size', { sizeBytes: 2 }],
])('a result set that has %s after a crash is fetched anew', async (_, change) => {
  const dying = { rows: 150_000, totalLine: ofPage };
  show({ ...dying, sent: (page, rows) => (page === 26 ? rows.slice(1) : rows) });
  await stack.failure('linkisCollectOutputs', input);
  const { signal } = new AbortController();
  const kept = (await stack.store.list('jobs/', signal)).filter((key) => key.includes('.parts/'));
  expect(kept).toHaveLength(1);

  show({ ...dying, ...change });
  const { results } = await collect();
  expect(results).toMatchObject([{ rows: 150_000 }]);
  expect(await stack.read(results[0]!)).toMatch(
    'columns' in change ? /^other\r\n0\r\n1\r\n/ : /^n\r\n0\r\n1\r\n/,
  );
  const asked = gateway.received.filter(({ path }) => path.endsWith('/openFile'));
  expect(asked.map(({ query }) => query.page)).toContain('1');
  expect(
    (await stack.store.list('jobs/', signal)).filter((key) => key.includes('.parts/')),
  ).toEqual([]);
});

test('an attempt whose answer got lost says the same again, without asking for a page', async () => {
  show({ rows: 150_000, totalLine: ofPage });
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
  // Attempts that something passing ended don't count.
  const later = new Attempt({ attempt: 10 });
  expect(await stack.failure('linkisCollectOutputs', input, later)).toMatchObject({
    nonRetryable: false,
  });
  const tenth = new Attempt({ attempt: 19, heartbeatDetails: { doubts: 9 } });
  expect(await stack.failure('linkisCollectOutputs', input, tenth)).toMatchObject({
    nonRetryable: true,
  });
  await rm(blocked);
  await rename(`${root}/jobs-away`, blocked);
  expect((await collect()).results).toMatchObject([{ rows: 10 }]);
});
