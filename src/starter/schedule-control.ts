import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ScheduleDescription as TemporalDescription } from '@temporalio/client';
import { msToTs, requiredTsToMs } from '@temporalio/common/lib/time';
import { scheduleIdOf, type OverlapPolicy } from '../contracts/schedule';
import { InvalidInputError } from './start';
import { ownSchedule, temporalOverlap, type ScheduleTarget } from './schedules';

/** No run is begun by itself until {@link resumeSchedule}; runs that have begun go on. */
export async function pauseSchedule(
  client: Client,
  target: ScheduleTarget,
  note?: string,
): Promise<void> {
  const { handle } = await ownSchedule(client, target);
  await handle.pause(note ?? 'paused by hand');
}

/** What was due while it was paused is not made up for. */
export async function resumeSchedule(
  client: Client,
  target: ScheduleTarget,
  note?: string,
): Promise<void> {
  const { handle } = await ownSchedule(client, target);
  await handle.unpause(note ?? 'resumed by hand');
}

/** What became of a trigger. */
export type Triggered =
  | { readonly kind: 'started'; readonly workflowId: string; readonly runId: string }
  /** By the overlap policy: an earlier run still runs. */
  | { readonly kind: 'skipped' }
  /** It waits for an earlier run, or the server has not got to it in time. */
  | { readonly kind: 'waiting' };

/** How a schedule is run at once. */
export interface TriggerOptions {
  /** @default the schedule's own */
  readonly overlap?: OverlapPolicy;
  /** How long to wait for the run's id, in milliseconds. @default 10 seconds */
  readonly withinMs?: number;
}

const lookEveryMs = 100;

/** Has a run begin now, also while the schedule is paused; its nominal time is the present moment. */
export async function triggerSchedule(
  client: Client,
  target: ScheduleTarget,
  { overlap, withinMs = 10_000 }: TriggerOptions = {},
): Promise<Triggered> {
  const { handle, found } = await ownSchedule(client, target);
  const before = new Set(begunRuns(found).map(({ firstExecutionRunId }) => firstExecutionRunId));
  // Left out, the SDK asks for ALLOW_ALL: a run that no later one waits for, and that pauses nothing.
  await handle.trigger(overlap ? temporalOverlap[overlap] : found.policies.overlap);
  const endMs = Date.now() + withinMs;
  while (Date.now() < endMs) {
    const now = await handle.describe();
    // Not by the workflow's id: it holds the time in whole seconds.
    const run = begunRuns(now).find(({ firstExecutionRunId: id }) => !before.has(id));
    if (run !== undefined) {
      return { kind: 'started', workflowId: run.workflowId, runId: run.firstExecutionRunId };
    }
    if (now.info.numActionsSkippedOverlap > found.info.numActionsSkippedOverlap) {
      return { kind: 'skipped' };
    }
    await sleep(lookEveryMs);
  }
  return { kind: 'waiting' };
}

function begunRuns({ info }: TemporalDescription) {
  const recent = info.recentActions.map(({ action }) => action.workflow);
  return [...recent, ...info.runningActions.map(({ workflow }) => workflow)];
}

/** The times whose runs are to be made up for. */
export interface BackfillRange {
  /** The first moment. */
  readonly from: Date;
  /** The first moment that is no longer in it. */
  readonly to: Date;
}

/** Temporal lists, and keeps waiting, so many. */
const mostBackfilledRuns = 999;

/**
 * When a schedule would have begun the runs whose nominal time lies in the range, by Temporal's own
 * reckoning; at most a thousand. With jitter a run begins later than its nominal time, and with that
 * perhaps behind the range.
 *
 * @throws ScheduleUnknownError
 */
export async function matchingTimes(
  client: Client,
  target: ScheduleTarget,
  { from, to }: BackfillRange,
): Promise<readonly Date[]> {
  const { found } = await ownSchedule(client, target);
  const { jitter = 0 } = found.spec;
  // The server leaves the first moment out and takes the last one in. It looks for nominal times
  // from the first moment on, but ends at the first run that begins behind the last one.
  const begunUntil = async (fromMs: number) => {
    const { startTime } = await client.workflowService.listScheduleMatchingTimes({
      namespace: client.options.namespace,
      scheduleId: scheduleIdOf(target.installation, target.name),
      startTime: msToTs(fromMs - 1),
      endTime: msToTs(to.getTime() - 1 + jitter),
    });
    return (startTime ?? []).map((at) => requiredTsToMs(at, 'startTime'));
  };
  const times = await begunUntil(from.getTime());
  // Jitter never moves a run to the next one's nominal time, so their order stays.
  const [firstBehind = Infinity] = jitter > 0 ? await begunUntil(to.getTime()) : [];
  return times.filter((atMs) => atMs < firstBehind).map((atMs) => new Date(atMs));
}

/**
 * Has the runs of a past time begin, each for its own time, also while the schedule is paused.
 *
 * @param overlap what happens while one of them runs. @default 'buffer-all': one after the other
 * @returns when the schedule would have begun them, see {@link matchingTimes}
 * @throws ScheduleUnknownError · InvalidInputError: no run lies in the range, or too many
 */
export async function backfillSchedule(
  client: Client,
  target: ScheduleTarget,
  range: BackfillRange,
  overlap: OverlapPolicy = 'buffer-all',
): Promise<readonly Date[]> {
  const times = await matchingTimes(client, target, range);
  const { from, to } = range;
  const last = times.at(-1);
  const words = `${from.toISOString()} to ${to.toISOString()}`;
  if (last === undefined) {
    const problem = `from ${words} holds no time at which ${target.name} would have run; give another one`;
    throw new InvalidInputError([{ field: 'the range', problem }]);
  }
  if (times.length > mostBackfilledRuns) {
    const problem = `from ${words} holds more than ${mostBackfilledRuns} runs; give it in pieces`;
    throw new InvalidInputError([{ field: 'the range', problem }]);
  }
  const { handle } = await ownSchedule(client, target);
  await handle.backfill({
    start: new Date(from.getTime() - 1),
    // The server ends at the time at which a run begins, jitter included.
    end: last,
    overlap: temporalOverlap[overlap],
  });
  return times;
}
