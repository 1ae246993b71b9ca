import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription as TemporalDescription,
  type ScheduleHandle,
  ScheduleNotFoundError,
  type ScheduleOptions,
  type ScheduleOverlapPolicy,
} from '@temporalio/client';
import { timeZoneProblem } from '../calendar/render';
import { chainRefreshMemoKey } from '../contracts/chain-asking';
import type { Mistake } from '../contracts/findings';
import { defaultTaskQueue, remoteJobMemoKey, workflowTypes } from '../contracts/names';
import {
  defaultCatchUpMs,
  scheduledRunId,
  scheduleIdOf,
  scheduleMemoKey,
  type OverlapPolicy,
  type ScheduleDefinition,
  type ScheduledRunInput,
  type ScheduleMemo,
} from '../contracts/schedule';
import { validateSchedule } from '../contracts/validate-schedule';
import { InvalidInputError } from './start';

/** Whose schedule it is. */
export interface ScheduleOwner {
  /** As the worker is configured: each installation has schedules of its own. */
  readonly installation: string;
}

/** Names one schedule. */
export interface ScheduleTarget extends ScheduleOwner {
  readonly name: string;
}

/** How a schedule is made. */
export interface MakeScheduleOptions extends ScheduleOwner {
  /** @default 'remote-jobs' */
  readonly taskQueue?: string;
  /** The configuration declares it, so that it may go when the configuration no longer does. @default false */
  readonly declared?: boolean;
}

/** There is a schedule of that name already. */
export class ScheduleExistsError extends Error {
  override readonly name = 'ScheduleExistsError';

  constructor(readonly schedule: string) {
    super(
      `the schedule ${schedule} exists: choose another name, delete it first, or declare it in the configuration and apply that`,
    );
  }
}

/** There is no schedule of that name, or it is somebody else's. */
export class ScheduleUnknownError extends Error {
  override readonly name = 'ScheduleUnknownError';

  constructor(
    readonly schedule: string,
    why = 'is not known: `remote-jobs schedule list` shows the names',
  ) {
    super(`the schedule ${schedule} ${why}`);
  }
}

/**
 * Checks a schedule, as the worker will check each of its runs.
 *
 * @throws InvalidInputError with every mistake
 */
export function checkSchedule(definition: ScheduleDefinition): void {
  const mistakes = scheduleMistakes(definition);
  if (mistakes.length > 0) throw new InvalidInputError(mistakes);
}

/**
 * The same for several, each mistake with its schedule's name.
 *
 * @throws InvalidInputError with every mistake
 */
export function checkSchedules(definitions: readonly ScheduleDefinition[]): void {
  const mistakes = definitions.flatMap((definition) =>
    scheduleMistakes(definition).map(({ field, problem }) => ({
      field: `${definition.name}.${field}`,
      problem,
    })),
  );
  if (mistakes.length > 0) throw new InvalidInputError(mistakes);
}

/** Its time zone, as this machine knows it, among it. */
function scheduleMistakes(definition: ScheduleDefinition): readonly Mistake[] {
  const mistakes = [...validateSchedule(definition)];
  const { timeZone } = definition.times;
  const problem = timeZone === undefined ? undefined : timeZoneProblem(timeZone);
  if (problem !== undefined) {
    mistakes.push({ field: 'timeZone', problem: `is "${timeZone?.slice(0, 80)}", ${problem}` });
  }
  return mistakes;
}

/**
 * Has Temporal run something again and again, as the workflow `remoteJobsScheduledRun`.
 *
 * @throws InvalidInputError with every mistake · ScheduleExistsError
 */
export async function createSchedule(
  client: Client,
  definition: ScheduleDefinition,
  options: MakeScheduleOptions,
): Promise<void> {
  checkSchedule(definition);
  const { installation } = options;
  const mark: ScheduleMemo = { installation, name: definition.name };
  try {
    await client.schedule.create({
      ...compiled(definition, options),
      scheduleId: scheduleIdOf(installation, definition.name),
      memo: { [scheduleMemoKey]: mark },
      state: { paused: definition.paused ?? false, note: definition.note },
    });
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) throw new ScheduleExistsError(definition.name);
    throw error;
  }
}

