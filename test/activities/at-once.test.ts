import { AtOnce } from '../../activities/at-once';

const { signal } = new AbortController();
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('so many run at a time, and the others in the order in which they came', async () => {
  const few = new AtOnce(2);
  const begun: number[] = [];
  const end: (() => void)[] = [];
  const runs = [0, 1, 2, 3].map((job) =>
    few.run(() => {
      begun.push(job);
      return new Promise<number>((resolve) => end.push(() => resolve(job)));
    }, signal),
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
    () => new Promise((_, reject) => (fail = () => reject(new Error('broken')))),
    signal,
  );
  const second = few.run(() => Promise.resolve('second'), leaving.signal);
  const third = few.run(() => Promise.resolve('third'), signal);
  leaving.abort(new Error('left'));
  await expect(second).rejects.toThrow('left');
  fail();
  await expect(first).rejects.toThrow('broken');
  expect(await third).toBe('third');
  const late = few.run(() => Promise.resolve('late'), leaving.signal);
  expect(await late).toBe('late');
});
