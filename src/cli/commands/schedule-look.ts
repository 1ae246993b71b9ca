import { Option } from 'commander';
import { timeIn } from '../../calendar/moments';
import {
  describeSchedule,
  listSchedules,
  type ListedSchedule,
  type ScheduleStanding,
} from '../../starter/schedule-standing';
import { command, scheduleArgument } from '../command';
import { localTime } from '../durations';
import { exitCodes } from '../exit-codes';
import type { Output } from '../output';
import { count } from '../preview';
import { installationName, scheduleTarget } from '../schedule-owner';
import { missedSentence, overlapSentence, runWords, timesWords } from '../schedule-words';
import { renderTable } from '../tables';
import { printable } from '../text-width';

const madeBy = {
  runs: '',
  orphans: 'made by orphans --schedule',
  prune: 'made by sqlflow prune --schedule',
};

export const scheduleList = command<{ all?: boolean }>({
  name: 'schedule list',
  summary: 'the schedules, when they run next and ran last',
  description: `Lists the schedules of this installation, that of \`orphans --schedule\` among them. Temporal's list
is a moment behind.`,
  options: [new Option('--all', 'those of other installations too')],
  output: ['schedules'],
  examples: [
    'remote-jobs schedule list',
    'remote-jobs schedule list --output json | jq .schedules',
  ],
  run: async (session, { all }) => {
    const owner = all === true ? {} : { installation: await installationName(session) };
    const client = await session.client();
    const schedules: ListedSchedule[] = [];
    for await (const schedule of listSchedules(client, owner)) schedules.push(schedule);
    schedules.sort((a, b) => (a.name < b.name ? -1 : 1));
    const { output } = session;
    output.json({ schedules });
    if (schedules.length > 0) printList(output, schedules, all === true);
    output.say(schedules.length === 0 ? 'No schedules yet.' : count(schedules.length, 'schedule'));
    return exitCodes.done;
  },
});

function printList(output: Output, schedules: readonly ListedSchedule[], all: boolean): void {
  output.print(
    renderTable({
      columns: ['name', ...(all ? ['installation'] : []), 'next', 'last', 'last run', 'note'],
      rows: schedules.map(
        ({ name, installation, kind, paused, note, nextAt, lastAt, lastRunId }) => [
          name,
          ...(all ? [installation] : []),
          paused ? 'paused' : nextAt === undefined ? 'never' : localTime(nextAt),
          lastAt === undefined ? '' : localTime(lastAt),
          lastRunId ?? '',
          note ?? madeBy[kind],
        ],
      ),
      // A name that is cut can't be copied.
      width: output.columns && Math.max(output.columns, 120),
      heading: output.colors.dim,
    }),
  );
}

export const scheduleDescribe = command<object, [string]>({
  name: 'schedule describe',
  summary: 'everything that is known of a schedule: its next runs, and how the last ones ended',
  arguments: [scheduleArgument],
  output: ['schedule'],
  examples: ['remote-jobs schedule describe nightly'],
  run: async (session, _options, name) => {
    const target = await scheduleTarget(session, name);
    const standing = await describeSchedule(await session.client(), target);
    const { output } = session;
    output.json({ schedule: name, ...standing });
    for (const [title, value] of facts(standing)) {
      output.print(`${output.colors.dim(title.padEnd(12))} ${printable(value)}`);
    }
    if (standing.runs.length > 0) printRuns(output, standing);
    return exitCodes.done;
  },
});

function facts(standing: ScheduleStanding): readonly [string, string][] {
  const { definition, counts, nextAt, paused, pauseNote, declared, taskQueue } = standing;
  const { times, policy, note, command: words } = definition;
  const zone = times.timeZone ?? 'UTC';
  const found: [string, string | undefined][] = [
    ['name', definition.name],
    ['id', standing.scheduleId],
    ['note', note],
    ['runs', words ?? definition.run.type],
    ['when', timesWords(times)],
    ...(paused ? [] : nextAt.slice(0, 5)).map((at, index): [string, string] => [
      index === 0 ? 'next' : '',
      timeIn(at, zone),
    ]),
    ['paused', paused ? (pauseNote ?? 'without saying why') : undefined],
    ['overlap', overlapSentence(policy.overlap)],
    ['missed runs', missedSentence(policy)],
    ['on failure', policy.pauseOnFailure === true ? 'a failed run pauses it' : 'it goes on'],
    [
      'so far',
      `${count(counts.taken, 'run')} begun, ${counts.skipped} left out for overlap, ${counts.missed} missed`,
    ],
    ['declared', declared ? 'in the configuration (schedule apply)' : 'by schedule create'],
    ['task queue', taskQueue],
  ];
  return found.flatMap(([title, value]) => (value === undefined ? [] : [[title, value]]));
}

function printRuns(output: Output, { runs, definition }: ScheduleStanding): void {
  const zone = definition.times.timeZone ?? 'UTC';
  output.print(
    renderTable({
      columns: ['run', 'due', 'began', 'how it stands'],
      rows: runs.map((run) => [
        run.workflowId,
        run.scheduledAt === undefined ? '' : timeIn(run.scheduledAt, zone),
        run.startedAt === undefined ? '' : timeIn(run.startedAt, zone),
        runWords(run),
      ]),
      width: output.columns && Math.max(output.columns, 120),
      heading: output.colors.dim,
    }),
  );
}
