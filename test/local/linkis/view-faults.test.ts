import type { Fault } from '../../../src/local/http/fault';
import type { LocalLinkis } from '../../../src/local/linkis/local-linkis';
import { call, closeAll, query, run, startLinkis, submit } from './support';

let linkis: LocalLinkis;
beforeAll(async () => {
  linkis = await startLinkis();
});
afterEach(() => linkis.service.setFaults(undefined));
afterAll(closeAll);

const script = (...faults: Fault[]) => linkis.service.setFaults({ faults });

/** What each way of asking says of a task; `none` where it isn't shown. */
const ways = {
  get: async (taskID: number) => (await call(linkis, `/jobhistory/${taskID}/get`)).data?.task,
  list: async (taskID: number) =>
    (await call(linkis, `/jobhistory/list?taskID=${taskID}`)).data.tasks[0],
  'list-taskids': async (taskID: number) =>
    (await call(linkis, `/jobhistory/list-taskids?taskID=${taskID}`)).data.jobHistoryList[0],
};
type Way = keyof typeof ways;
const statuses = async (way: Way, taskID: number, looks: number) => {
  const seen: string[] = [];
  for (let look = 0; look < looks; look += 1) {
    seen.push((await ways[way](taskID))?.status ?? 'none');
  }
  return seen;
};
const allWays = Object.keys(ways) as Way[];

test.each(allWays)(
  'a stale %s shows a task that ended as Running for so many looks',
  async (way) => {
    const { taskID } = await run(linkis, 'select no_such_column');
    script({ endpoint: `jobhistory/${way}`, do: 'staleStatus', looks: 2 });
    const first = await ways[way](taskID);
    expect(first).toMatchObject({ status: 'Running', progress: '0.5', errCode: null });
    expect(await statuses(way, taskID, 3)).toEqual(['Running', 'Failed', 'Failed']);
  },
);

test('a stale status is that of one task: another has looks of its own', async () => {
  const one = await run(linkis, 'select 1');
  const other = await run(linkis, 'select 2');
  script({ endpoint: '*', do: 'staleStatus', looks: 1 });
  expect(await statuses('get', one.taskID, 2)).toEqual(['Running', 'Succeed']);
  expect(await statuses('list', other.taskID, 2)).toEqual(['Running', 'Succeed']);
});

test('a stale status lasts for a time', async () => {
  const { taskID } = await run(linkis, 'select 1');
  script({ endpoint: 'jobhistory/get', do: 'staleStatus', forMs: 300 });
  expect(await statuses('get', taskID, 1)).toEqual(['Running']);
  while ((await ways.get(taskID)).status !== 'Succeed');
});

test('a stale status without a limit lasts as long as the script', async () => {
  const { taskID } = await run(linkis, 'select 1');
  script({ endpoint: 'jobhistory/get', do: 'staleStatus' });
  expect(await statuses('get', taskID, 5)).toEqual(Array(5).fill('Running'));
});

test('the entrance’s own status is stale too, and says words that nobody knows', async () => {
  const { execID, taskID } = await run(linkis, 'select 1');
  const ask = async () =>
    (await call(linkis, `/entrance/${execID}/status?taskID=${taskID}`)).data.status;
  script({ endpoint: 'status', do: 'staleStatus', looks: 1 });
  expect([await ask(), await ask()]).toEqual(['Running', 'Succeed']);
  script({ endpoint: 'status', do: 'showStatus', status: 'Paused', looks: 1 });
  expect([await ask(), await ask()]).toEqual(['Paused', 'Succeed']);
});

test.each(allWays)('%s shows a status that goes backwards, a word for each look', async (way) => {
  const { taskID } = await run(linkis, 'select 1');
  const words = ['Failed', 'WaitForRetry', 'Scheduled', 'Running'];
  script({ endpoint: `jobhistory/${way}`, do: 'showStatus', statuses: words });
  expect(await statuses(way, taskID, 5)).toEqual([...words, 'Succeed']);
});

