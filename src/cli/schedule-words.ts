import { timeIn } from '../calendar/moments';
import {
  defaultCatchUpMs,
  type OverlapPolicy,
  type SchedulePolicy,
  type ScheduleTimes,
} from '../contracts/schedule';
import type { ScheduledRunStanding, ScheduleStanding } from '../starter/schedule-standing';
import { outcomeCode } from './outcome-code';
import { printable } from './text-width';

const unitsMs = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** `1d`, `1h30m`, `90s`: as it would be typed. */
export function typedDuration(durationMs: number): string {
  let leftMs = durationMs;
  const parts = unitsMs.map(([unit, unitMs]) => {
    const whole = Math.floor(leftMs / unitMs);
    leftMs -= whole * unitMs;
    return whole > 0 ? `${whole}${unit}` : '';
  });
  return parts.join('') || '0s';
}

/** "at 0 2 * * *, in Europe/Vienna, up to 5m later" */
export function timesWords({ cron, everyMs, offsetMs, timeZone, jitterMs }: ScheduleTimes): string {
  const words = [
    cron !== undefined
      ? `at ${cron.join(' and ')}`
      : everyMs !== undefined
        ? `every ${typedDuration(everyMs)}${offsetMs ? ` and ${typedDuration(offsetMs)} later` : ''}`
        : 'at times that were set in Temporal itself',
  ];
  words.push(`in ${timeZone ?? 'UTC'}`);
  if (jitterMs) words.push(`up to ${typedDuration(jitterMs)} later by chance`);
  return words.join(', ');
}

export function nextWords(nextAt: readonly Date[], paused: boolean, timeZone = 'UTC'): string {
  if (paused) return 'it is paused';
  const [next] = nextAt;
  return next === undefined ? 'it will never run again' : `next ${timeIn(next, timeZone)}`;
}

/** A time that never comes, such as 30 February, is no mistake to Temporal. */
export function neverRunsWarning({
  nextAt,
  paused,
}: Pick<ScheduleStanding, 'nextAt' | 'paused'>): readonly string[] {
  if (paused || nextAt.length > 0) return [];
  return ['it will never run: none of its times lies ahead; look at its day, month and year'];
}

const overlapWords: Readonly<Record<OverlapPolicy, string>> = {
  skip: 'left out while an earlier run still runs',
  'buffer-one': 'one waits for the run before it, others are left out',
  'buffer-all': 'each waits for the run before it',
  'cancel-other': 'the earlier run is cancelled first',
  'allow-all': 'runs side by side',
};

export function overlapSentence(overlap: OverlapPolicy = 'skip'): string {
  return `${overlap}: ${overlapWords[overlap]}`;
}

/** What becomes of runs that nobody could begin in time. */
export function missedSentence({ overlap = 'skip', catchUpMs = defaultCatchUpMs }: SchedulePolicy) {
  const window = typedDuration(catchUpMs);
  const made: Readonly<Record<OverlapPolicy, string>> = {
    skip: 'only the oldest of them runs',
    'buffer-one': 'the two oldest of them run',
    'buffer-all': 'all of them run, one after the other',
    'cancel-other': 'only the newest of them runs',
    'allow-all': 'all of them run at once',
  };
  return `missed while Temporal was down, no longer than ${window} ago: ${made[overlap]}; older ones are dropped. While no worker runs, a run begins and waits.`;
}

/** "refreshed", "failed: the gate closed", "running" */
export function runWords({ status, outcome }: ScheduledRunStanding): string {
  if (outcome === undefined) return status.toLowerCase();
  if (outcome.kind === 'succeeded') {
    const { end, status: word } = (outcome.result ?? {}) as { end?: string; status?: string };
    return end ?? word ?? 'succeeded';
  }
  if (outcome.kind === 'cancelled') return 'cancelled';
  return `${outcome.kind} (${outcomeCode(outcome, false)}): ${printable(outcome.message)}`;
}
