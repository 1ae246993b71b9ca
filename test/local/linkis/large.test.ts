import type { LocalLinkis } from '../../../src/local/linkis/local-linkis';
import { call, closeAll, query, run, startLinkis, submit } from './support';

let linkis: LocalLinkis;
beforeAll(async () => {
  linkis = await startLinkis({
    maxConcurrentTasks: 1000,
    finishedTasks: 5000,
    behaviour: { displayLimitColumns: 1000 },
  });
});
afterAll(closeAll);

const get = async (path: string, parameters: Record<string, string | number>) =>
  (await call(linkis, query(path, parameters))).data;
const openFile = (parameters: Record<string, string | number>) =>
  get('/filesystem/openFile', parameters);

test('lets hundreds of tasks pass their delay together, and none of them holds an engine', async () => {
  for (let count = 0; count < 200; count += 1)
    await submit(linkis, '-- local: delay 10m\nselect 1');
  for (;;) {
    const { totalPage } = await get('/jobhistory/list', { status: 'Running', pageSize: 1 });
    if (totalPage === 200) break;
  }
  const { row } = await run(linkis, 'select 1');
  expect(row.status).toBe('Succeed');
});

test('lists windows of thousands of rows that ended long ago, and numbers new tasks after them', async () => {
  const { tasks, totalPage } = await get('/jobhistory/list', { creator: 'nightly', pageSize: 3 });
  expect(totalPage).toBe(5000);
  expect(tasks.map(({ taskID }: { taskID: number }) => taskID)).toEqual([5000, 4999, 4998]);
  const { createdTime } = tasks[1];
  const at = { startDate: createdTime, endDate: createdTime };
  expect((await get('/jobhistory/list', at)).tasks).toEqual([tasks[1]]);
  const { taskID } = await submit(linkis, 'set a = 1');
  expect(taskID).toBeGreaterThan(5000);
});

test('serves a long log by windows, and whole when the task has ended', async () => {
  const code = '-- local: delay 100ms\n-- local: log 25000 lines\nset a = 1';
  const { execID, row } = await run(linkis, code);
  const numbersIn = (text: string) =>
    [...text.matchAll(/INFO line (\d+) of 25000$/gm)].map(([, number]) => Number(number));
  const all = Array.from({ length: 25_000 }, (_, index) => index + 1);
  let fromLine = 1;
  const lines: string[] = [];
  for (;;) {
    const { log, ...next } = await get(`/entrance/${execID}/log`, { fromLine, size: 3777 });
    if (next.fromLine === fromLine) break;
    lines.push(log[3]);
    fromLine = next.fromLine;
  }
  expect(numbersIn(lines.join('\n'))).toEqual(all);
  const { log } = await get('/filesystem/openLog', { path: row.logPath });
  expect(log[3]).toBe(lines.join('\n'));
  expect([log[0], log[1]]).toEqual(['', '']);
  expect(numbersIn(log[2])).toEqual(all);
  const page = await openFile({ path: row.logPath, page: 3, pageSize: 5000 });
  expect(page.fileContent.flat()).toEqual(log[3].split('\n').slice(10_000, 15_000));
});

test('serves any page of a result set, whatever rows it begins and ends with', async () => {
  const { row } = await run(
    linkis,
    `select i, case when i % 7 = 0 then null else 'a, b' || chr(10) || i end as t from range(4321) r(i) order by i`,
    { engine: 'trino-371' },
  );
  const path = `${row.resultLocation}/_0.dolphin`;
  const expected = Array.from({ length: 4321 }, (_, i) => [
    String(i),
    i % 7 === 0 ? null : `a, b\n${i}`,
  ]);
  for (const pageSize of [5000, 1000, 777]) {
    const pages: unknown[] = [];
    for (let page = 1; ; page += 1) {
      const data = await openFile({ path, page, pageSize, nullValue: 'LINKIS_NULL' });
      expect(data.totalLine).toBe(data.fileContent.length);
      pages.push(...data.fileContent);
      if (data.fileContent.length < pageSize) break;
    }
    expect(pages).toEqual(expected);
  }
  const [first] = (await openFile({ path, pageSize: 1 })).fileContent;
  expect(first).toEqual(['0', 'NULL']);
});

test('shows a table of 2,000 columns by column pages, and with enableLimit in no other way', async () => {
  const columns = Array.from({ length: 2000 }, (_, index) => `${index} as c${index}`);
  const { row } = await run(linkis, `select ${columns.join(', ')}`);
  const path = `${row.resultLocation}/_0.dolphin`;
  const whole = await openFile({ path });
  expect(whole).toMatchObject({ column_limit_display: true });
  expect(whole.fileContent[0]).toHaveLength(2000);
  const refused = await openFile({ path, enableLimit: 'true' });
  expect(refused).toMatchObject({ display_prohibited: true });
  expect(refused.fileContent).toBeUndefined();
  const cells: string[] = [];
  for (let columnPage = 1; columnPage <= 5; columnPage += 1) {
    const page = { path, enableLimit: 'true', columnPage, columnPageSize: 450 };
    const { metadata, fileContent, totalColumn } = await openFile(page);
    expect(totalColumn).toBe(2000);
    expect(metadata).toHaveLength(fileContent[0].length);
    cells.push(...fileContent[0]);
  }
  expect(cells).toEqual(whole.fileContent[0]);
  const beyond = { path, enableLimit: 'true', columnPage: 6, columnPageSize: 450 };
  expect(await call(linkis, query('/filesystem/openFile', beyond))).toMatchObject({
    http: 400,
    status: 1,
  });
});
