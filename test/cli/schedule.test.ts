import path from 'node:path';
import { until } from '../support/until';
import { scheduleStack, type ScheduleStack } from './schedule-stack';

const installation = 'schedule-cli';
const yearly = ['--cron', '0 0 1 1 *'];
const spark = ['--engine', 'spark-2.4.3', '--run-type', 'sql'];
const select = ['linkis', 'run', '--code', "select '{{scheduledDate}}' as day", ...spark];

let stack: ScheduleStack;
beforeAll(async () => {
  stack = await scheduleStack(installation);
});
afterEach(() => stack.configure());
afterAll(() => stack.close());

async function refused(...args: string[]): Promise<string> {
  const typed = stack.terminal();
  expect(await typed.run(...args)).toBe(2);
  return typed.stderr;
}

async function described(name: string) {
  return stack.json('schedule', 'describe', name);
}

test('a schedule is made, triggered, watched, paused, resumed, backfilled and deleted', async () => {
  const made = await stack.json(
    ...['schedule', 'create', 'days', ...yearly, '--time-zone', 'Europe/Vienna'],
    ...['--note', 'each new year', '--overlap', 'buffer-all', '--', ...select],
  );
  expect(made).toMatchObject({
    schedule: 'days',
    scheduleId: `remote-jobs/${installation}/days`,
    created: true,
    paused: false,
    warnings: [],
  });
  expect(made.nextAt[0]).toMatch(/-12-31T23:00:00/);

  await stack.json('schedule', 'pause', 'days', '--note', 'for the test');
  const typed = stack.terminal();
  expect(await typed.run('--quiet', 'schedule', 'trigger', 'days')).toBe(0);
  const id = typed.stdout.trim();
  expect(id).toMatch(/^scheduled\/schedule-cli\/days-20/);
  expect(await typed.run('watch', id)).toBe(0);
  expect(typed.stdout).toContain(new Date().toISOString().slice(0, 4));
  expect(await typed.run('logs', id)).toBe(0);
  const { jobs } = await stack.json('list', '--limit', '1000');
  expect(jobs.map((job: { id: string }) => job.id)).toContain(id);

  const asked = ['schedule', 'backfill', 'days', '--from', '2024-01-01', '--to', '2024-12-31'];
  const listed = await stack.json(...asked, '--dry-run');
  expect(listed).toEqual({
    schedule: 'days',
    times: ['2023-12-31T23:00:00.000Z'],
    begun: false,
  });
  expect((await stack.json(...asked)).begun).toBe(true);
  await until(async () => (await described('days')).counts.taken === 2);
  await stack.json('schedule', 'resume', 'days');

  expect(await typed.run('schedule', 'describe', 'days')).toBe(0);
  expect(typed.stdout).toMatch(/^note +each new year$/m);
  expect(typed.stdout).toMatch(/^runs +linkis run --code /m);
  expect(typed.stdout).toMatch(/^when +at 0 0 1 1 \*, in Europe\/Vienna$/m);
  expect(typed.stdout).toMatch(/^next +\d{4}-01-01 00:00:00 \+01:00$/m);
  expect(typed.stdout).toMatch(/^missed runs +.*all of them run, one after the other/m);
  expect(typed.stdout).toMatch(/^scheduled\/schedule-cli\/days-.* +Succeed$/m);

  await stack.json('schedule', 'delete', 'days');
  expect(await refused('schedule', 'describe', 'days')).toContain('schedule days is not known');
});

