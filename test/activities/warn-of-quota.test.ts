import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { warnOfAssumedQuotas } from '../../activities/warn-of-quota';
import { openSettings } from '../../src/config/options';
import { moveClock } from '../support/clock';

afterEach(() => jest.restoreAllMocks());

test('calls beyond a quota that nobody has set are told once a month, with what to set', () => {
  const account = { type: 'sqlflow', userId: 'u', token: { value: 'secret' } } as const;
  const url = 'https://api.gudusoft.com/gspLive_backend';
  const { connections } = openSettings({
    connections: {
      cloud: { ...account, url },
      set: { ...account, url, quota: { calls: 1, per: 'month' } },
      own: { ...account, url: 'http://127.0.0.1:9' },
    },
  });
  const told: LogEntry[] = [];
  warnOfAssumedQuotas(connections, new DefaultLogger('WARN', (entry) => void told.push(entry)));
  const ask = (connection: string, calls: number) => {
    for (let call = 0; call < calls; call += 1)
      connections.budget(connection).answered('foreground', 200);
  };

  for (const connection of ['cloud', 'set', 'own']) ask(connection, 10_000);
  expect(told).toEqual([]);
  ask('cloud', 10_000);
  expect(told).toMatchObject([
    {
      level: 'WARN',
      message: expect.stringMatching(
        /^this worker has asked cloud 10001 times this month, .*10000 calls a month.*set connections\.cloud\.quota to /,
      ),
      meta: { connection: 'cloud' },
    },
  ]);
  moveClock(32 * 24 * 60 * 60_000);
  ask('cloud', 10_001);
  expect(told).toHaveLength(2);
});
