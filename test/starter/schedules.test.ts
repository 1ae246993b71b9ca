import { randomUUID } from 'node:crypto';
import { cronMistake, namesBothDays } from '../../src/contracts/cron';
import { scheduleIdOf, type ScheduleDefinition } from '../../src/contracts/schedule';
import { scheduleWarnings } from '../../src/contracts/validate-schedule';
import { scheduleOrphans } from '../../src/starter/orphans';
import {
  backfillSchedule,
  matchingTimes,
  pauseSchedule,
  resumeSchedule,
} from '../../src/starter/schedule-control';
import { applySchedules, planSchedules } from '../../src/starter/schedule-plan';
import { describeSchedule, listSchedules } from '../../src/starter/schedule-standing';
import { createSchedule, deleteSchedule, replaceSchedule } from '../../src/starter/schedules';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';

/** Never at work here: nothing runs but what a test begins. */
const yearly = '0 0 1 1 *';
const installation = `starter-${randomUUID().slice(0, 8)}`;
const owner = { installation, taskQueue: 'nobody' };

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(async () => {
  const { client } = temporal;
  for await (const { scheduleId } of client.schedule.list()) {
    if (!scheduleId.includes(installation)) continue;
    await client.schedule.getHandle(scheduleId).delete();
  }
  await temporal.close();
});

function definition(name: string, more: Partial<ScheduleDefinition> = {}): ScheduleDefinition {
  return {
    name,
    times: { cron: [yearly] },
    policy: {},
    run: {
      type: 'linkisTask',
      job: { code: "select '{{scheduledDate}}'", engine: 'spark-2.4.3', runType: 'sql' },
    },
    ...more,
  };
}

function target(name: string) {
  return { installation, name };
}