test('what a schedule runs is read as the command itself would read it', async () => {
  const create = (...words: string[]) => refused('schedule', 'create', 'a', ...yearly, ...words);
  expect(await create()).toContain(
    'names nothing to run; give chain refresh, sqlflow run, linkis run',
  );
  expect(await create('--', 'orphans', '--kill')).toContain(
    '"orphans --kill", which no schedule can',
  );
  expect(await create('--', 'linkis', 'run', '--code', 'x')).toContain('--engine is missing');
  expect(await create('--', 'linkis', 'run', '--engin', 'x')).toContain("unknown option '--engin'");
  expect(await create('--', 'sqlflow', 'run', 'a.sql')).toContain('--dbvendor is missing');
  const chain = ['--', 'chain', 'refresh', '--connection', 'sqlflow'];
  expect(await create(...chain)).toContain("missing required argument 'NAME'");
  expect(await create(...chain, 'a', '--dbvendor', 'hive')).toContain('names no files');
  expect(await create(...chain, 'a', '.', '--dbvendor', 'hive', '--out', 'x')).toContain(
    "--out doesn't go with a schedule: results stay in the artifact store",
  );
  expect(await create('--', ...select, '--deadline', '2030-01-01')).toContain('Give a duration');
  expect(await refused('schedule', 'create', 'a', '--cron', 'daily', '--', ...select)).toContain(
    'cron "daily" has 1 fields',
  );
  expect(await create('--', ...select, '--var', 'a={{yesterday}}')).toContain(
    'variables.a holds {{yesterday}}, which is no variable; there are {{scheduledTime}}',
  );
});

test('files that the worker may not read are warned of when the schedule is made', async () => {
  const { warnings } = await stack.json(
    ...['schedule', 'create', 'outside', '--every', '1d', '--paused', '--'],
    ...['chain', 'refresh', 'a', 'sql/*.sql', '/elsewhere/{{scheduledDate}}.sql'],
    ...['--connection', 'sqlflow', '--dbvendor', 'hive', '--relation-types', 'join,FDD'],
    ...['--files-from', 'a.txt', '--base', 'sql', '--files-from', '{{scheduledDate}}.txt'],
  );
  expect(warnings).toEqual([expect.stringMatching(/^\/elsewhere lies outside the folders/)]);
  expect(await described('outside')).toMatchObject({
    paused: true,
    definition: {
      run: {
        files: { filesFrom: ['a.txt', '{{scheduledDate}}.txt'], base: 'sql' },
        // In one order, whatever was typed.
        refresh: { exportSettings: { showRelationType: 'fdd,join' } },
      },
    },
  });
});

test('declared schedules are applied with a diff, and nothing is done on --dry-run', async () => {
  const declare = (cron: string) => `schedules:
  nightly:
    cron: '${cron}'
    timeZone: Europe/Vienna
    catchUp: 2h
    run: linkis run --file 'daily {{scheduledDate}}.sql' --engine spark-2.4.3 --run-type sql
  hourly: { every: 1h, offset: 10m, paused: true, run: [linkis, run, --code, select 1, ${spark.join(', ')}] }
`;
  await stack.configure(declare('0 2 * * *'));
  const kinds = ({ schedules }: any) => schedules.map((one: any) => `${one.kind} ${one.name}`);
  const dry = await stack.json('schedule', 'apply', '--dry-run');
  expect([dry.applied, kinds(dry)]).toEqual([false, ['create nightly', 'create hourly']]);
  expect(await refused('schedule', 'describe', 'nightly')).toContain('is not known');
  await stack.json('schedule', 'apply');
  const { definition } = await described('nightly');
  // Paths begin where the configuration lies.
  expect(definition.run.codeFile).toBe(path.join(stack.cwd, 'daily {{scheduledDate}}.sql'));
  expect(await described('hourly')).toMatchObject({ declared: true, paused: true });

  await stack.configure(declare('0 3 * * *').replace(/ {2}hourly.*\n/, ''));
  // The list is a moment behind.
  await until(async () => kinds(await stack.json('schedule', 'apply', '--dry-run')).length === 2);
  const typed = stack.terminal();
  expect(await typed.run('schedule', 'apply')).toBe(0);
  expect(typed.stdout).toBe(
    '~ nightly\n    times.cron[0]: "0 2 * * *" → "0 3 * * *"\n! hourly is not declared any more; --prune deletes it\n',
  );
  expect(await typed.run('schedule', 'apply', '--prune')).toBe(0);
  expect(typed.stdout).toBe('  nightly\n- hourly\n');
  expect(typed.stderr).toContain('1 schedule will be deleted (--prune): hourly');
  expect(typed.stderr).toContain('0 created, 0 changed, 1 deleted, 1 unchanged.');

  await stack.configure();
  expect(await refused('schedule', 'apply', '--prune')).toContain(
    'prune would delete every schedule that was ever declared, since none is declared here',
  );
  expect(await described('nightly')).toMatchObject({ declared: true });

  // What the server alone refuses.
  await stack.configure(
    declare('0 3 * * *').replace('Europe/Vienna', 'Asia/kolkata').replace('paused: true, ', ''),
  );
  expect(await typed.run('schedule', 'apply')).not.toBe(0);
  expect(typed.stderr).toContain('schedules.nightly: ');
  expect(typed.stderr).toContain(' 2 left as they were, nightly the first of them.');
});

