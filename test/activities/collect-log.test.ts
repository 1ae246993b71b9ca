import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LiveFigures } from '../../activities/linkis/live-figures';
import { LogReader } from '../../activities/linkis/log-reader';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { LogChunks } from '../../src/artifacts/log-chunks';
import type { SecretResolver } from '../../src/config/secrets';
import { openSettings } from '../../src/config/options';
import { defaultLimits } from '../../src/contracts/limits';
import { Gateway, saysData } from '../clients/linkis/gateway';

const call = { signal: new AbortController().signal, user: 'hadoop' };
const pages = { lines: 10, count: 20 };

/** An entrance that holds one log, and answers the way that its version does. */
class Entrance {
  log: string[] = [];
  /** 1 from Linkis 1.6 on. */
  indexBase = 1;
  /** Lines that are no longer in its memory. */
  forgotten = 0;
  /** Answers 0 and a placeholder, as while another entrance takes over. */
  isFailingOver = false;
  /** Lines before a page's first that come again with it. */
  repeats = 0;
  /** Another task's execID by now. */
  isForeign = false;

  page(asked: number, size: number): { log: string; fromLine: number } {
    if (this.isFailingOver) return { log: 'the job will failover soon', fromLine: 0 };
    // Behind its end a log that began anew answers its own beginning.
    if (asked > this.log.length + this.indexBase) return { log: '', fromLine: 0 };
    const from = Math.max(asked, this.forgotten);
    const start = Math.max(0, from - this.indexBase);
    const lines = this.log.slice(start, start + size);
    const before = lines.length > 0 ? this.log.slice(Math.max(0, start - this.repeats), start) : [];
    return { log: [...before, ...lines].join('\n'), fromLine: from + lines.length };
  }
}

let gateway: Gateway;
let folder: string;
let secrets: SecretResolver;
let entrance: Entrance;
let chunks: LogChunks;
let read: (execId?: string, count?: number) => Promise<unknown>;

beforeAll(async () => {
  gateway = await Gateway.start();
  folder = await mkdtemp(path.join(tmpdir(), 'collect-log-'));
  ({ secrets } = openSettings({ connections: {}, secrets: { DOOR: { value: 'open-sesame' } } }));
});
afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  entrance = new Entrance();
  gateway.answer((response, received) => {
    const { fromLine, size } = received.query;
    saysData(entrance.page(Number(fromLine), Number(size)))(response, received);
  });
  const client = gateway.client();
  chunks = new LogChunks(new FolderArtifactStore({ root: folder }), `logs/${randomUUID()}`);
  // Every read is another attempt's: it knows what the store knows.
  read = (execId = 'exec-1', count = pages.count) =>
    new LogReader(client, chunks, secrets, async () => entrance.isForeign).readOn(
      execId,
      { ...pages, count },
      call,
    );
});

async function kept(): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of chunks.read(0, call.signal)) lines.push(line);
  return lines;
}

const numbered = (from: number, to: number, word = 'line') =>
  Array.from({ length: to - from }, (_, index) => `${word} ${from + index}`);

test.each([0, 1])(
  'a log whose lines count from %d is kept once, however its end is met',
  async (base) => {
    entrance.indexBase = base;
    for (const length of [0, 1, 2, 2, 12, 13, 33, 90]) {
      entrance.log = numbered(0, length);
      await read();
      expect(await kept()).toEqual(entrance.log);
    }
  },
);

test.each([0, 1])(
  'lines that are alike are kept as often as they came, from %d on',
  async (base) => {
    entrance.indexBase = base;
    entrance.log = ['begin', 'same', 'same', 'same', 'begin', ...numbered(0, 30), 'same', 'same'];
    for (let page = 0; page < 10; page++) await read('exec-1', 1);
    expect(await kept()).toEqual(entrance.log);
  },
);

test('a cursor that falls back while an entrance fails over costs and doubles no line', async () => {
  entrance.log = numbered(0, 25);
  await read();
  entrance.isFailingOver = true;
  await read();
  await read();
  expect(await kept()).toEqual(numbered(0, 25));
  entrance.isFailingOver = false;
  entrance.log = numbered(0, 40);
  expect(await read()).toMatchObject({ lines: 40, restarts: 0 });
  expect(await kept()).toEqual(entrance.log);
});

test('a log that begins anew is kept behind the earlier one, and the restart is counted', async () => {
  entrance.log = numbered(0, 25);
  await read();
  entrance.log = numbered(0, 3, 'second run');
  expect(await read()).toMatchObject({ lines: 28, restarts: 1 });
  entrance.log = numbered(0, 33, 'second run');
  expect(await read()).toMatchObject({ lines: 58, restarts: 1 });
  expect(await kept()).toEqual([...numbered(0, 25), ...numbered(0, 33, 'second run')]);
});

test('a log that another entrance begins anew is noticed though it is longer by now', async () => {
  entrance.log = numbered(0, 25);
  await read();
  entrance.log = numbered(0, 60, 'second run');
  expect(await read('exec-2')).toMatchObject({ lines: 85, restarts: 1, skipped: 0 });
  expect(await kept()).toEqual([...numbered(0, 25), ...numbered(0, 60, 'second run')]);
});

test('another spelling of the execID is no other log', async () => {
  entrance.log = numbered(0, 25);
  await read('exec-1');
  entrance.log = numbered(0, 30);
  expect(await read('the same in another form')).toMatchObject({ lines: 30, restarts: 0 });
});

