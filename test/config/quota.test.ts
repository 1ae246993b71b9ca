import { loadConfig } from '../../src/config/load';
import { openSettings } from '../../src/config/options';
import { folderWith, problemsOf } from './support';

const load = (settings: string, type: 'sqlflow' | 'linkis' = 'sqlflow') => {
  const account = { sqlflow: 'userId: demo', linkis: 'user: etl' }[type];
  const head = `connections:\n  one:\n    type: ${type}\n    url: http://host:9001\n    ${account}\n    token: { env: T }\n`;
  return loadConfig({
    env: {},
    cwd: folderWith({ 'remote-jobs.yaml': `${head}    ${settings}\n` }),
  });
};

test('a quota, a rate and live places are taken as they stand', () => {
  const rate = 'maxRequestsPerSecond: 5\n    quota: { calls: 100000, per: day, share: 0.25 }';
  expect(load(rate).connections['one']).toMatchObject({
    maxRequestsPerSecond: 5,
    quota: { calls: 100_000, per: 'day', share: 0.25 },
  });
  expect(load('liveBudget: 3', 'linkis').connections['one']).toMatchObject({ liveBudget: 3 });
  expect(load('quota:').connections['one']).not.toHaveProperty('quota', expect.anything());
});

test.each([
  [
    'quota: 10000',
    '7:12: connections.one.quota must say how many calls the service allows, such as { calls: 10000, per: month }, not 10000',
  ],
  ['quota: { calls: 10 }', '7:5: connections.one.quota.per is missing: give day or month'],
  [
    'quota: { calls: 10, per: week }',
    '7:30: connections.one.quota.per must be day or month, not "week"',
  ],
  [
    'quota: { calls: 0, per: day }',
    '7:21: connections.one.quota.calls must be a whole number of calls from 1 to 1000000000, not 0',
  ],
  [
    'quota: { calls: 10, per: day, share: 25 }',
    "7:42: connections.one.quota.share must be this worker's part of the calls, over 0 and up to 1, not 25",
  ],
  [
    'quota: { calls: 10, per: day, shares: 1 }',
    '7:35: connections.one.quota.shares is no setting: did you mean "share"?',
  ],
  [
    'maxRequestsPerSecond: 0.5',
    '7:27: connections.one.maxRequestsPerSecond must be a whole number of requests from 1 to 10000, not 0.5',
  ],
  ['liveBudget: 5', '7:5: connections.one.liveBudget is no setting: known are'],
])('%s is told at its place, with what to write', async (settings, problem) => {
  const problems = await problemsOf(() => load(settings));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`remote-jobs.yaml:${problem}`);
});

test("code sets the same, with the same checks, and gets the cloud's quota where it sets none", async () => {
  const flow = { type: 'sqlflow', userId: 'u', token: { value: 'secret' } } as const;
  const url = 'http://127.0.0.1:9';
  const { connections } = openSettings({
    connections: {
      cloud: { ...flow, url: 'https://api.gudusoft.com/gspLive_backend' },
      own: { ...flow, url },
      set: { ...flow, url, quota: { calls: 1000, per: 'day' } },
    },
  });
  // A tenth of a day's part, of which a tenth is kept back.
  expect(connections.budget('cloud').quotaLeft).toBeCloseTo(30, 1);
  expect(connections.budget('own').quotaLeft).toBeUndefined();
  expect(connections.budget('set').quotaLeft).toBeCloseTo(90, 1);
  const wrong = { ...flow, url, quota: { calls: 1, per: 'year' } } as never;
  expect(await problemsOf(() => openSettings({ connections: { wrong } }))).toEqual([
    'connections.wrong.quota.per must be day or month, not "year"',
  ]);
});

test('all who use a connection share its budget, whoever they act for', async () => {
  const url = 'http://127.0.0.1:9';
  const task = { type: 'linkis', url, user: 'etl', users: ['bob'], token: { value: 't' } } as const;
  const { connections } = openSettings({ connections: { a: task, b: task } });
  const [first, again, other] = [
    await connections.linkis('a'),
    await connections.linkis('a'),
    await connections.linkis('b'),
  ];
  expect(first.budget).toBe(connections.budget('a'));
  expect(again.budget).toBe(first.budget);
  expect(other.budget).not.toBe(first.budget);
  await connections.close();
});