/**
 * Puts a definition in an existing schedule's place. A pause stays where the definition says nothing
 * of it; runs that have begun go on as they are.
 *
 * @throws InvalidInputError with every mistake · ScheduleUnknownError
 */
export async function replaceSchedule(
  client: Client,
  definition: ScheduleDefinition,
  options: MakeScheduleOptions,
): Promise<void> {
  checkSchedule(definition);
  const { handle } = await ownSchedule(client, { ...options, name: definition.name });
  await handle.update(({ state }) => {
    const paused = definition.paused ?? state.paused;
    // Why it was paused is worth more than what it is for.
    const note = paused && state.paused ? state.note : definition.note;
    return { ...compiled(definition, options), state: { ...state, paused, note } };
  });
}

/** @throws ScheduleUnknownError */
export async function deleteSchedule(client: Client, target: ScheduleTarget): Promise<void> {
  const { handle } = await ownSchedule(client, target);
  await handle.delete();
}

/**
 * A schedule, once it is sure that it is this installation's.
 *
 * @throws ScheduleUnknownError
 */
export async function ownSchedule(
  client: Client,
  { installation, name }: ScheduleTarget,
): Promise<{ readonly handle: ScheduleHandle; readonly found: TemporalDescription }> {
  const handle = client.schedule.getHandle(scheduleIdOf(installation, name));
  try {
    const found = await handle.describe();
    const mark = found.memo?.[scheduleMemoKey] as ScheduleMemo | undefined;
    if (mark?.installation === installation && mark.name === name) return { handle, found };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) throw new ScheduleUnknownError(name);
    throw error;
  }
  throw new ScheduleUnknownError(
    name,
    'bears no mark of this installation, so it is left alone: rename yours',
  );
}

export const temporalOverlap: Readonly<Record<OverlapPolicy, ScheduleOverlapPolicy>> = {
  skip: 'SKIP',
  'buffer-one': 'BUFFER_ONE',
  'buffer-all': 'BUFFER_ALL',
  'cancel-other': 'CANCEL_OTHER',
  'allow-all': 'ALLOW_ALL',
};

function compiled(
  definition: ScheduleDefinition,
  { installation, taskQueue = defaultTaskQueue, declared = false }: MakeScheduleOptions,
) {
  const { name, times, policy, run } = definition;
  const { cron, everyMs, offsetMs, timeZone, jitterMs } = times;
  const input: ScheduledRunInput = { definition, declared };
  const mark: ScheduleMemo = { installation, name };
  return {
    spec: {
      cronExpressions: cron === undefined ? undefined : [...cron],
      intervals: everyMs === undefined ? undefined : [{ every: everyMs, offset: offsetMs }],
      timezone: timeZone,
      jitter: jitterMs,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: workflowTypes.scheduledRun,
      workflowId: scheduledRunId(installation, name),
      taskQueue,
      args: [input],
      memo: { ...memoOf(run), [scheduleMemoKey]: mark },
    },
    policies: {
      overlap: temporalOverlap[policy.overlap ?? 'skip'],
      catchupWindow: policy.catchUpMs ?? defaultCatchUpMs,
      pauseOnFailure: policy.pauseOnFailure ?? false,
    },
  } satisfies Omit<ScheduleOptions, 'scheduleId'>;
}

/** By which a run is listed and shown before it has begun to work. */
function memoOf(run: ScheduleDefinition['run']): Record<string, unknown> {
  if (run.type === 'pipeline') return {};
  if (run.type === 'chainRefresh') {
    const { connection, chain } = run.refresh;
    return {
      [remoteJobMemoKey]: { vendor: 'sqlflow', connection },
      [chainRefreshMemoKey]: { connection, name: chain },
    };
  }
  const vendor = run.type === 'linkisTask' ? 'linkis' : 'sqlflow';
  return { [remoteJobMemoKey]: { vendor, connection: run.job.connection ?? '' } };
}
