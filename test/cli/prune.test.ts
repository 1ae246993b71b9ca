import { pruneScheduleId } from '../../src/starter/prune';
import { moveClock } from '../support/clock';
import { until } from '../support/until';
import { cliStack, type CliStack } from './cli-stack';
import type { Terminal } from './terminal';

const hourMs = 3_600_000;
const installation = `prune-${process.pid}`;

let stack: CliStack;
let plain: Terminal;
beforeAll(async () => {
  stack = await cliStack();
  await stack.write('a.sql', 'create view v as select a from t;');
  plain = stack.terminal();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => stack.close());

const prune = (...args: string[]) =>
  plain.run('sqlflow', 'prune', '--connection', 'sqlflow', ...args);

/** Jobs of the account, by their readable names. */
function left(): string[] {
  return stack.sqlflow.jobs().map(({ jobName }) => jobName.replace(/--.*$/, ''));
}

test('only what is exported and ended long enough ago goes, and nothing on --dry-run', async () => {
  const run = ['sqlflow', 'run', 'a.sql', '--dbvendor', 'hive', '--name'];
  expect(await plain.run(...run, 'exported')).toBe(0);
  expect(await plain.run(...run, 'kept', '--persist')).toBe(0);
  const { client } = stack.jobs.temporal;
  const open = `TaskQueue = "${stack.jobs.temporal.taskQueue}" AND ExecutionStatus = 'Running'`;
  await until(async () => (await client.workflow.count(open)).count === 0);

  expect(await prune('--output', 'json')).toBe(0);
  expect(plain.json).toMatchObject({ deleted: 0, left: 0, dryRun: false, exitCode: 0 });

  moveClock(2 * hourMs);
  expect(await prune('--older-than', '1h', '--dry-run')).toBe(0);
  expect(plain.stderr).toContain('1 job ended 1h ago or earlier and would be deleted.');
  expect(left().sort()).toEqual(['exported', 'kept']);

  expect(await prune('--older-than', '1h')).toBe(0);
  expect(plain.stderr).toContain('Deleted 1 job that ended 1h ago or earlier.');
  expect(left()).toEqual(['kept']);
});

test.each([
  [['--older-than', '59m'], /--older-than is too short: give 1h at least/],
  [['--connection', 'flow'], /There is no SQLFlow connection "flow".*"sqlflow"/],
  [['--unschedule', '--dry-run'], /--unschedule.*--dry-run|--dry-run.*--unschedule/],
])('%j is wrong usage, and nothing is deleted', async (args, words) => {
  const before = left();
  expect(await plain.run('sqlflow', 'prune', ...args)).toBe(2);
  expect(plain.stderr).toMatch(words);
  expect(left()).toEqual(before);
});

test('a schedule has Temporal do it, is replaced by the next one, and removed', async () => {
  await stack.write('named.yaml', `installation: ${installation}\n`);
  const named = (...args: string[]) =>
    plain.run('sqlflow', 'prune', '--config', 'named.yaml', '--output', 'json', ...args);
  const scheduleId = pruneScheduleId(installation);
  try {
    expect(await named('--schedule', '6h', '--older-than', '12h')).toBe(0);
    expect(plain.json).toMatchObject({ scheduleId, schedule: 'created' });
    expect(await named('--schedule', '1d')).toBe(0);
    expect(plain.json).toMatchObject({ scheduleId, schedule: 'updated' });
  } finally {
    expect(await named('--unschedule')).toBe(0);
  }
  expect(plain.json).toMatchObject({ schedule: 'removed' });
  expect(await named('--unschedule')).toBe(0);
  expect(plain.json).toMatchObject({ schedule: 'none' });
});
