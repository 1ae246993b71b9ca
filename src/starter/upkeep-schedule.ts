import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleOptions,
} from '@temporalio/client';

/** One of the package's own workflows that Temporal is to run again and again. */
export interface UpkeepSchedule {
  readonly scheduleId: string;
  readonly workflowType: string;
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly input: object;
  /** A cron expression, or a time between two runs in milliseconds. */
  readonly every: string | number;
}

/** A missed run is not made up for: the next one finds the same. */
const catchupWindow = '1m';

/** One run at a time; replaces an earlier schedule of the same id. */
export async function scheduleUpkeep(
  client: Client,
  { scheduleId, workflowType, workflowId, taskQueue, input, every }: UpkeepSchedule,
): Promise<'created' | 'updated'> {
  const schedule = {
    spec:
      typeof every === 'number' ? { intervals: [{ every }] } : { cronExpressions: [every.trim()] },
    action: { type: 'startWorkflow', workflowType, workflowId, taskQueue, args: [input] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
  } satisfies Omit<ScheduleOptions, 'scheduleId'>;
  try {
    await client.schedule.create({ scheduleId, ...schedule });
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const handle = client.schedule.getHandle(scheduleId);
    // A pause is the operator's word, so it stays.
    await handle.update(({ state }) => ({ ...schedule, state }));
    return 'updated';
  }
}

/** @returns false where there was none */
export async function unscheduleUpkeep(client: Client, scheduleId: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(scheduleId).delete();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}
