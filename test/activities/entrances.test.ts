import { Entrances } from '../../activities/linkis/entrances';

afterEach(() => jest.restoreAllMocks());

const task = (createdAtMs: number | undefined, instance = 'host:1') => ({
  taskId: '1',
  status: 'Running',
  source: {},
  labels: {},
  createdAtMs,
  instance,
});

test('an entrance that holds a task holds those that it took since, and no older ones', () => {
  jest.spyOn(Date, 'now').mockReturnValue(5000);
  const entrances = new Entrances();
  expect(entrances.heldAtMs(task(2000))).toBeUndefined();
  entrances.holds(task(2000), 1000);
  expect(entrances.heldAtMs(task(2000))).toBe(5000);
  expect(entrances.heldAtMs(task(3000))).toBe(5000);
  expect(entrances.heldAtMs(task(1999))).toBeUndefined();
  // Taken after the proof: the entrance may have restarted in between.
  expect(entrances.heldAtMs(task(5001))).toBeUndefined();
  expect(entrances.heldAtMs(task(3000, 'host:2'))).toBeUndefined();
  expect(entrances.heldAtMs(task(undefined))).toBeUndefined();
});

test('the proof by the oldest task stays while it is good, and gives way to any other then', () => {
  const now = jest.spyOn(Date, 'now').mockReturnValue(5000);
  const entrances = new Entrances();
  entrances.holds(task(2000), 1000);
  now.mockReturnValue(5500);
  entrances.holds(task(3000), 1000);
  expect(entrances.heldAtMs(task(2000))).toBe(5000);
  entrances.holds(task(1000), 1000);
  expect(entrances.heldAtMs(task(1000))).toBe(5500);
  now.mockReturnValue(6500);
  entrances.holds(task(3000), 1000);
  expect(entrances.heldAtMs(task(3000))).toBe(6500);
  expect(entrances.heldAtMs(task(2000))).toBeUndefined();
});

test('few questions are under way at a time, and nobody waits for a place', async () => {
  const entrances = new Entrances();
  const answers: ((answer: string) => void)[] = [];
  const ask = () => entrances.ask(() => new Promise<string>((resolve) => answers.push(resolve)));
  const under = [ask(), ask()];
  expect(await ask()).toBeUndefined();
  answers.forEach((answer) => answer('held'));
  expect(await Promise.all(under)).toEqual(['held', 'held']);
  const failing = entrances.ask(() => Promise.reject(new Error('away')));
  await expect(failing).rejects.toThrow('away');
  expect(await entrances.ask(() => Promise.resolve('again'))).toBe('again');
});
