import { describeSchedule, type ScheduledRunStanding } from '../../src/starter/schedule-standing';
import { until } from '../support/until';
import { scheduleStack, type ScheduleStack } from './schedule-stack';

let stack: ScheduleStack;

beforeAll(async () => {
  stack = await scheduleStack('pipelines');
});
afterAll(() => stack.close());

const yearly = ['--cron', '0 0 1 1 *'];
const etl = (word: string) => `
name: yearly
params: { day: { type: date }, word: { type: string, default: ${word} } }
steps:
  load:
    linkis:
      code: select '{{params.day}} {{params.word}}' as said
      engine: spark-2.4.3
      runType: sql
  other: { linkis: { code: select 1 as one, engine: spark-2.4.3, runType: sql } }
`;

async function ended(name: string, runs: number) {
  const target = { installation: stack.installation, name };
  const { client } = stack.jobs.temporal;
  let found: readonly ScheduledRunStanding[] = [];
  await until(async () => {
    ({ runs: found } = await describeSchedule(client, target));
    return found.filter(({ outcome }) => outcome !== undefined).length >= runs;
  });
  return found;
}

test('a schedule reads its pipeline anew for each run, which is listed as a run and has its own day', async () => {
  await stack.write('etl.yaml', etl('first'));
  const words = [
    'pipeline',
    'run',
    'etl.yaml',
    '--param',
    'day={{scheduledDate-1d}}',
    '--only',
    'load',
  ];
  await stack.json('schedule', 'create', 'yearly', ...yearly, '--', ...words);
  await stack.write('etl.yaml', etl('second'));
  const range = ['--from', '2026-01-01', '--to', '2026-01-02'];
  await stack.json('schedule', 'backfill', 'yearly', ...range);
  const [run] = await ended('yearly', 1);
  expect(run).toMatchObject({
    status: 'COMPLETED',
    workflowId: 'scheduled/pipelines/yearly-2026-01-01T00:00:00Z',
    outcome: { kind: 'succeeded', result: { counts: { succeeded: 1, leftOut: 1 } } },
  });
  const id = run!.workflowId;
  const { pipelines } = await stack.json('pipeline', 'list', '--name', 'yearly');
  expect(pipelines).toMatchObject([{ id, pipeline: { name: 'yearly', steps: 2 } }]);
  const terminal = stack.terminal();
  expect(await terminal.run('results', `${id}/load`)).toBe(0);
  expect(terminal.stdout).toContain('2025-12-31 second');
});

test('what is wrong with the file, or with its parameters, is told when the schedule is made, and by each run', async () => {
  const terminal = stack.terminal();
  await stack.write('broken.yaml', 'name: broken\nsteps: { load: { linkiss: {} } }\n');
  const create = (...words: string[]) =>
    terminal.run('schedule', 'create', 'broken', ...yearly, '--', 'pipeline', 'run', ...words);
  expect(await create('broken.yaml')).toBe(2);
  expect(terminal.stderr).toContain('broken.yaml:2:');
  await stack.write('etl.yaml', etl('first'));
  expect(await create('etl.yaml')).toBe(2);
  expect(terminal.stderr).toContain('--param day=');
  expect(await create('etl.yaml', '--param', 'day=2026-05-01')).toBe(0);
  await stack.write('etl.yaml', 'name: yearly\nsteps: {}\n');
  await terminal.run('schedule', 'trigger', 'broken');
  const [run] = await ended('broken', 1);
  expect(run).toMatchObject({
    status: 'FAILED',
    outcome: { kind: 'invalid', message: expect.stringContaining('etl.yaml:2:') },
  });
});