test('a schedule that never runs is made, with a warning', async () => {
  const never = ['--cron', '0 0 30 2 *'];
  const words = 'it will never run: none of its times lies ahead; look at its day, month and year';
  const { warnings } = await stack.json('schedule', 'create', 'never', ...never, '--', ...select);
  expect(warnings).toEqual([words]);
  await stack.configure(
    `schedules:\n  no: { cron: '0 0 30 2 *', run: [linkis, run, --code, x, ${spark.join(', ')}] }\n`,
  );
  const typed = stack.terminal();
  expect(await typed.run('schedule', 'apply')).toBe(0);
  expect(typed.stderr).toContain(`no: ${words}`);
});

test('a backfill’s times with jitter are said to be that', async () => {
  const jitter = ['--cron', '30 23 * * *', '--jitter', '1h', '--paused'];
  await stack.json('schedule', 'create', 'jittered', ...jitter, '--', ...select);
  const typed = stack.terminal();
  const asked = ['backfill', 'jittered', '--from', '2026-05-01', '--to', '2026-05-02'];
  expect(await typed.run('schedule', ...asked, '--dry-run')).toBe(0);
  expect(typed.stdout.trim().split('\n')).toHaveLength(2);
  expect(typed.stderr).toContain("these times hold the schedule's jitter, up to 1h");
});

test('a mistake in what is declared is named at its line, or by its schedule, and nothing is made', async () => {
  await stack.configure(
    'schedules:\n  a: { cron: 5, overlap: terminate, every: soon, run: "x \'y" }\n',
  );
  const typed = stack.terminal();
  expect(await typed.run('schedule', 'apply')).toBe(2);
  const problems = [
    "schedules.a.cron must be a cron expression such as '0 2 * * *', or a list of them",
    'schedules.a.overlap must be one of skip, buffer-one, buffer-all, cancel-other, allow-all',
    'schedules.a.every is "soon": give a duration such as 15m, 1h or 1d',
    "schedules.a.run has a ' that isn't closed",
  ];
  for (const problem of problems) expect(typed.stderr).toContain(problem);
  expect(typed.stderr).toMatch(/remote-jobs\.yaml:5:/);

  await stack.configure(
    'schedules:\n  good: { every: 1h, run: chain refresh a sql --dbvendor hive --connection x }\n  bad: { every: 1h, run: linkis run }\n  cron: { cron: never, run: linkis run --code 1 --engine a-1 --run-type sql }\n',
  );
  expect(await refused('schedule', 'apply')).toContain('schedules.bad.run: --engine is missing');
  expect(await refused('config', 'check')).toContain('schedules.bad.run: --engine is missing');
  expect(await refused('schedule', 'describe', 'good')).toContain('is not known');
});

test('the list shows the schedule for orphans beside the others', async () => {
  await stack.json('orphans', '--schedule', '1d');
  await until(async () => {
    const { schedules } = await stack.json('schedule', 'list');
    return schedules.some(({ kind }: { kind: string }) => kind === 'orphans');
  });
  const typed = stack.terminal();
  expect(await typed.run('schedule', 'list')).toBe(0);
  expect(typed.stdout).toContain(`remote-jobs-orphans-${installation}`);
  await stack.json('orphans', '--unschedule');
});
