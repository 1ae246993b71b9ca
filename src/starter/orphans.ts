import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { defaultTaskQueue } from '../contracts/names';
import { orphansWorkflowType, type OrphansInput } from '../contracts/orphans';
import type { remoteJobsOrphans } from '../../workflows/public';
import { scheduleUpkeep, unscheduleUpkeep } from './upkeep-schedule';

type OrphansHandle = WorkflowHandleWithFirstExecutionRunId<typeof remoteJobsOrphans>;

/** Whose workers look for orphans. */
export interface OrphanSearchOptions {
  /** @default 'remote-jobs' */
  readonly taskQueue?: string;
}

/**
 * Looks for remote jobs of the worker's installation that nobody waits for any more:
 * `(await findOrphans(client)).result()` is an `OrphansReport`.
 */
export async function findOrphans(
  client: Client,
  input: OrphansInput = {},
  { taskQueue = defaultTaskQueue }: OrphanSearchOptions = {},
): Promise<OrphansHandle> {
  const handle = await client.workflow.start(orphansWorkflowType, {
    taskQueue,
    workflowId: `${orphansWorkflowType}/${randomUUID().slice(0, 8)}`,
    args: [input],
  });
  return handle as OrphansHandle;
}

/** When Temporal looks for orphans by itself, and what it does with them. */
export interface OrphanSchedule extends OrphanSearchOptions {
  /** As the worker is configured; it names the schedule, since each installation has its own. */
  readonly installation: string;
  /** A cron expression, or a time between two runs in milliseconds. */
  readonly every: string | number;
  readonly input?: OrphansInput;
}

/** The id of the schedule that looks for an installation's orphans. */
export function orphanScheduleId(installation: string): string {
  return `remote-jobs-orphans-${installation}`;
}

/** Has Temporal look for orphans again and again, one run at a time; replaces an earlier schedule. */
export function scheduleOrphans(
  client: Client,
  { installation, every, input = {}, taskQueue = defaultTaskQueue }: OrphanSchedule,
): Promise<'created' | 'updated'> {
  return scheduleUpkeep(client, {
    scheduleId: orphanScheduleId(installation),
    workflowType: orphansWorkflowType,
    workflowId: `${orphansWorkflowType}/${installation}`,
    taskQueue,
    input,
    every,
  });
}

/** @returns false where there was none */
export function unscheduleOrphans(client: Client, installation: string): Promise<boolean> {
  return unscheduleUpkeep(client, orphanScheduleId(installation));
}
