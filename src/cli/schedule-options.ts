import { InvalidArgumentError, Option } from 'commander';
import type { DeclaredSchedule } from '../config/schedules';
import { overlapPolicies, type ScheduleDefinition } from '../contracts/schedule';
import { collected } from './command';
import { durationOption } from './durations';

/** When a schedule runs and by which rules, as it is typed. Durations are in milliseconds. */
export type ScheduleOptions = Omit<DeclaredSchedule, 'run'>;

export const overlapOption = new Option(
  '--overlap <WHAT>',
  "what happens to a run that is due while an earlier one runs (default: 'skip')",
).choices([...overlapPolicies]);

export const scheduleOptions: readonly Option[] = [
  new Option(
    '--cron <EXPRESSION>',
    "when: minute, hour, day of month, month, day of week, such as '0 2 * * *'; may be given again",
  ).argParser(collected),
  new Option('--every <D>', 'or how often, counted from 1970: 15m, 1h, 1d').argParser(
    durationOption,
  ),
  new Option(
    '--offset <D>',
    "with --every: so much later, such as 10m past the hour's start",
  ).argParser(durationOption),
  new Option(
    '--time-zone <ZONE>',
    'of --cron and of {{scheduledTime}}, such as Europe/Vienna (default: UTC)',
  ),
  new Option('--jitter <D>', 'each run begins up to so much later').argParser(durationOption),
  new Option(
    '--catch-up <WINDOW>',
    'what was missed while Temporal was down is made up for if it is no older (default: 1d)',
  ).argParser(durationOption),
  overlapOption,
  new Option('--pause-on-failure', 'a failed run pauses the schedule'),
  new Option('--note <TEXT>', 'what it is for'),
  new Option('--paused', 'make it, but let it not run yet'),
];

/** What was typed, as a schedule: all but its name and what it runs. */
export function timingOf(
  options: ScheduleOptions,
): Pick<ScheduleDefinition, 'times' | 'policy' | 'note' | 'paused'> {
  const { cron, every, offset, timeZone, jitter, catchUp, overlap, pauseOnFailure } = options;
  return {
    times: { cron, everyMs: every, offsetMs: offset, timeZone, jitterMs: jitter },
    policy: { overlap, catchUpMs: catchUp, pauseOnFailure },
    note: options.note,
    paused: options.paused,
  };
}

/** A day, or a moment in ISO 8601 with its zone: days are read in the schedule's own time zone. */
export function momentOption(text: string): string {
  const given = text.trim();
  const isDay = /^\d{4}-\d\d-\d\d$/.test(given);
  const isMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/.test(given);
  if ((isDay || isMoment) && !Number.isNaN(Date.parse(given))) return given;
  throw new InvalidArgumentError(
    'Give a day such as 2026-05-01, or a moment such as 2026-05-01T02:00 (in the time zone of the schedule) or 2026-05-01T02:00Z.',
  );
}
