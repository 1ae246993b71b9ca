import { forecast, type MonthAhead } from '../../src/cli/doctor/quota-forecast';
import { quotaWords } from '../../src/cli/quota-words';

const ahead = (more: Partial<MonthAhead> = {}) =>
  forecast({
    connection: 'lineage',
    quota: { calls: 10_000, per: 'month' },
    named: '10,000 calls a month',
    runs: 30,
    runCalls: 180,
    workers: 1,
    ...more,
  });

test('a nightly job fits the free plan', () => {
  expect(ahead()).toMatchObject({ status: 'ok' });
  expect(ahead().found).toBe(
    '10,000 calls a month: 30 scheduled run(s) in the next 30 days need about 180 calls, and 2,250 looks, if each takes 10 minutes; that fits',
  );
});

test('where looks get slower it says how slow at most', () => {
  const { status, found } = ahead({ runs: 720, runCalls: 4320 });
  expect(status).toBe('ok');
  expect(found).toContain(
    'more than 4,680 that are left, so looks get slower, down to one each 9m14s',
  );
});

test('calls beyond the quota, and calls that leave hardly any for looks, are told with a cure', () => {
  for (const runCalls of [7000, 12_000]) {
    expect(ahead({ runs: 1500, runCalls })).toMatchObject({
      status: 'warning',
      cure: expect.stringContaining('{ calls: 100000, per: day }'),
    });
  }
});

test('workers that take more than the whole quota together are told their share', () => {
  const three = ahead({ workers: 3 });
  expect(three).toMatchObject({ status: 'warning' });
  expect(three.found).toContain('3 workers wait for jobs, and together they may take 3 times that');
  expect(three.cure).toBe(
    'set connections.lineage.quota with "share: 0.33" where each of them runs',
  );
  const quota = { calls: 10_000, per: 'month', share: 0.33 } as const;
  expect(ahead({ workers: 3, quota })).toMatchObject({ status: 'ok' });
});

test("the cloud's quota is assumed where none is set, on-premise there is none", () => {
  const connection = (url: string) => ({ type: 'sqlflow', url, userId: 'demo' }) as const;
  expect(quotaWords(connection('https://api.gudusoft.com/gspLive_backend'))).toBe(
    "10,000 calls a month (the free plan's, for none is set)",
  );
  expect(quotaWords(connection('https://sqlflow.example.com/gspLive_backend'))).toBeUndefined();
  expect(quotaWords(connection('https://gudusoft.com.example.com/api'))).toBeUndefined();
  expect(
    quotaWords({ ...connection('https://api.gudusoft.com/x'), quota: { calls: 5, per: 'day' } }),
  ).toBe('5 calls a day');
});
