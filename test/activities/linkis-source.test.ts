import { setMaxListeners } from 'node:events';
import { linkisStatusSource } from '../../activities/linkis/watch-source';
import { Watcher } from '../../src/watch/watcher';
import { until } from '../support/until';
import { Gateway, saysData, saysText } from '../clients/linkis/gateway';

const signal = new AbortController().signal;
const user = 'hadoop';
const createdAtMs = Date.now() - 3_600_000;

let gateway: Gateway;
beforeEach(async () => {
  gateway = await Gateway.start();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await gateway.close();
});

interface Row {
  readonly taskID: number;
  readonly status: string;
  readonly createdTime: number;
}

interface Server {
  rows: readonly Row[];
  hasListTaskIds: boolean;
  listAnswers: number;
}

/** What a jobhistory of these rows answers; those that have ended last. */
function history(server: Partial<Server>) {
  const state: Server = { rows: [], hasListTaskIds: true, listAnswers: 200, ...server };
  gateway.answer((response, { path, query }) => {
    const say = (data: unknown) => saysData(data)(response, undefined as never);
    const fail = (status: number) => saysText('{}', status)(response, undefined as never);
    if (path.endsWith('/list-taskids')) {
      if (!state.hasListTaskIds) return fail(404);
      const ids = query.taskID?.split(',').map(Number) ?? [];
      return say({ jobHistoryList: state.rows.filter(({ taskID }) => ids.includes(taskID)) });
    }
    if (path.endsWith('/list')) {
      if (state.listAnswers !== 200) return fail(state.listAnswers);
      const { status, startDate, pageNow, pageSize } = query;
      const matching = state.rows.filter(
        (row) => status?.split(',').includes(row.status) && row.createdTime >= Number(startDate),
      );
      const size = Number(pageSize);
      const last = Math.max(1, Math.ceil(matching.length / size));
      const from = (Math.min(last, Number(pageNow)) - 1) * size;
      return say({ tasks: matching.slice(from, from + size), totalPage: matching.length });
    }
    const asked = Number(/\/(\d+)\/get$/.exec(path)?.[1]);
    return say({ task: state.rows.find(({ taskID }) => taskID === asked) ?? null });
  });
  const source = linkisStatusSource(() => Promise.resolve(gateway.client()), user);
  return {
    state,
    source,
    async look(...ids: number[]) {
      const before = gateway.received.length;
      const seen = await source
        .look(ids.map(String), signal)
        .then((map) => map && [...map.values()].map(({ taskId, status }) => [+taskId, status]))
        .catch((error: unknown) => error);
      const asked = gateway.received.slice(before);
      const count = (end: RegExp) => asked.filter(({ path }) => end.test(path)).length;
      return {
        seen,
        byId: count(/list-taskids$/),
        pages: count(/\/list$/),
        singles: count(/\/get$/),
        queries: asked.map(({ query }) => query),
      };
    },
  };
}

const row = (taskID: number, status = 'Running', createdTime = createdAtMs + taskID): Row => ({
  taskID,
  status,
  createdTime,
});
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('thirty tasks are asked for with one list-taskids, and one task by itself', async () => {
  const { look, source } = history({ rows: range(1, 40).map((id) => row(id)) });
  expect(source.idsPerLook).toBe(30);
  const many = await look(...range(1, 30));
  expect(many).toMatchObject({ byId: 1, pages: 0, singles: 0 });
  expect(many.seen).toHaveLength(30);
  expect(await look(7)).toMatchObject({ byId: 0, singles: 1, seen: [[7, 'Running']] });
  expect((await look(7, 99)).seen).toEqual([[7, 'Running']]);
});

test('where the server has no list-taskids, the pages of tasks under way tell of all at once', async () => {
  const ended = range(1, 900).map((id) => row(id, 'Succeed'));
  const running = range(901, 1500).map((id) => row(id));
  const { look, source } = history({ rows: [...ended, ...running], hasListTaskIds: false });
  const first = await look(...range(1471, 1500));
  // Thirty of 600 are no window: these wait for the look at all.
  expect(first).toMatchObject({ byId: 1, pages: 0, singles: 0, seen: undefined });
  expect(source.idsPerLook).toBe(Infinity);
  const all = await look(...range(801, 1500));
  expect(all).toMatchObject({ byId: 0, singles: 0, pages: 2 });
  // Those that have ended are missing, which whoever waits looks into.
  expect(all.seen).toHaveLength(600);
  const again = await look(1499, 1500);
  expect(again).toMatchObject({
    pages: 1,
    seen: [
      [1499, 'Running'],
      [1500, 'Running'],
    ],
  });
  // From the oldest of the tasks on that are asked for.
  expect(again.queries[0]).toMatchObject({
    startDate: String(createdAtMs + 1499),
    status: 'Inited,WaitForRetry,Scheduled,Running',
  });
});