test('a cron expression is refused here where the server refuses it', async () => {
  const { client } = temporal;
  const accepts = async (cron: string) => {
    const scheduleId = `${installation}-cron-${randomUUID()}`;
    const action = { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' } as const;
    try {
      const state = { paused: true };
      const spec = { cronExpressions: [cron] };
      const handle = await client.schedule.create({ scheduleId, spec, action, state });
      await handle.delete();
      return true;
    } catch {
      return false;
    }
  };
  const asked = [
    ...['0 2 * * *', '*/15 8-18 * * mon-fri', '0 0 1,15 jan,JUL sun', '5/10 * * * *', '0 0 * * 7'],
    ...[
      '0 0 1 1 * 2030',
      '30 0 0 1 1 * 2030-2032',
      '@daily',
      '0 0 * september th',
      '1-59/2 0 * * *',
    ],
    ...['0 0 * * 5-7', '59 23 31 12 6', '  0   2 * *  * '],
    ...[
      '60 * * * *',
      '* 24 * * *',
      '* * 0 * *',
      '* * 32 * *',
      '* * * 13 *',
      '* * * * 8',
      '* * * foo *',
    ],
    ...[
      '* * * *',
      '* * * * * * * *',
      '',
      '5-1 * * * *',
      '1-2-3 * * * *',
      '*/0 * * * *',
      '*/x * * * *',
    ],
    ...[
      '1//2 * * * *',
      'a * * * *',
      '* * * ja *',
      '* * * * m',
      '-1 * * * *',
      '0 0 1 1 * 1999',
      '@often',
    ],
    ...['? * * * *', '0 0 L * *', '1, * * * *', '*,5 * * * *', '0 0 15W * *', '0 0 * * 1-8'],
  ];
  const answers = await Promise.all(
    asked.map(async (cron) => ({ cron, fine: await accepts(cron) })),
  );
  expect(asked.map((cron) => ({ cron, fine: cronMistake(cron) === undefined }))).toEqual(answers);
});

test('what the server takes in another way than it is meant is refused, or warned of', () => {
  expect(cronMistake('0 0 * * 1#2')).toContain('takes for a comment');
  expect(cronMistake('TZ=Europe/Vienna 0 2 * * *')).toContain('as the time zone of the schedule');
  expect(cronMistake('@every 90m')).toContain('give it as an interval');
  expect(namesBothDays('0 2 13 * 5')).toBe(true);
  expect(namesBothDays('0 2 13 * *')).toBe(false);
  const both = definition('both', { times: { cron: ['0 2 13 * 5'] } });
  expect(scheduleWarnings(both)).toEqual([expect.stringContaining('only where both match')]);
});

test('the day of the month and that of the week must both match', async () => {
  const name = 'friday-13';
  await createSchedule(
    temporal.client,
    definition(name, { times: { cron: ['0 2 13 * 5'] } }),
    owner,
  );
  const range = { from: new Date('2026-01-01'), to: new Date('2027-01-01') };
  const times = await matchingTimes(temporal.client, target(name), range);
  expect(times.map((at) => at.toISOString().slice(0, 10))).toEqual([
    '2026-02-13',
    '2026-03-13',
    '2026-11-13',
  ]);
});

test('a time of day that the clocks skip has no run, and one that comes twice has one', async () => {
  const times = { cron: ['30 2 * * *'], timeZone: 'Europe/Vienna' };
  await createSchedule(temporal.client, definition('clocks', { times }), owner);
  const runs = async (from: string, to: string) =>
    (
      await matchingTimes(temporal.client, target('clocks'), {
        from: new Date(from),
        to: new Date(to),
      })
    ).map((at) => at.toISOString());
  // At 02:00 on 29 March it is 03:00; at 03:00 on 25 October it is 02:00 once more.
  expect(await runs('2026-03-28', '2026-03-31')).toEqual([
    '2026-03-28T01:30:00.000Z',
    '2026-03-30T00:30:00.000Z',
  ]);
  const twice = await runs('2026-10-24T12:00Z', '2026-10-26T12:00Z');
  expect(twice).toEqual([
    expect.stringMatching(/^2026-10-25T0[01]:30:00/),
    '2026-10-26T01:30:00.000Z',
  ]);
});

test('every mistake is told before anything is made', async () => {
  const wrong = definition('wrong', {
    times: { cron: ['61 * * * *'], timeZone: 'Europe/Wien', offsetMs: 1000 },
    policy: { catchUpMs: 5000 },
    run: {
      type: 'sqlflowJob',
      files: { folder: '/sql', paths: ['{{scheduledDay}}.sql'] },
      job: { jobName: 'a', dbVendor: 'dbvhive' },
    },
  });
  await expect(createSchedule(temporal.client, wrong, owner)).rejects.toMatchObject({
    mistakes: [
      { field: 'cron', problem: expect.stringContaining('"61" for the minute') },
      { field: 'offset', problem: expect.stringContaining('goes with an interval') },
      { field: 'catchUp', problem: expect.stringContaining('from 10 s') },
      { field: 'files.paths[0]', problem: expect.stringContaining('no variable') },
      {
        field: 'timeZone',
        problem: expect.stringContaining('"Europe/Wien", which is no time zone'),
      },
    ],
  });
  await expect(describeSchedule(temporal.client, target('wrong'))).rejects.toThrow('is not known');
});

test('a chain keeps its name on every day, and a job is checked as the worker will', async () => {
  const refresh = { chain: 'a-{{scheduledDate}}', connection: 'lineage', dbVendor: 'dbvhive' };
  const files = { folder: '/sql', paths: ['.'] };
  const chain = definition('chain', { run: { type: 'chainRefresh', files, refresh } });
  await expect(createSchedule(temporal.client, chain, owner)).rejects.toMatchObject({
    mistakes: [{ field: 'chain', problem: expect.stringContaining('without variables') }],
  });
  const job = { code: 'select 1', engine: '', runType: 'sql' };
  const task = definition('task', { run: { type: 'linkisTask', job } });
  await expect(createSchedule(temporal.client, task, owner)).rejects.toMatchObject({
    mistakes: [{ field: 'engine' }],
  });
});

test('cron and an interval exclude each other, and one of them is needed', async () => {
  const make = (times: ScheduleDefinition['times']) =>
    createSchedule(temporal.client, definition('times', { times }), owner);
  await expect(make({})).rejects.toThrow('times: are missing');
  await expect(make({ cron: [yearly], everyMs: 1000 })).rejects.toThrow('times: are given twice');
  await expect(make({ everyMs: 1500 })).rejects.toThrow('every: is 1.5 s; give whole seconds');
  await expect(make({ everyMs: 60_000, offsetMs: 60_000 })).rejects.toThrow('offset: is 60 s');
});

test('a schedule is made once, and only its own installation changes or deletes it', async () => {
  const { client } = temporal;
  const name = 'mine';
  await createSchedule(client, definition(name), owner);
  await expect(createSchedule(client, definition(name), owner)).rejects.toThrow('mine exists');
  // Another's, under the very id.
  const scheduleId = scheduleIdOf(installation, 'foreign');
  const action = { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' } as const;
  const spec = { cronExpressions: [yearly] };
  const foreign = await client.schedule.create({ scheduleId, spec, action });
  for (const change of [replaceSchedule(client, definition('foreign'), owner)]) {
    await expect(change).rejects.toThrow('bears no mark of this installation');
  }
  await expect(deleteSchedule(client, target('foreign'))).rejects.toThrow('left alone');
  await foreign.delete();
  await deleteSchedule(client, target(name));
  await expect(deleteSchedule(client, target(name))).rejects.toThrow('mine is not known');
});

test('a description tells what was asked for, what follows from it, and why it is paused', async () => {
  const { client } = temporal;
  const times = { cron: ['0 2 * * *'], timeZone: 'Europe/Vienna', jitterMs: 60_000 };
  const policy = { overlap: 'buffer-one', catchUpMs: 3_600_000, pauseOnFailure: true } as const;
  const made = definition('told', { times, policy, note: 'every night' });
  await createSchedule(client, made, owner);
  const standing = await describeSchedule(client, target('told'));
  expect(standing).toMatchObject({
    scheduleId: scheduleIdOf(installation, 'told'),
    definition: { ...made, paused: false },
    declared: false,
    taskQueue: 'nobody',
    paused: false,
    runs: [],
    counts: { taken: 0, skipped: 0, missed: 0 },
  });
  const hours = standing.nextAt.map((at) =>
    at.toLocaleString('sv-SE', { timeZone: 'Europe/Vienna', hour: '2-digit' }),
  );
  expect([...new Set(hours)]).toEqual(['02']);
  await pauseSchedule(client, target('told'), 'the warehouse moves');
  const paused = await describeSchedule(client, target('told'));
  expect(paused).toMatchObject({ paused: true, pauseNote: 'the warehouse moves' });
  await resumeSchedule(client, target('told'));
  expect(await describeSchedule(client, target('told'))).toMatchObject({ paused: false });
});

test('a range for a backfill holds both its ends, some runs and not too many', async () => {
  const { client } = temporal;
  const times = { everyMs: 3_600_000, offsetMs: 600_000 };
  await createSchedule(client, definition('hourly', { times }), owner);
  const hour = (text: string) => new Date(`2026-05-01T${text}:00Z`);
  const range = { from: hour('02:10'), to: new Date(hour('04:10').getTime() + 1) };
  expect(await matchingTimes(client, target('hourly'), range)).toEqual([
    hour('02:10'),
    hour('03:10'),
    hour('04:10'),
  ]);
  const backfill = (from: Date, to: Date) =>
    backfillSchedule(client, target('hourly'), { from, to });
  await expect(backfill(hour('02:11'), hour('03:10'))).rejects.toThrow('holds no time');
  await expect(backfill(new Date('2025-01-01'), hour('00:00'))).rejects.toThrow('more than 999');
});

test('a range for a backfill is one of nominal times, whatever the jitter', async () => {
  const { client } = temporal;
  // All but surely each begins on the day after its own.
  const times = { cron: ['59 23 * * *'], jitterMs: 20 * 3_600_000 };
  await createSchedule(client, definition('late', { times, paused: true }), owner);
  const day = (text: string) => new Date(`2026-05-${text}T00:00:00Z`);
  const range = { from: day('02'), to: day('04') };
  const begun = await backfillSchedule(client, target('late'), range, 'allow-all');
  expect(begun).toEqual(await matchingTimes(client, target('late'), range));
  expect(begun).toHaveLength(2);
  let ids: string[] = [];
  await until(async () => {
    const { runs } = await describeSchedule(client, target('late'));
    ids = runs.map(({ workflowId }) => workflowId).sort();
    return ids.length === 2;
  });
  expect(ids.map((id) => id.slice(-20))).toEqual(['2026-05-02T23:59:00Z', '2026-05-03T23:59:00Z']);
  for (const id of ids) await client.workflow.getHandle(id).terminate();
});

describe('what the configuration declares', () => {
  const apply = { installation: `${installation}-apply`, taskQueue: 'nobody' };
  const steps = async (wanted: readonly ScheduleDefinition[], prune = false) =>
    planSchedules(temporal.client, wanted, { ...apply, prune });
  const listed = async () => {
    const names: string[] = [];
    for await (const { name } of listSchedules(temporal.client, apply)) names.push(name);
    return names.sort();
  };

  test('is made, changed by field, left alone where nothing changed, and pruned', async () => {
    const { client } = temporal;
    const kinds = (plan: Awaited<ReturnType<typeof steps>>) =>
      plan.map(({ name, kind }) => [name, kind]);
    const [a, b] = [definition('a'), definition('b', { policy: { overlap: 'buffer-all' } })];

    const first = await steps([a, b]);
    expect(kinds(first)).toEqual([
      ['a', 'create'],
      ['b', 'create'],
    ]);
    await applySchedules(client, first, apply);
    // The list is a moment behind.
    await until(async () => (await listed()).join() === 'a,b');
    const same = { ...a, policy: { overlap: 'skip', pauseOnFailure: false }, command: 'in words' };
    expect(kinds(await steps([same as ScheduleDefinition, b]))).toEqual([
      ['a', 'unchanged'],
      ['b', 'unchanged'],
    ]);

    await createSchedule(client, definition('by-hand'), apply);
    await until(async () => (await listed()).length === 3);
    await pauseSchedule(client, { ...apply, name: 'a' }, 'for now');
    const later = definition('a', {
      times: { cron: ['0 3 * * *', yearly], timeZone: 'Europe/Vienna' },
    });
    const second = await steps([later]);
    expect(second).toEqual([
      expect.objectContaining({ name: 'a', kind: 'update' }),
      { name: 'b', kind: 'left', changes: [] },
    ]);
    expect(second[0]?.changes).toEqual([
      { field: 'times.cron[0]', from: '"0 0 1 1 *"', to: '"0 3 * * *"' },
      { field: 'times.timeZone', from: '"UTC"', to: '"Europe/Vienna"' },
      { field: 'times.cron[1]', from: undefined, to: '"0 0 1 1 *"' },
    ]);
    const pruned = await steps([later], true);
    expect(kinds(pruned)).toEqual([
      ['a', 'update'],
      ['b', 'delete'],
    ]);
    await applySchedules(client, pruned, apply);
    await until(async () => (await listed()).join() === 'a,by-hand');
    const changed = await describeSchedule(client, { ...apply, name: 'a' });
    // The operator's pause stays.
    expect(changed).toMatchObject({ paused: true, pauseNote: 'for now', definition: later });
    expect((await steps([later]))[0]?.kind).toBe('unchanged');
  });

  test('is put back where somebody changed it with other tools, and takes over what was made by hand', async () => {
    const { client } = temporal;
    const wanted = definition('drifted', { paused: false });
    await createSchedule(client, wanted, apply);
    const handle = client.schedule.getHandle(scheduleIdOf(apply.installation, 'drifted'));
    await handle.update((found) => ({
      ...found,
      spec: { intervals: [{ every: '1h' }], jitter: '5s' },
      policies: { ...found.policies, overlap: 'ALLOW_ALL' },
      state: { paused: true },
    }));
    const [step] = await steps([wanted]);
    expect(step?.changes).toEqual(
      expect.arrayContaining([
        { field: 'times.everyMs', from: '3600000', to: undefined },
        { field: 'times.jitterMs', from: '5000', to: '0' },
        { field: 'times.cron[0]', from: undefined, to: '"0 0 1 1 *"' },
        { field: 'policy.overlap', from: '"allow-all"', to: '"skip"' },
        { field: 'paused', from: 'true', to: 'false' },
        { field: 'declared', from: 'false', to: 'true' },
      ]),
    );
    await applySchedules(client, [step!], apply);
    expect((await steps([wanted]))[0]?.kind).toBe('unchanged');
    await deleteSchedule(client, { ...apply, name: 'drifted' });
  });

  test('changes nothing where one of them is wrong', async () => {
    const wrong = definition('later', { times: { cron: ['never'] } });
    await expect(steps([definition('first'), wrong])).rejects.toThrow(
      'later.cron: "never" has 1 fields',
    );
    await expect(describeSchedule(temporal.client, { ...apply, name: 'first' })).rejects.toThrow(
      'is not known',
    );
  });

  test('is not pruned where nothing is declared', async () => {
    await expect(steps([], true)).rejects.toThrow('would delete every schedule');
  });

  test('is told as far as it was done where one of them fails', async () => {
    const { client } = temporal;
    const [done, taken, never] = ['done', 'taken', 'never'].map((name) => definition(name));
    const plan = await steps([done!, taken!, never!]);
    // Somebody makes one meanwhile.
    await createSchedule(client, taken!, apply);
    await expect(applySchedules(client, plan, apply)).rejects.toMatchObject({
      schedule: 'taken',
      done: [{ name: 'done', kind: 'create' }],
      cause: { name: 'ScheduleExistsError' },
      message: expect.stringContaining('the schedule taken could not be applied, after 1 before'),
    });
    await expect(describeSchedule(client, { ...apply, name: 'never' })).rejects.toThrow(
      'not known',
    );
  });
});

test("the list holds the schedule for orphans too, and another installation's only if asked", async () => {
  const { client } = temporal;
  const other = `${installation}-o`;
  await scheduleOrphans(client, { installation: other, every: yearly, taskQueue: 'nobody' });
  await createSchedule(client, definition('beside'), { ...owner, installation: other });
  const names = async (installation?: string) => {
    const found: string[] = [];
    for await (const { name, kind } of listSchedules(client, { installation })) {
      found.push(`${kind} ${name}`);
    }
    return found.sort();
  };
  await until(async () => (await names(other)).length === 2);
  expect(await names(other)).toEqual([`orphans remote-jobs-orphans-${other}`, 'runs beside']);
  expect(await names()).toEqual(expect.arrayContaining(await names(other)));
  expect(await names(installation)).not.toContain('runs beside');
});
