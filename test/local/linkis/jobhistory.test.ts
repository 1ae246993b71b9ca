import type { LocalLinkis } from '../../../src/local/linkis/local-linkis';
import { asAlice, call, closeAll, rowWithStatus, run, startLinkis, submit } from './support';

let linkis: LocalLinkis;
const ids: number[] = [];
beforeAll(async () => {
  linkis = await startLinkis();
  for (let n = 0; n < 3; n += 1) ids.push((await run(linkis, `select ${n}`)).taskID);
  ids.push((await run(linkis, 'select * from nowhere', { creator: 'other' })).taskID);
});
afterAll(closeAll);

const list = async (query = '', headers?: Record<string, string>) => {
  const { data } = await call(linkis, `/jobhistory/list${query}`, { headers });
  return {
    ids: data.tasks.map(({ taskID }: { taskID: number }) => taskID) as number[],
    total: data.totalPage as number,
  };
};

describe('jobhistory/list', () => {
  test('gives the newest first, and the number of rows as totalPage', async () => {
    expect(await list('?pageSize=2')).toEqual({ ids: [ids[3], ids[2]], total: 4 });
    expect(await list('?pageSize=2&pageNow=2')).toEqual({ ids: [ids[1], ids[0]], total: 4 });
  });

  test('gives the last page again after the last one, and everything for size 0', async () => {
    expect((await list('?pageSize=3&pageNow=9')).ids).toEqual([ids[0]]);
    expect((await list('?pageSize=0')).ids).toHaveLength(4);
  });

  test('filters by status, with case, by creator, by id and by time', async () => {
    expect((await list('?status=Failed,Running')).ids).toEqual([ids[3]]);
    expect((await list('?status=failed')).ids).toEqual([]);
    expect((await list('?creator=other')).ids).toEqual([ids[3]]);
    expect((await list(`?taskID=${ids[1]}`)).ids).toEqual([ids[1]]);
    const second = (await call(linkis, `/jobhistory/${ids[1]}/get`)).data.task;
    const window = `?startDate=${second.createdTime}&endDate=${second.createdTime}`;
    expect((await list(window)).ids).toEqual([ids[1]]);
  });

  test("shows nobody else's rows", async () => {
    expect(await list('', asAlice)).toEqual({ ids: [], total: 0 });
  });
});

describe('jobhistory/{id}/get', () => {
  test('answers with numbers for ids and times and with text for progress; the code is null', async () => {
    const answer = await call(linkis, `/jobhistory/${ids[0]}/get`);
    expect(JSON.parse(answer.text)).toMatchObject({ method: null, status: 0 });
    expect(answer.data.task).toMatchObject({
      taskID: ids[0],
      umUser: 'hadoop',
      status: 'Succeed',
      progress: '1.0',
      engineType: 'spark',
      runType: 'sql',
      requestApplicationName: 'tests',
      executionCode: null,
      createdTime: expect.any(Number),
      costTime: expect.any(Number),
      labels: expect.arrayContaining(['engineType:spark-2.4.3']),
      canRetry: false,
    });
    expect(JSON.parse(answer.data.task.metrics)).toHaveProperty('completeTime');
  });

  test("refuses a missing task and somebody else's", async () => {
    expect(await call(linkis, '/jobhistory/999999/get')).toMatchObject({ http: 400, status: 1 });
    expect(await call(linkis, `/jobhistory/${ids[0]}/get`, { headers: asAlice })).toMatchObject({
      http: 400,
      status: 1,
    });
  });

  test("gives the caller's own source keys back, with requestIP added and < escaped", async () => {
    const { taskID, execID } = await submit(linkis, '-- local: delay 1m\nselect 1', {
      source: { key: 'a<b' },
    });
    const row = await rowWithStatus(linkis, taskID, 'Running');
    expect(row.sourceJson).toContain('a\\u003cb');
    expect(JSON.parse(row.sourceJson)).toEqual({ key: 'a<b', requestIP: '127.0.0.1' });
    await call(linkis, `/entrance/${execID}/kill`);
  });

  test('can show the code', async () => {
    const other = await startLinkis({ behaviour: { executionCodeInGet: true } });
    expect((await run(other, 'select 7')).row.executionCode).toBe('select 7');
  });
});

describe('jobhistory/list-taskids', () => {
  test('leaves out what is missing or foreign', async () => {
    const path = `/jobhistory/list-taskids?taskID=${ids[0]},999999,${ids[3]}`;
    const rows = (await call(linkis, path)).data.jobHistoryList;
    expect(rows.map(({ status }: { status: string }) => status)).toEqual(['Succeed', 'Failed']);
    expect((await call(linkis, path, { headers: asAlice })).data.jobHistoryList).toEqual([]);
  });

  test('takes 30 ids and no more', async () => {
    const path = (count: number) =>
      `/jobhistory/list-taskids?taskID=${Array.from({ length: count }, (_, n) => n + 1).join(',')}`;
    expect(await call(linkis, path(30))).toMatchObject({ http: 200, status: 0 });
    expect(await call(linkis, path(31))).toMatchObject({ http: 400, status: 1 });
  });

  test('can be absent, as before 1.7', async () => {
    const old = await startLinkis({ behaviour: { listTaskIds: false } });
    const answer = await call(old, '/jobhistory/list-taskids?taskID=1');
    expect(answer.http).toBe(404);
    expect(JSON.parse(answer.text)).toEqual({
      timestamp: expect.any(String),
      path: '/api/rest_j/v1/jobhistory/list-taskids',
      status: 404,
      error: 'Not Found',
      requestId: expect.any(String),
    });
  });
});