test('a window that is crowded by other tasks is left to single requests for a minute', async () => {
  const rows = range(1, 500).map((id) => row(id));
  const { look, source } = history({ rows, hasListTaskIds: false });
  await look(1, 2);
  expect(await look(1, 2)).toMatchObject({ pages: 1, singles: 0, seen: undefined });
  expect(source.idsPerLook).toBe(1);
  expect(await look(1)).toMatchObject({ pages: 0, singles: 1, seen: [[1, 'Running']] });
  const nowMs = Date.now();
  jest.spyOn(Date, 'now').mockReturnValue(nowMs + 61_000);
  expect(source.idsPerLook).toBe(Infinity);
  expect(await look(...range(1, 500))).toMatchObject({ pages: 1, singles: 0 });
});

test('a list of windows that fails again and again is left to single requests for a while', async () => {
  const { look, source } = history({
    rows: [row(1), row(2)],
    hasListTaskIds: false,
    listAnswers: 500,
  });
  await look(1, 2);
  for (let failure = 1; failure <= 3; failure += 1) {
    expect((await look(1, 2)).seen).toMatchObject({ code: 'Http.500' });
  }
  expect(source.idsPerLook).toBe(1);
  expect(await look(1)).toMatchObject({ pages: 0, singles: 1 });
  // One that was begun before it was known.
  expect(await look(1, 2)).toMatchObject({ pages: 0, singles: 0, seen: undefined });
});

test('a list-taskids that was missing is asked for again beside a look, the more seldom the longer it is', async () => {
  const { look, source, state } = history({ rows: [row(1), row(2)], hasListTaskIds: false });
  let nowMs = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => nowMs);
  const asked = () => gateway.received.filter(({ path }) => path.endsWith('/list-taskids')).length;
  await look(1, 2);
  expect(asked()).toBe(1);
  for (const [again, minutes] of [10, 20, 40, 80].entries()) {
    nowMs += minutes * 60_000 - 1;
    await look(1, 2);
    expect(asked()).toBe(again + 1);
    nowMs += 1;
    expect(await look(1, 2)).toMatchObject({
      pages: 1,
      seen: [expect.anything(), expect.anything()],
    });
    await until(async () => asked() === again + 2);
    // Looks go on in windows whatever came of it.
    expect(source.idsPerLook).toBe(Infinity);
  }
  nowMs += 160 * 60_000;
  state.hasListTaskIds = true;
  expect(await look(1, 2)).toMatchObject({ pages: 1 });
  await until(async () => source.idsPerLook === 30);
  expect(await look(1, 2)).toMatchObject({ byId: 1, pages: 0 });
});

test('thousands of tasks on a server without list-taskids cost the windows that hold them, and no look for each', async () => {
  const rows = range(1, 2000).map((id) => row(id));
  const { source } = history({ rows, hasListTaskIds: false });
  const watcher = new Watcher(source);
  const leaving = new AbortController();
  setMaxListeners(rows.length + 10, leaving.signal);
  const seen = new Set<string>();
  const waits = rows.map(async ({ taskID }) => {
    const job = { id: String(taskID), sinceMs: createdAtMs };
    for await (const told of watcher.observe(job, leaving.signal)) {
      if (told.kind === 'seen') seen.add(job.id);
    }
  });
  await until(async () => seen.size === rows.length);
  leaving.abort();
  await Promise.allSettled(waits);
  const count = (end: RegExp) => gateway.received.filter(({ path }) => end.test(path)).length;
  // Who comes first may be looked at before the others are there.
  expect(count(/\/get$/)).toBeLessThan(5);
  expect(count(/list-taskids$/)).toBeLessThanOrEqual(4);
});

test('a row is the same until what tells of its task has changed', () => {
  const { source } = history({});
  const task = { taskId: '1', status: 'Running', progress: 0.1, source: {}, labels: {} };
  const same = (other: object) => source.sameAs?.(task, { ...task, ...other });
  expect(same({ costTimeMs: 5 })).toBe(true);
  expect(same({ progress: 0.2 })).toBe(false);
  expect(same({ status: 'Succeed' })).toBe(false);
  expect(source.progressOf?.(task)).toBe(0.1);
});
