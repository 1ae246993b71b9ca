import { randomUUID } from 'node:crypto';
import { LiveBudget } from '../../activities/live-budget';
import type { JobProgress } from '../../src/contracts/job';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { until } from '../support/until';
import { activityStack, Attempt, type ActivityStack } from './support';

let linkis: LocalLinkis;
let stack: ActivityStack;
beforeAll(async () => {
  linkis = await LocalLinkis.start();
  const token = { value: 'local-token' };
  const users = ['alice'];
  stack = await activityStack(
    { linkis },
    {
      connections: {
        few: { type: 'linkis', url: linkis.url, user: 'hadoop', token, users, liveBudget: 1 },
      },
    },
  );
});
afterAll(async () => {
  await stack.close();
  await linkis.close();
});

test('so many tasks of a connection have live figures at a time, whoever they run as', async () => {
  const submit = (user: string) => {
    const code = '-- local: delay 600s\nselect 1 as one';
    const task = { engine: 'spark-2.4.3', runType: 'sql', code, user };
    return stack.run('linkisSubmitTask', { task, key: randomUUID() });
  };
  const attempts = [new Attempt(), new Attempt()];
  const submitted = [await submit('hadoop'), await submit('alice')];
  const waits = submitted.map(({ connection, remoteId: taskId, ...more }, index) => {
    const input = { ...more, connection, taskId, deadlineAtMs: Date.now() + 600_000 };
    return stack.run('linkisAwaitTask', input, attempts[index]).catch(() => undefined);
  });
  const words = () => attempts.map(({ beats }) => beats as JobProgress[]);
  const live = () => words().filter((told) => told.some(({ logLines }) => logLines !== undefined));
  await until(async () => live().length > 0);
  // The other one is looked at as well, and some more.
  await until(async () => words().every((told) => told.some(({ status }) => status === 'Running')));
  const looks = () => linkis.service.calls.filter(({ endpoint }) => /jobhistory/.test(endpoint));
  const soFar = looks().length;
  await until(async () => looks().length > soFar + 4);
  expect(live()).toHaveLength(1);
  for (const { environment } of attempts) environment.cancel();
  await Promise.all(waits);
});

test('tasks take turns in the order in which they asked, and keep their place while nobody waits', () => {
  jest.useFakeTimers();
  try {
    const budget = new LiveBudget(2);
    const [first, second, third, fourth] = [1, 2, 3, 4].map(() => budget.join());
    const who = () => [first, second, third, fourth].map((turns) => turns?.has());
    expect([first?.has(), second?.has()]).toEqual([true, true]);
    jest.advanceTimersByTime(24 * 3_600_000);
    expect([first?.has(), second?.has()]).toEqual([true, true]);
    // Others ask: places that were held for long are given up, in turn.
    expect([third?.has(), fourth?.has()]).toEqual([false, false]);
    expect([first?.has(), second?.has()]).toEqual([false, false]);
    expect(who()).toEqual([false, false, true, true]);
    jest.advanceTimersByTime(29_000);
    expect(who()).toEqual([false, false, true, true]);
    jest.advanceTimersByTime(1000);
    expect([third?.has(), fourth?.has()]).toEqual([false, false]);
    expect(who()).toEqual([true, true, false, false]);
    // Who leaves makes room at once, and stands in nobody's way.
    third?.leave();
    first?.leave();
    expect(fourth?.has()).toBe(true);
  } finally {
    jest.useRealTimers();
  }
});
