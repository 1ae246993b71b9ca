import { Option } from 'commander';
import { rangeBetween, timeIn } from '../../calendar/moments';
import type { OverlapPolicy } from '../../contracts/schedule';
import { shellWord } from '../../contracts/words';
import {
  backfillSchedule,
  matchingTimes,
  pauseSchedule,
  resumeSchedule,
  triggerSchedule,
} from '../../starter/schedule-control';
import { readSchedule } from '../../starter/schedule-standing';
import { deleteSchedule } from '../../starter/schedules';
import { command, scheduleArgument } from '../command';
import { usageError } from '../errors';
import { exitCodes } from '../exit-codes';
import { count } from '../preview';
import { momentOption, overlapOption } from '../schedule-options';
import { scheduleTarget } from '../schedule-owner';
import { typedDuration } from '../schedule-words';

const noteOption = new Option('--note <TEXT>', 'why, for whoever looks next');

export const schedulePause = command<{ note?: string }, [string]>({
  name: 'schedule pause',
  summary: 'let it not run until it is resumed',
  description: 'Runs that have begun go on. It can still be triggered and backfilled.',
  arguments: [scheduleArgument],
  options: [noteOption],
  output: ['schedulePaused'],
  examples: ["remote-jobs schedule pause nightly --note 'the warehouse moves'"],
  run: async (session, { note }, name) => {
    await pauseSchedule(await session.client(), await scheduleTarget(session, name), note);
    session.output.json({ schedule: name, paused: true, note });
    session.output.say(`Schedule ${name} is paused.`);
    return exitCodes.done;
  },
});

export const scheduleResume = command<{ note?: string }, [string]>({
  name: 'schedule resume',
  summary: 'let it run again',
  description: 'What was due meanwhile is not made up for: `schedule backfill` does that.',
  arguments: [scheduleArgument],
  options: [noteOption],
  output: ['schedulePaused'],
  examples: ['remote-jobs schedule resume nightly'],
  run: async (session, { note }, name) => {
    await resumeSchedule(await session.client(), await scheduleTarget(session, name), note);
    session.output.json({ schedule: name, paused: false, note });
    session.output.say(`Schedule ${name} runs again.`);
    return exitCodes.done;
  },
});

export const scheduleTrigger = command<{ overlap?: OverlapPolicy }, [string]>({
  name: 'schedule trigger',
  summary: 'have a run begin now, and print its id',
  description: `Begins a run, also while the schedule is paused. {{scheduledTime}} is the present moment; for
another day there is \`schedule backfill\`.`,
  arguments: [scheduleArgument],
  options: [overlapOption],
  output: ['scheduleTriggered'],
  examples: [
    'remote-jobs schedule trigger nightly',
    'remote-jobs watch "$(remote-jobs schedule trigger nightly)"',
  ],
  run: async (session, { overlap }, name) => {
    const target = await scheduleTarget(session, name);
    const triggered = await triggerSchedule(await session.client(), target, { overlap });
    const { output } = session;
    const id = triggered.kind === 'started' ? triggered.workflowId : undefined;
    output.json({ schedule: name, triggered: triggered.kind, id });
    if (id !== undefined) {
      output.print(id);
      output.say(`Follow it with: remote-jobs watch ${shellWord(id)}`);
    } else if (triggered.kind === 'skipped') {
      output.warn(
        'an earlier run still runs, so this one was left out; --overlap allow-all runs it',
      );
    } else {
      output.say(
        `It waits for the run before it; \`remote-jobs schedule describe ${name}\` shows it then.`,
      );
    }
    return exitCodes.done;
  },
});

interface BackfillOptions {
  readonly from?: string;
  readonly to?: string;
  readonly overlap?: OverlapPolicy;
  readonly dryRun?: boolean;
}

export const scheduleBackfill = command<BackfillOptions, [string]>({
  name: 'schedule backfill',
  summary: 'run it for past days, each run for its own time',
  description: `Begins the runs that the schedule would have begun between two days, or moments, both included,
also while it is paused. Each has its own {{scheduledTime}}. By default they run one after the other.`,
  arguments: [scheduleArgument],
  options: [
    new Option('--from <DAY>', 'the first day, or moment').argParser(momentOption),
    new Option('--to <DAY>', 'the last one').argParser(momentOption),
    new Option(
      '--overlap <WHAT>',
      "what happens while one of them runs (default: 'buffer-all')",
    ).choices(['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'allow-all']),
    new Option('--dry-run', 'only list the times'),
  ],
  output: ['scheduleBackfill'],
  examples: [
    'remote-jobs schedule backfill nightly --from 2026-05-01 --to 2026-05-07',
    'remote-jobs schedule backfill nightly --from 2026-05-01 --to 2026-05-07 --dry-run',
  ],
  run: async (session, { from, to, overlap, dryRun = false }, name) => {
    if (from === undefined || to === undefined) {
      throw usageError(
        `--${from === undefined ? 'from' : 'to'} is missing; give a day such as 2026-05-01.`,
      );
    }
    const target = await scheduleTarget(session, name);
    const client = await session.client();
    const { definition } = await readSchedule(client, target);
    const zone = definition.times.timeZone ?? 'UTC';
    const range = rangeBetween(from, to, zone);
    if (range === undefined || range.from >= range.to) {
      throw usageError(`--from ${from} --to ${to} is no time; give the earlier day first.`);
    }
    const times = dryRun
      ? await matchingTimes(client, target, range)
      : await backfillSchedule(client, target, range, overlap);
    const { output } = session;
    output.json({ schedule: name, times, begun: !dryRun });
    const { jitterMs } = definition.times;
    if (jitterMs) {
      output.warn(
        `these times hold the schedule's jitter, up to ${typedDuration(jitterMs)}; each run is for the time without it`,
      );
    }
    for (const at of times) output.print(timeIn(at, zone));
    const words = count(times.length, 'run');
    output.say(
      dryRun ? `${words}, none begun.` : `${words} asked for; \`remote-jobs list\` shows them.`,
    );
    return exitCodes.done;
  },
});

export const scheduleDelete = command<object, [string]>({
  name: 'schedule delete',
  summary: 'delete it; runs that have begun go on',
  arguments: [scheduleArgument],
  output: ['scheduleDeleted'],
  examples: ['remote-jobs schedule delete nightly'],
  run: async (session, _options, name) => {
    await deleteSchedule(await session.client(), await scheduleTarget(session, name));
    session.output.json({ schedule: name, deleted: true });
    session.output.say(`Schedule ${name} is deleted.`);
    return exitCodes.done;
  },
});
