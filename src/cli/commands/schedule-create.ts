import { joinWords } from '../../contracts/words';
import { scheduleIdOf, type ScheduleDefinition } from '../../contracts/schedule';
import { scheduleWarnings } from '../../contracts/validate-schedule';
import { checkSchedule, createSchedule } from '../../starter/schedules';
import { describeSchedule } from '../../starter/schedule-standing';
import { command } from '../command';
import { exitCodes } from '../exit-codes';
import { installationName } from '../schedule-owner';
import { scheduleOptions, timingOf, type ScheduleOptions } from '../schedule-options';
import { rootWarnings } from '../schedule-roots';
import { neverRunsWarning, nextWords, timesWords } from '../schedule-words';
import { schedulableCommands, scheduledRun } from '../scheduled-command';

export const scheduleCreate = command<ScheduleOptions, [string, readonly string[]]>({
  name: 'schedule create',
  summary: 'have Temporal run something again and again',
  description: `Makes a schedule. What it runs stands behind "--", in the words of the command that would run it
at once: ${schedulableCommands.join(', ')}.

Each run reads its files anew, on the worker and below its inputs.roots. Names, code, values and
paths may hold the time that the run is for:
  {{scheduledTime}}  {{scheduledDate}}  {{scheduledDate-1d}}  {{scheduledTime+2h | yyyyMMddHH}}`,
  arguments: [
    { usage: '<NAME>', description: "the schedule's name" },
    { usage: '[COMMAND...]', description: 'what to run, behind "--"' },
  ],
  options: scheduleOptions,
  output: ['scheduleCreated'],
  examples: [
    "remote-jobs schedule create nightly --cron '0 2 * * *' --time-zone Europe/Vienna \\",
    '    -- chain refresh nightly sql/ --dbvendor hive',
    'remote-jobs schedule create sales --every 1h --offset 10m --overlap buffer-one --pause-on-failure \\',
    "    -- linkis run --file daily.hql --engine hive-2.3.3 --run-type hql --var 'day={{scheduledDate-1d}}'",
    "remote-jobs schedule create etl --cron '0 3 * * *' -- pipeline run etl.yaml --param 'day={{scheduledDate-1d}}'",
  ],
  run: async (session, options, name, words) => {
    const { cwd } = session.context;
    const definition: ScheduleDefinition = {
      ...timingOf(options),
      name,
      run: await scheduledRun(session, { words, schedule: name, folder: cwd }),
      command: joinWords(words),
    };
    checkSchedule(definition);
    const roots = await rootWarnings(session, definition);
    const installation = await installationName(session);
    const { taskQueue } = await session.settings();
    const client = await session.client();
    await createSchedule(client, definition, { installation, taskQueue });
    const standing = await describeSchedule(client, { installation, name });
    const { nextAt, paused } = standing;
    const warnings = [...scheduleWarnings(definition), ...roots, ...neverRunsWarning(standing)];
    const { output } = session;
    for (const warning of warnings) output.warn(warning);
    const id = scheduleIdOf(installation, name);
    output.json({ schedule: name, scheduleId: id, created: true, paused, nextAt, warnings });
    output.print(name);
    output.say(
      `Schedule ${name} runs ${timesWords(definition.times)}; ${nextWords(nextAt, paused, definition.times.timeZone)}.`,
    );
    return exitCodes.done;
  },
});
