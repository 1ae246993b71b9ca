import { setTimeout as sleep } from 'node:timers/promises';
import { Watcher, type Observation, type StatusSource } from '../../src/watch/watcher';

const fast = { minIntervalMs: 20, maxIntervalMs: 40 };

/** A service that answers from a table, and remembers what it was asked. */
class Table implements StatusSource<string> {
  readonly asked: string[][] = [];
  failure: Error | undefined;

  constructor(readonly rows: Map<string, string>) {}

  look(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    this.asked.push([...ids].sort());
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return Promise.resolve(this.rows);
  }
}

async function take(
  watcher: Watcher<string>,
  id: string,
  count: number,
): Promise<Observation<string>[]> {
  const taken: Observation<string>[] = [];
  for await (const seen of watcher.observe(
    { id, sinceMs: Date.now() },
    new AbortController().signal,
  )) {
    taken.push(seen);
    if (taken.length === count) break;
  }
  return taken;
}

test('jobs that wait at the same time share one request', async () => {
  const table = new Table(new Map([...'abcdefghij'].map((id) => [id, 'process'])));
  const watcher = new Watcher(table, fast);
  await Promise.all([...table.rows.keys()].map((id) => take(watcher, id, 3)));
  expect(table.asked[0]).toHaveLength(10);
  expect(table.asked.length).toBeLessThan(10);
  expect(watcher.size).toBe(0);
});

test('a job that the answer leaves out is missing, and nothing more', async () => {
  const watcher = new Watcher(new Table(new Map()), fast);
  const [first] = await take(watcher, 'gone', 1);
  expect(first).toMatchObject({ kind: 'missing' });
});

test('a failed sweep is told to every job, counted, and ends with the next answer', async () => {
  const table = new Table(new Map([['a', 'process']]));
  table.failure = new Error('down');
  const watcher = new Watcher(table, fast);
  const seen: Observation<string>[] = [];
  for await (const now of watcher.observe(
    { id: 'a', sinceMs: Date.now() },
    new AbortController().signal,
  )) {
    seen.push(now);
    if (seen.length === 2) table.failure = undefined;
    if (now.kind === 'seen') break;
  }
  expect(seen.slice(0, 2)).toMatchObject([
    { kind: 'error', consecutive: 1 },
    { kind: 'error', consecutive: 2 },
  ]);
  expect(seen[1]).toMatchObject({ sinceMs: (seen[0] as { sinceMs: number }).sinceMs });
  expect(seen.at(-1)).toMatchObject({ kind: 'seen', snapshot: 'process' });
});

test('a service that asks to be left alone is left alone', async () => {
  const table = new Table(new Map([['a', 'process']]));
  table.failure = new Error('429');
  const source: StatusSource<string> = {
    look: (ids) => table.look(ids),
    retryAfterMs: () => 400,
  };
  const watcher = new Watcher(source, fast);
  const taking = take(watcher, 'a', 2);
  await sleep(250);
  expect(table.asked).toHaveLength(1);
  await taking;
  expect(table.asked).toHaveLength(2);
});

test('a service that asks for a day of quiet, or for ever, is asked again within a quarter of an hour', async () => {
  const setTimer = jest.spyOn(globalThis, 'setTimeout');
  try {
    const table = new Table(new Map([['a', 'process']]));
    table.failure = new Error('429');
    const source: StatusSource<string> = {
      look: (ids) => table.look(ids),
      retryAfterMs: () => 1e15,
    };
    const watcher = new Watcher(source, fast);
    await take(watcher, 'a', 1);
    const again = new AbortController();
    const waiting = watcher.observe({ id: 'a', sinceMs: Date.now() }, again.signal).next();
    waiting.catch(() => {});
    const longestMs = Math.max(...setTimer.mock.calls.map(([, waitMs]) => waitMs ?? 0));
    expect(longestMs).toBeGreaterThan(14 * 60_000);
    expect(longestMs).toBeLessThanOrEqual(15 * 60_000);
    again.abort();
  } finally {
    setTimer.mockRestore();
  }
});

test('a source that takes few ids a look gets the most overdue ones, and a failure costs only those', async () => {
  const ids = [...'abcdefghij'];
  const table = new Table(new Map(ids.map((id) => [id, 'process'])));
  let looks = 0;
  const source: StatusSource<string> = {
    idsPerLook: 4,
    look(asked) {
      looks += 1;
      return looks === 2 ? Promise.reject(new Error('once')) : table.look(asked);
    },
  };
  const watcher = new Watcher(source, fast);
  const seen = await Promise.all(ids.map((id) => take(watcher, id, 1)));
  expect(table.asked.every((asked) => asked.length <= 4)).toBe(true);
  expect(table.asked[0]).toEqual([...'abcd']);
  expect(seen.map(([first]) => first?.kind)).toEqual([
    ...Array<string>(4).fill('seen'),
    ...Array<string>(4).fill('error'),
    ...Array<string>(2).fill('seen'),
  ]);
});

test('an abort ends the wait with its reason and takes the job off the watch', async () => {
  const watcher = new Watcher(new Table(new Map()), fast);
  const abort = new AbortController();
  const waiting = (async () => {
    for await (const _ of watcher.observe({ id: 'a', sinceMs: Date.now() }, abort.signal)) void _;
  })();
  await sleep(30);
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(watcher.size).toBe(0);
});

test('an idle watcher asks nothing', async () => {
  const table = new Table(new Map([['a', 'process']]));
  const watcher = new Watcher(table, fast);
  await take(watcher, 'a', 1);
  const before = table.asked.length;
  await sleep(150);
  expect(table.asked).toHaveLength(before);
});
