import {
  type Client,
  type ScheduleDescription as TemporalDescription,
  type ScheduleExecutionResult,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { orphansWorkflowType } from '../contracts/orphans';
import { pruneWorkflowType } from '../contracts/prune';
import {
  overlapPolicies,
  scheduleMemoKey,
  type ScheduleDefinition,
  type ScheduledRunInput,
  type ScheduleMemo,
} from '../contracts/schedule';
import { isOpen } from '../contracts/workflow-status';
import { orphanScheduleId } from './orphans';
import { pruneScheduleId } from './prune';
import { awaitOutcome, type JobOutcome } from './outcome';
import { ownSchedule, temporalOverlap, type ScheduleOwner, type ScheduleTarget } from './schedules';

/** A schedule in a list; it may be a moment behind. */
export interface ListedSchedule {
  /** Temporal's id. */
  readonly scheduleId: string;
  readonly name: string;
  readonly installation: string;
  /** `orphans`, `prune`: those that `scheduleOrphans` and `schedulePrune` make. */
  readonly kind: 'runs' | 'orphans' | 'prune';
  readonly paused: boolean;
  readonly note?: string;
  readonly nextAt?: Date;
  readonly lastRunId?: string;
  readonly lastAt?: Date;
}

/** Everything that Temporal and the definition say of a schedule. */
export interface ScheduleStanding {
  readonly scheduleId: string;
  readonly installation: string;
  /** As it was asked for, with what was changed in Temporal since: policies, time zone, jitter, interval. */
  readonly definition: ScheduleDefinition;
  readonly declared: boolean;
  readonly taskQueue: string;
  readonly paused: boolean;
  /** While it is paused: why. */
  readonly pauseNote?: string;
  readonly nextAt: readonly Date[];
  /** The newest first. */
  readonly runs: readonly ScheduledRunStanding[];
  readonly counts: {
    readonly taken: number;
    /** Left out because an earlier run still ran, or too many waited. */
    readonly skipped: number;
    /** Missed while the server was down, and too old to be made up for. */
    readonly missed: number;
  };
  readonly createdAt: Date;
  readonly updatedAt?: Date;
}

/** One run of a schedule. */
export interface ScheduledRunStanding {
  readonly workflowId: string;
  readonly runId: string;
  /** What it was due for, jitter included. */
  readonly scheduledAt?: Date;
  readonly startedAt?: Date;
  /** Temporal's own word; `UNKNOWN` once Temporal has forgotten the run. */
  readonly status: string;
  readonly outcome?: JobOutcome<unknown>;
}

/** Every schedule of this package that the list shows; with an installation only that one's. */
export async function* listSchedules(
  client: Client,
  { installation }: Partial<ScheduleOwner> = {},
): AsyncGenerator<ListedSchedule> {
  for await (const found of client.schedule.list()) {
    const mark = markOf(found.memo, found.scheduleId, found.action?.workflowType);
    if (mark === undefined) continue;
    if (installation !== undefined && mark.installation !== installation) continue;
    const last = found.info.recentActions.at(-1);
    yield {
      scheduleId: found.scheduleId,
      ...mark,
      paused: found.state.paused,
      note: found.state.note || undefined,
      nextAt: found.info.nextActionTimes[0],
      lastRunId: last?.action.workflow.workflowId,
      lastAt: last?.takenAt,
    };
  }
}

function markOf(
  memo: Record<string, unknown> | undefined,
  scheduleId: string,
  workflowType: string | undefined,
): Pick<ListedSchedule, 'installation' | 'name' | 'kind'> | undefined {
  const mark = memo?.[scheduleMemoKey] as ScheduleMemo | undefined;
  if (mark !== undefined) return { ...mark, kind: 'runs' };
  const kind = workflowType === orphansWorkflowType ? 'orphans' : 'prune';
  if (kind === 'prune' && workflowType !== pruneWorkflowType) return undefined;
  const before = kind === 'orphans' ? orphanScheduleId('') : pruneScheduleId('');
  if (!scheduleId.startsWith(before)) return undefined;
  return { installation: scheduleId.slice(before.length), name: scheduleId, kind };
}

/**
 * Looks at a schedule, and at how its last runs ended.
 *
 * @throws ScheduleUnknownError
 */
export async function describeSchedule(
  client: Client,
  target: ScheduleTarget,
): Promise<ScheduleStanding> {
  const { found } = await ownSchedule(client, target);
  const { info, state } = found;
  const running = info.runningActions.map(({ workflow }) => workflow.workflowId);
  const recent = [...info.recentActions].reverse();
  const listed = new Set(recent.map((one) => one.action.workflow.workflowId));
  const runs = await Promise.all([
    ...running.filter((id) => !listed.has(id)).map((id) => runStanding(client, id)),
    ...recent.map((one) => runStanding(client, one.action.workflow.workflowId, one)),
  ]);
  return {
    ...settingOf(found),
    scheduleId: found.scheduleId,
    installation: target.installation,
    paused: state.paused,
    pauseNote: state.paused ? state.note || undefined : undefined,
    nextAt: info.nextActionTimes,
    runs,
    counts: {
      taken: info.numActionsTaken,
      skipped: info.numActionsSkippedOverlap,
      missed: info.numActionsMissedCatchupWindow,
    },
    createdAt: info.createdAt,
    updatedAt: info.lastUpdatedAt,
  };
}

/** What a schedule is set to. */
export type ScheduleSetting = Pick<ScheduleStanding, 'definition' | 'declared' | 'taskQueue'>;

/** @throws ScheduleUnknownError */
export async function readSchedule(
  client: Client,
  target: ScheduleTarget,
): Promise<ScheduleSetting> {
  const { found } = await ownSchedule(client, target);
  return settingOf(found);
}

function settingOf(found: TemporalDescription): ScheduleSetting {
  const { action } = found;
  const [input] = (action.args ?? []) as [ScheduledRunInput];
  return {
    definition: asItIs(input.definition, found),
    declared: input.declared,
    taskQueue: action.taskQueue,
  };
}

/** What somebody changed with Temporal's own tools counts, as far as a definition can say it. */
function asItIs(
  definition: ScheduleDefinition,
  { spec, policies, state }: TemporalDescription,
): ScheduleDefinition {
  const { cron } = definition.times;
  const [interval] = spec.intervals ?? [];
  const overlap = overlapPolicies.find((name) => temporalOverlap[name] === policies.overlap);
  return {
    ...definition,
    times: {
      // The server keeps no cron text: whether it is still the same can be told by number alone.
      cron: cron?.length === (spec.calendars?.length ?? 0) ? cron : undefined,
      everyMs: interval?.every,
      offsetMs: interval?.offset || undefined,
      timeZone: spec.timezone || undefined,
      jitterMs: spec.jitter || undefined,
    },
    policy: {
      overlap,
      catchUpMs: policies.catchupWindow,
      pauseOnFailure: policies.pauseOnFailure,
    },
    paused: state.paused,
  };
}

/** A pipeline goes on as new; the workflow id, which has the time in it, is one run's alone. */
async function lastOf(client: Client, workflowId: string, runId: string | undefined) {
  const first = await client.workflow.getHandle(workflowId, runId).describe();
  if (first.status.name !== 'CONTINUED_AS_NEW') return first;
  return client.workflow.getHandle(workflowId).describe();
}

async function runStanding(
  client: Client,
  workflowId: string,
  taken?: ScheduleExecutionResult,
): Promise<ScheduledRunStanding> {
  const runId = taken?.action.workflow.firstExecutionRunId;
  const times = { scheduledAt: taken?.scheduledAt, startedAt: taken?.takenAt };
  try {
    const found = await lastOf(client, workflowId, runId);
    const status = found.status.name;
    const outcome = isOpen(status)
      ? undefined
      : await awaitOutcome(client, workflowId, found.runId);
    return { workflowId, runId: found.runId, ...times, status, outcome };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    return { workflowId, runId: runId ?? '', ...times, status: 'UNKNOWN' };
  }
}