test.each([0, 1])(
  "another task's log under the same execID is not kept, however long it gets (from %d on)",
  async (base) => {
    entrance.indexBase = base;
    entrance.log = numbered(0, 25);
    await read();
    entrance.isForeign = true;
    for (const length of [3, 24, 25, 26, 40, 90]) {
      entrance.log = numbered(0, length, 'foreign');
      expect(await read()).toMatchObject({ lines: 25, restarts: 0, skipped: 0 });
      await read('exec-2');
      expect(await kept()).toEqual(numbered(0, 25));
    }
  },
);

test("another task's log is not kept where nothing was kept before either", async () => {
  entrance.isForeign = true;
  entrance.log = numbered(0, 40, 'foreign');
  expect(await read()).toMatchObject({ lines: 0, end: 'foreign' });
});

test('a log that is exchanged between two pages of one look is noticed', async () => {
  entrance.log = numbered(0, 40);
  gateway.answer((response, received) => {
    const { fromLine, size } = received.query;
    saysData(entrance.page(Number(fromLine), Number(size)))(response, received);
    if (fromLine === '21') {
      entrance.isForeign = true;
      entrance.log = numbered(0, 60, 'foreign');
    }
  });
  expect(await read()).toMatchObject({ end: 'foreign' });
  expect((await kept()).filter((line) => line.startsWith('foreign'))).toEqual([]);
});

test('a log that begins anew under the same execID keeps its beginning though it is longer by now', async () => {
  entrance.log = numbered(0, 25);
  await read();
  entrance.log = numbered(0, 60, 'second run');
  expect(await read()).toMatchObject({ lines: 85, restarts: 1, skipped: 0, end: 'reached' });
  expect(await kept()).toEqual([...numbered(0, 25), ...numbered(0, 60, 'second run')]);
});

test('a first line that the service loses for a look makes no other log of it', async () => {
  entrance.log = numbered(0, 25);
  await read();
  entrance.log = ['something else', ...numbered(1, 40)];
  expect(await read()).toMatchObject({ lines: 40, restarts: 0 });
  expect(await kept()).toEqual(numbered(0, 40));
});

test('a look at a log that has new lines costs one call more, and one without costs none', async () => {
  entrance.log = numbered(0, 25);
  await read();
  gateway.received.length = 0;
  await read();
  expect(gateway.received).toHaveLength(1);
  entrance.log = numbered(0, 30);
  gateway.received.length = 0;
  await read();
  // The page, the log's beginning, and what follows the page.
  expect(gateway.received).toHaveLength(3);
});

test('lines that the service has thrown away are counted as skipped, and no restart', async () => {
  entrance.log = numbered(0, 25);
  await read();
  entrance.log = numbered(0, 300);
  entrance.forgotten = 200;
  // Asked for 10 lines at 26, it went to 210 at once.
  expect(await read()).toMatchObject({ restarts: 0, skipped: 174 });
  expect((await kept()).length).toBe(25 + 101);
});

test('lines that come again at the head of a page are dropped', async () => {
  entrance.log = numbered(0, 25);
  await read();
  entrance.repeats = 4;
  entrance.log = numbered(0, 60);
  expect(await read()).toMatchObject({ lines: 60, restarts: 0 });
  expect(await kept()).toEqual(entrance.log);
});

test('a service that begins its log anew for ever is not followed for ever', async () => {
  let run = 0;
  gateway.answer((response, received) => {
    // Each time it is asked for what follows, it has begun anew.
    const isBegin = received.query.fromLine === '0';
    if (!isBegin) run += 1;
    const answer = isBegin ? { log: `run ${run}`, fromLine: 1 } : { log: '', fromLine: 0 };
    saysData(answer)(response, received);
  });
  await read('exec-1', 100_000);
  expect(gateway.received.length).toBeLessThan(100);
  expect((await kept()).length).toBeLessThan(25);
});

test("another task's progress is not shown, whether its log is shorter by now or longer", async () => {
  const taskAt = (taskID: number) => ({
    taskID,
    status: 'Running',
    execId: `short_${taskID}`,
    strongerExecId: 'exec-1',
    createdTime: 1,
  });
  let progress = 0.5;
  let bearer = taskAt(1);
  gateway.answer((response, received) => {
    const { path, query } = received;
    const answer = () => {
      if (path.endsWith('/log')) return entrance.page(Number(query.fromLine), Number(query.size));
      if (path.endsWith('/status')) return { execId: 'exec-1', status: 'Running' };
      if (path.includes('/jobhistory/')) return { tasks: [bearer, taskAt(1)], totalPage: 2 };
      return { execId: 'exec-1', progress, progressInfo: [] };
    };
    saysData(answer())(response, received);
  });
  const client = gateway.client();
  const artifacts = new FolderArtifactStore({ root: folder });
  const newFigures = () =>
    new LiveFigures(
      client,
      { connection: 'linkis', user: 'hadoop', taskId: '1' },
      { artifacts, limits: defaultLimits, secrets },
      `live/${randomUUID()}`,
    );
  const own = (await client.listTasks({}, call)).tasks[1]!;
  const look = (live: LiveFigures) => live.read(own, call.signal);
  for (const length of [25, 60]) {
    bearer = taskAt(1);
    progress = 0.5;
    entrance.log = numbered(0, 25);
    const live = newFigures();
    expect(await look(live)).toMatchObject({ progress: 0.5, logLines: 25 });
    bearer = taskAt(2);
    progress = 0.25;
    entrance.log = numbered(0, length, 'foreign');
    expect(await look(live)).toEqual({ logLines: 25 });
    // Nor later on; and no call is spent on it any more.
    progress = 0.75;
    gateway.received.length = 0;
    expect(await look(live)).toEqual({});
    expect(gateway.received).toEqual([]);
  }
});