test.each(allWays)('%s misses a task for so many looks', async (way) => {
  const { taskID } = await run(linkis, 'select 1');
  script({ endpoint: `jobhistory/${way}`, do: 'missJob', looks: 2 });
  expect(await statuses(way, taskID, 3)).toEqual(['none', 'none', 'Succeed']);
});

test('a list that misses a task counts it neither, and a get says that there is none', async () => {
  const { taskID } = await run(linkis, 'select 1');
  script({ endpoint: 'jobhistory/list', do: 'missJob' });
  expect((await call(linkis, '/jobhistory/list')).data).toEqual({ tasks: [], totalPage: 0 });
  script({ endpoint: 'jobhistory/get', do: 'missJob' });
  expect(await call(linkis, `/jobhistory/${taskID}/get`)).toMatchObject({ http: 400, status: 1 });
});

describe('logs', () => {
  const page = async (execID: string, fromLine: number, size = 100, distinctLevel = false) => {
    const parameters = { fromLine, size, distinctLevel: String(distinctLevel) };
    const { data } = await call(linkis, query(`/entrance/${execID}/log`, parameters));
    return data as { log: any; fromLine: number };
  };

  test('fall back to line 0 with a line that is none of theirs, and then are as they were', async () => {
    const { execID } = await run(linkis, 'select 1');
    const whole = await page(execID, 0);
    script({ endpoint: 'log', calls: [1], do: 'logReset' });
    const reset = await page(execID, 5, 100, true);
    expect(reset.fromLine).toBe(0);
    expect(reset.log[3]).toContain('failover');
    expect(whole.log).not.toContain('failover');
    expect(await page(execID, 0)).toEqual(whole);
  });

  test('lose lines that fromLine counts all the same, and the log file has them', async () => {
    const { execID, row } = await run(linkis, 'select 1');
    const whole = await page(execID, 0);
    script({ endpoint: 'log', calls: [1], do: 'logGap', lines: 3 });
    const gap = await page(execID, 0);
    expect(gap.fromLine).toBe(whole.fromLine);
    expect(gap.log.split('\n')).toEqual(whole.log.split('\n').slice(3));
    const file = await call(linkis, query('/filesystem/openLog', { path: row.logPath }));
    expect(file.data.log[3]).toBe(whole.log);
  });

  test('repeat lines at the boundary of a page, and none on the first page or at the end', async () => {
    const { execID } = await run(linkis, 'select 1');
    const lines = (await page(execID, 0)).log.split('\n') as string[];
    script({ endpoint: 'log', do: 'logRepeat', lines: 2 });
    expect((await page(execID, 0, 4)).log.split('\n')).toEqual(lines.slice(0, 4));
    // Where lines count from 1, the first of them is one that this Linkis repeats by itself.
    expect(await page(execID, 4, 4)).toEqual({
      execID,
      fromLine: 8,
      log: lines.slice(1, 7).join('\n'),
    });
    expect((await page(execID, lines.length + 1)).log).toBe('');
  });

  test('of a task that the entrance does not hold are refused as ever', async () => {
    const { execID } = await submit(linkis, 'select 1');
    script({ endpoint: '*', do: 'logReset' });
    expect((await call(linkis, `/entrance/${execID}9/log`)).http).toBe(400);
  });
});

test.each<[string, Fault, string]>([
  ['looks', { endpoint: '*', do: 'staleStatus', looks: 0 }, 'looks must be a whole number from 1'],
  ['a time', { endpoint: '*', do: 'missJob', forMs: -1 }, 'forMs must be milliseconds'],
  ['no word', { endpoint: '*', do: 'showStatus' }, 'needs either `status`'],
  ['an empty list', { endpoint: '*', do: 'showStatus', statuses: [] }, 'a list of texts'],
  [
    'both',
    { endpoint: '*', do: 'showStatus', statuses: ['Failed'], looks: 2 },
    'has both `statuses` and `looks`',
  ],
  ['an endpoint', { endpoint: 'status', do: 'missJob' }, 'must be one of *, jobhistory/get'],
  ['lines', { endpoint: 'log', do: 'logGap', lines: 'all' }, 'lines must be a whole number'],
])('refuses a fault with wrong %s', (_what, fault, message) => {
  expect(() => script(fault)).toThrow(message);
});
