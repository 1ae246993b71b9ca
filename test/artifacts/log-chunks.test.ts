import { longestChain } from '../../src/artifacts/chain';
import { LogChunks } from '../../src/artifacts/log-chunks';
import { collect, bodyOf, makeAnyStore, noAbort, readText } from './support';

async function makeLog() {
  const store = await makeAnyStore();
  return {
    store,
    open: () => new LogChunks(store, 'jobs/1/log'),
    log: new LogChunks(store, 'jobs/1/log'),
  };
}

describe('the store is the cursor', () => {
  it('begins at 0 and goes on where the last chunk ended, also for another attempt', async () => {
    const { log, open } = await makeLog();
    expect(await log.resume(noAbort)).toMatchObject({ cursor: 0, lines: 0 });
    expect(await log.append(0, 3, ['a', 'b', 'c'], noAbort)).toMatchObject({ cursor: 3, lines: 3 });
    expect(await log.append(3, 9, ['d'], noAbort)).toMatchObject({ cursor: 9, lines: 4 });
    expect(await open().resume(noAbort)).toMatchObject({ cursor: 9, lines: 4 });
  });

  it('takes a step of the cursor that brought no line', async () => {
    const { log, open } = await makeLog();
    await log.append(0, 5, [], noAbort);
    await log.append(5, 5, [], noAbort);
    await log.append(5, 6, ['x'], noAbort);
    expect(await open().resume(noAbort)).toMatchObject({ cursor: 6, lines: 1 });
  });

  it('changes nothing when a chunk comes again', async () => {
    const { log, open, store } = await makeLog();
    await log.append(0, 2, ['a', 'b'], noAbort);
    expect(await log.append(0, 2, ['a', 'b'], noAbort)).toMatchObject({ cursor: 2, lines: 2 });
    expect(await open().append(0, 2, ['a', 'b'], noAbort)).toMatchObject({ cursor: 2, lines: 2 });
    expect(await store.list('jobs/1/log/', noAbort)).toHaveLength(1);
  });

  it('ignores a chunk that an attempt left behind sends, and tells it where the log stands', async () => {
    const { log, open } = await makeLog();
    await log.append(0, 10, ['a'], noAbort);
    await log.append(10, 20, ['b'], noAbort);
    expect(await open().append(0, 15, ['a', 'half of b'], noAbort)).toMatchObject({
      cursor: 20,
      lines: 2,
    });
    expect(await open().append(12, 30, ['x'], noAbort)).toMatchObject({ cursor: 20, lines: 2 });
    expect(await collect(log.read(0, noAbort))).toEqual(['a', 'b']);
  });

  it('refuses a chunk that would leave lines out', async () => {
    const { log } = await makeLog();
    await log.append(0, 2, ['a'], noAbort);
    await expect(log.append(5, 6, ['b'], noAbort)).rejects.toMatchObject({
      code: 'Artifacts.LogGap',
      message: expect.stringContaining('ends at 2'),
    });
  });

  it('goes on behind what another attempt has stored meanwhile', async () => {
    const { log, open } = await makeLog();
    await log.resume(noAbort);
    await open().append(0, 2, ['a'], noAbort);
    expect(await log.append(2, 4, ['b'], noAbort)).toMatchObject({ cursor: 4, lines: 2 });
  });

  it.each([
    [0, 0, ['x']],
    [5, 4, []],
    [-1, 2, ['x']],
    [0.5, 2, ['x']],
    [0, Number.NaN, ['x']],
  ])('refuses cursors that do not go forward: %d to %d', async (from, to, lines) => {
    const { log } = await makeLog();
    await expect(log.append(from, to, lines, noAbort)).rejects.toThrow('must go forward');
  });

  it('loses and doubles no line when attempts die at any point and old ones write on', async () => {
    const { store } = await makeLog();
    const all = Array.from({ length: 500 }, (_, index) => `line ${index}`);
    let seed = 7;
    const random = (limit: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % limit;
    // Each attempt reads pieces of its own length, is forgotten at any time, and may come back.
    const attempts: { log: LogChunks; cursor: number }[] = [];
    for (let step = 0; step < 400; step += 1) {
      if (attempts.length === 0 || random(5) === 0) {
        const log = new LogChunks(store, 'jobs/2/log');
        attempts.push({ log, cursor: (await log.resume(noAbort)).cursor });
      }
      const attempt = attempts[random(attempts.length)];
      if (attempt === undefined || attempt.cursor === all.length) continue;
      const to = Math.min(all.length, attempt.cursor + 1 + random(9));
      attempt.cursor = (
        await attempt.log.append(attempt.cursor, to, all.slice(attempt.cursor, to), noAbort)
      ).cursor;
    }
    const log = new LogChunks(store, 'jobs/2/log');
    const { cursor, lines } = await log.resume(noAbort);
    expect(cursor).toBeGreaterThan(100);
    expect(lines).toBe(cursor);
    expect(await collect(log.read(0, noAbort))).toEqual(all.slice(0, cursor));
  });
});

describe('longestChain', () => {
  const chunk = (from: number, to: number) => ({ from, to, count: 1 });

  it('takes the way that gets furthest, not the longest first step', () => {
    expect(longestChain([chunk(0, 9), chunk(0, 4), chunk(4, 8), chunk(8, 20)])).toEqual([
      chunk(0, 4),
      chunk(4, 8),
      chunk(8, 20),
    ]);
  });

  it('ends before a gap', () => {
    expect(longestChain([chunk(0, 4), chunk(5, 8)])).toEqual([chunk(0, 4)]);
    expect(longestChain([chunk(1, 4)])).toEqual([]);
  });
});

describe('a log that begins anew', () => {
  const source = { source: 'entrance-2' };

  it('keeps the lines before and behind, also for another attempt, and counts it', async () => {
    const { log, open, store } = await makeLog();
    await log.append(0, 1, ['a'], noAbort, { source: 'entrance-1' });
    await log.append(1, 3, ['b', 'c'], noAbort);
    expect(await log.restart(noAbort)).toMatchObject({ cursor: 0, lines: 3, restarts: 1 });
    await log.append(0, 1, ['A'], noAbort, source);
    const resumed = open();
    expect(await resumed.resume(noAbort)).toEqual({
      ...{ cursor: 1, lines: 4, restarts: 1, skipped: 0, source: 'entrance-2' },
    });
    await resumed.append(1, 2, ['B'], noAbort);
    expect(await collect(resumed.read(0, noAbort))).toEqual(['a', 'b', 'c', 'A', 'B']);
    expect(await collect(resumed.read(4, noAbort))).toEqual(['B']);
    expect(await resumed.assemble('jobs/1/log.txt', noAbort)).toMatchObject({ lines: 5 });
    expect(await readText(store, 'jobs/1/log.txt')).toBe('a\nb\nc\nA\nB\n');
    expect(await resumed.head(noAbort)).toEqual({ to: 1, lines: ['A'] });
  });

  it('is begun once where two attempts notice it', async () => {
    const { log, open } = await makeLog();
    const other = open();
    await log.append(0, 3, ['a'], noAbort);
    await other.resume(noAbort);
    await log.restart(noAbort);
    await log.append(0, 2, ['A'], noAbort, source);
    expect(await other.restart(noAbort)).toMatchObject({ cursor: 2, lines: 2, restarts: 1 });
    expect(await other.append(2, 3, ['B'], noAbort)).toMatchObject({ cursor: 3, lines: 3 });
    expect(await collect(log.read(0, noAbort))).toEqual(['a', 'A', 'B']);
  });

  it('is no restart until it has brought a line', async () => {
    const { log, open } = await makeLog();
    expect(await log.restart(noAbort)).toMatchObject({ cursor: 0, restarts: 0 });
    await log.append(0, 3, ['a'], noAbort);
    await log.restart(noAbort);
    expect(await open().resume(noAbort)).toMatchObject({ cursor: 3, restarts: 0 });
  });

  it('counts the lines that were jumped over', async () => {
    const { log, open } = await makeLog();
    await log.append(0, 300, ['a'], noAbort, { skipped: 299 });
    await log.restart(noAbort);
    await log.append(0, 10, ['b'], noAbort, { ...source, skipped: 9 });
    expect(await open().resume(noAbort)).toMatchObject({ lines: 2, skipped: 308 });
  });
});

describe('lines', () => {
  it('makes several lines of one that holds breaks, and keeps everything else', async () => {
    const { log, store } = await makeLog();
    const lines = ['10%\r20%\r\n30%\n', 'tab\there', '', 'line\u2028separator ☂', 'end\r'];
    expect(await log.append(0, 5, lines, noAbort)).toMatchObject({ cursor: 5, lines: 7 });
    const kept = ['10%', '20%', '30%', 'tab\there', '', 'line\u2028separator ☂', 'end'];
    expect(await collect(log.read(0, noAbort))).toEqual(kept);
    const ref = await log.assemble('jobs/1/log.txt', noAbort);
    expect(ref).toMatchObject({ uri: 'artifact:jobs/1/log.txt', format: 'text', lines: 7 });
    expect(await readText(store, 'jobs/1/log.txt')).toBe(kept.join('\n') + '\n');
  });

  it('reads on from any line, across chunks of many lines', async () => {
    const { log } = await makeLog();
    const all = Array.from({ length: 5000 }, (_, index) => `${index} ${'é'.repeat(index % 50)}`);
    await log.append(0, 3500, all.slice(0, 3500), noAbort);
    await log.append(3500, 5000, all.slice(3500), noAbort);
    for (const from of [0, 1, 3499, 3500, 3501, 4999, 5000, 9000]) {
      expect(await collect(log.read(from, noAbort))).toEqual(all.slice(from));
    }
  });

  it('assembles an empty log where nothing was kept', async () => {
    const { log } = await makeLog();
    expect(await log.assemble('jobs/1/log.txt', noAbort)).toMatchObject({ lines: 0, sizeBytes: 0 });
  });
});

describe('clear', () => {
  it('begins the log anew and leaves other keys alone', async () => {
    const { log, store } = await makeLog();
    await store.put('jobs/1/log.txt', bodyOf('x'), { format: 'text', signal: noAbort });
    await log.append(0, 2, ['old'], noAbort);
    await log.append(2, 4, ['old'], noAbort);
    await log.clear(noAbort);
    expect(await log.append(0, 1, ['new'], noAbort)).toMatchObject({ cursor: 1, lines: 1 });
    expect(await collect(log.read(0, noAbort))).toEqual(['new']);
    expect(await readText(store, 'jobs/1/log.txt')).toBe('x');
  });
});
