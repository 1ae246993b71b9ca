import type { WorkflowHandle } from '@temporalio/client';

/** When the first activity whose name says so was due, and when it was done, epoch milliseconds. */
export async function activityTimes(
  handle: WorkflowHandle,
  name: RegExp,
): Promise<{ readonly dueAtMs: number; readonly doneAtMs: number }> {
  const { events } = await handle.fetchHistory();
  const due = events?.find((event) =>
    name.test(event.activityTaskScheduledEventAttributes?.activityType?.name ?? ''),
  );
  const done = events?.find(
    ({ activityTaskCompletedEventAttributes: completed }) =>
      completed != null && String(completed.scheduledEventId) === String(due?.eventId),
  );
  return { dueAtMs: timeOf(due), doneAtMs: timeOf(done) };
}

type Event = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

function timeOf(event: Event | undefined): number {
  const { seconds, nanos } = event?.eventTime ?? {};
  return Number(seconds) * 1000 + Number(nanos ?? 0) / 1e6;
}
