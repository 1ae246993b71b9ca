import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { defaultTaskQueue } from '../contracts/names';
import { pruneWorkflowType, type PruneInput } from '../contracts/prune';
import type { remoteJobsPrune } from '../../workflows/public';
import { scheduleUpkeep, unscheduleUpkeep } from './upkeep-schedule';

type PruneHandle = WorkflowHandleWithFirstExecutionRunId<typeof remoteJobsPrune>;

/** Whose workers delete ended jobs. */
export interface PruneOptions {
  /** @default 'remote-jobs' */
  readonly taskQueue?: string;
}

/**
 * Deletes ended, exported simple SQLFlow jobs of the worker's installation:
 * `(await pruneJobs(client, { olderThanMs })).result()` is a `PruneReport`.
 */
export async function pruneJobs(
  client: Client,
  input: PruneInput,
  { taskQueue = defaultTaskQueue }: PruneOptions = {},
): Promise<PruneHandle> {
  const handle = await client.workflow.start(pruneWorkflowType, {
    taskQueue,
    workflowId: `${pruneWorkflowType}/${randomUUID().slice(0, 8)}`,
    args: [input],
  });
  return handle as PruneHandle;
}

/** When Temporal deletes ended jobs by itself. */
export interface PruneSchedule extends PruneOptions {
  /** As the worker is configured; it names the schedule, since each installation has its own. */
  readonly installation: string;
  /** A cron expression, or a time between two runs in milliseconds. */
  readonly every: string | number;
  readonly input: PruneInput;
}

/** The id of the schedule that deletes an installation's ended jobs. */
export function pruneScheduleId(installation: string): string {
  return `remote-jobs-prune-${installation}`;
}

/** Has Temporal delete ended jobs again and again, one run at a time; replaces an earlier schedule. */
export function schedulePrune(
  client: Client,
  { installation, every, input, taskQueue = defaultTaskQueue }: PruneSchedule,
): Promise<'created' | 'updated'> {
  return scheduleUpkeep(client, {
    scheduleId: pruneScheduleId(installation),
    workflowType: pruneWorkflowType,
    workflowId: `${pruneWorkflowType}/${installation}`,
    taskQueue,
    input,
    every,
  });
}

/** @returns false where there was none */
export function unschedulePrune(client: Client, installation: string): Promise<boolean> {
  return unscheduleUpkeep(client, pruneScheduleId(installation));
}
