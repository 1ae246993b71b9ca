import { AtOnce } from '../../activities/at-once';

const { signal } = new AbortController();
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('so many run at a time, and the others in the order in which they came', async () => {
  const few = new AtOnce(2);
  const begun: number[] = [];
  const end: (() => void)[] = [];
  const runs = [0, 1, 2, 3].map((job) =>
    few.run(
      `${job}`,
      () => {
        begun.push(job);
        return new Promise<number>((resolve) => end.push(() => resolve(job)));
      },
      signal,
    ),
  );
  await settled();
  expect(begun).toEqual([0, 1]);
  end[1]?.();
  await settled();
  expect(begun).toEqual([0, 1, 2]);
  end[0]?.();
  end[2]?.();
  await settled();
  end[3]?.();
  expect(await Promise.all(runs)).toEqual([0, 1, 2, 3]);
});

test('who leaves the line, or fails, keeps nobody else from their turn', async () => {
  const few = new AtOnce(1);
  const leaving = new AbortController();
  let fail: () => void = () => undefined;
  const first = few.run(
    'first',
    () => new Promise((_, reject) => (fail = () => reject(new Error('broken')))),
    signal,
  );
  const second = few.run('other', () => Promise.resolve('second'), leaving.signal);
  const third = few.run('other', () => Promise.resolve('third'), signal);
  leaving.abort(new Error('left'));
  await expect(second).rejects.toThrow('left');
  fail();
  await expect(first).rejects.toThrow('broken');
  expect(await third).toBe('third');
  const late = few.run('other', () => Promise.resolve('late'), leaving.signal);
  expect(await late).toBe('late');
});

test('a run that hangs gives its place up and goes on, and its job comes last the next time', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
  try {
    const few = new AtOnce(1);
    const begun: string[] = [];
    const end = new Map<string, () => void>();
    const run = (who: string) =>
      few.run(
        who,
        () => {
          begun.push(who);
          return new Promise<string>((resolve) => end.set(who, () => resolve(who)));
        },
        signal,
      );
    const hangs = run('hangs');
    const next = run('next');
    await jest.advanceTimersByTimeAsync(4999);
    expect(begun).toEqual(['hangs']);
    await jest.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['hangs', 'next']);
    end.get('hangs')?.();
    expect(await hangs).toBe('hangs');
    const again = [run('hangs'), run('sound')];
    end.get('next')?.();
    await next;
    await settled();
    expect(begun.slice(2)).toEqual(['sound']);
    end.get('sound')?.();
    await settled();
    expect(begun.slice(2)).toEqual(['sound', 'hangs']);
    end.get('hangs')?.();
    await Promise.all(again);
  } finally {
    jest.useRealTimers();
  }
});

test('no more than sixteen runs that hang go on beside those that have a place', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
  try {
    const few = new AtOnce(8);
    const left = new AbortController();
    let begun = 0;
    const runs = Array.from({ length: 100 }, (_, job) =>
      few.run(
        `${job}`,
        () => {
          begun += 1;
          return new Promise((_resolve, reject) =>
            left.signal.addEventListener('abort', () => reject(new Error('left'))),
          );
        },
        left.signal,
      ),
    );
    const ended = Promise.allSettled(runs);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(begun).toBe(24);
    left.abort(new Error('left'));
    await ended;
  } finally {
    jest.useRealTimers();
  }
});
