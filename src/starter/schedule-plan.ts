import type { Client } from '@temporalio/client';
import {
  defaultCatchUpMs,
  type ScheduleDefinition,
  type SchedulePolicy,
} from '../contracts/schedule';
import { InvalidInputError } from './start';
import { listSchedules, readSchedule, type ScheduleSetting } from './schedule-standing';
import {
  checkSchedules,
  createSchedule,
  deleteSchedule,
  replaceSchedule,
  ScheduleUnknownError,
  type MakeScheduleOptions,
  type ScheduleOwner,
} from './schedules';

/** One field of a schedule that is to become different. */
export interface ScheduleChange {
  readonly field: string;
  /** As JSON; absent where there is nothing. */
  readonly from?: string;
  readonly to?: string;
}

/** What is to be done to one schedule. */
export type ScheduleStep =
  | ({ readonly kind: 'create' | 'update'; readonly definition: ScheduleDefinition } & StepBase)
  | ({ readonly kind: 'unchanged' | 'delete' | 'left' } & StepBase);

interface StepBase {
  readonly name: string;
  readonly changes: readonly ScheduleChange[];
}

/** How declared schedules are brought about. */
export interface ApplyOptions extends MakeScheduleOptions {
  /** Deletes schedules that were declared once and are not any more. @default false: they are left */
  readonly prune?: boolean;
}

/** A step of a plan failed; those before it are done. */
export class ScheduleStepError extends Error {
  override readonly name = 'ScheduleStepError';

  constructor(
    readonly schedule: string,
    readonly done: readonly ScheduleStep[],
    override readonly cause: unknown,
  ) {
    super(
      `the schedule ${schedule} could not be applied, after ${done.length} before it: ${String(cause)}`,
    );
  }
}

/**
 * What it takes to make this installation's schedules those that are declared. Schedules that were
 * made by hand are changed where one of their name is declared, and never deleted.
 *
 * @throws InvalidInputError with every mistake of a definition; where it is to prune and nothing is declared
 */
export async function planSchedules(
  client: Client,
  wanted: readonly ScheduleDefinition[],
  options: ApplyOptions,
): Promise<readonly ScheduleStep[]> {
  checkSchedules(wanted);
  if (options.prune === true && wanted.length === 0) {
    const problem =
      'would delete every schedule that was ever declared, since none is declared here; name the configuration that declares them, or delete them by their names';
    throw new InvalidInputError([{ field: 'prune', problem }]);
  }
  const steps: ScheduleStep[] = [];
  for (const definition of wanted) {
    const { name } = definition;
    const standing = await standingOf(client, options, name);
    const changes = changesBetween(standing, definition, options);
    if (standing === undefined) steps.push({ kind: 'create', name, definition, changes });
    else if (changes.length === 0) steps.push({ kind: 'unchanged', name, changes });
    else steps.push({ kind: 'update', name, definition, changes });
  }
  const names = new Set(wanted.map(({ name }) => name));
  for await (const { name, kind } of listSchedules(client, options)) {
    if (kind === 'orphans' || names.has(name)) continue;
    const standing = await standingOf(client, options, name);
    if (standing?.declared !== true) continue;
    steps.push({ kind: options.prune === true ? 'delete' : 'left', name, changes: [] });
  }
  return steps;
}

/**
 * Carries a plan out, a schedule at a time.
 *
 * @throws ScheduleStepError with what was done until then
 */
export async function applySchedules(
  client: Client,
  steps: readonly ScheduleStep[],
  options: ApplyOptions,
): Promise<void> {
  const declared = { ...options, declared: true };
  for (const [index, step] of steps.entries()) {
    try {
      if (step.kind === 'create') await createSchedule(client, step.definition, declared);
      if (step.kind === 'update') await replaceSchedule(client, step.definition, declared);
      if (step.kind === 'delete') await deleteSchedule(client, { ...options, name: step.name });
    } catch (error) {
      throw new ScheduleStepError(step.name, steps.slice(0, index), error);
    }
  }
}

async function standingOf(
  client: Client,
  { installation }: ScheduleOwner,
  name: string,
): Promise<ScheduleSetting | undefined> {
  try {
    return await readSchedule(client, { installation, name });
  } catch (error) {
    // Somebody else's is told by the attempt to make it.
    if (error instanceof ScheduleUnknownError) return undefined;
    throw error;
  }
}

function changesBetween(
  standing: ScheduleSetting | undefined,
  wanted: ScheduleDefinition,
  { taskQueue }: MakeScheduleOptions,
): readonly ScheduleChange[] {
  const before = standing && {
    ...comparable(standing.definition),
    taskQueue: standing.taskQueue,
    declared: standing.declared,
  };
  const after = { ...comparable(wanted), taskQueue, declared: true };
  // What the declaration leaves open is as somebody set it.
  if (wanted.paused === undefined && before !== undefined) delete before.paused;
  const [from, to] = [flattened(before), flattened(after)];
  return [...new Set([...from.keys(), ...to.keys()])]
    .filter((field) => from.get(field) !== to.get(field))
    .map((field) => ({ field, from: from.get(field), to: to.get(field) }));
}

/** With the defaults, so that leaving one out and writing it down are the same. */
function comparable({ name: _name, command: _command, ...definition }: ScheduleDefinition) {
  const { times, policy } = definition;
  const full: Required<SchedulePolicy> = {
    overlap: policy.overlap ?? 'skip',
    catchUpMs: policy.catchUpMs ?? defaultCatchUpMs,
    pauseOnFailure: policy.pauseOnFailure ?? false,
  };
  const { timeZone = 'UTC', offsetMs = 0, jitterMs = 0 } = times;
  return { ...definition, times: { ...times, timeZone, offsetMs, jitterMs }, policy: full };
}

/** Every leaf by its path, as JSON. */
function flattened(value: unknown, path = ''): Map<string, string> {
  if (value === undefined) return new Map();
  if (typeof value !== 'object' || value === null) {
    return new Map([[path, JSON.stringify(value)]]);
  }
  const leaves = new Map<string, string>();
  for (const [key, inner] of Object.entries(value)) {
    const field = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    for (const [leaf, text] of flattened(inner, field)) leaves.set(leaf, text);
  }
  return leaves;
}
