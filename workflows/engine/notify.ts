import {
  CancellationScope,
  isCancellation,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { NotifyActivities } from '../../activities/notify/create';
import type { ApprovalState } from '../../src/contracts/approval';
import { cutTexts } from '../../src/contracts/history-size';
import type { KillReport } from '../../src/contracts/job';
import type { Notice, Notification, NotifyEvent, WantsNotice } from '../../src/contracts/notify';
import { failureTypeOf, firstWords, reportIn } from './failure-words';

const mostCharacters = 1000;

/**
 * Tells the targets that want to hear of it, in an activity; nothing where there are none. It never
 * fails, holds its caller for some minutes at most, and a cancel doesn't keep it back.
 *
 * @param wanted what an activity of this workflow answered
 * @param number tells notices of one event in one run apart
 */
export async function notify(
  wanted: readonly NotifyEvent[] | undefined,
  notice: Notice,
  number = 1,
): Promise<void> {
  const { event } = notice;
  if (wanted?.includes(event) !== true) return;
  const { workflowId, runId, workflowType } = workflowInfo();
  const { remoteJobsNotify } = proxyActivities<NotifyActivities>({
    startToCloseTimeout: '1m',
    scheduleToCloseTimeout: '3m',
    heartbeatTimeout: '20s',
    retry: { initialInterval: '2s', backoffCoefficient: 2, maximumAttempts: 5 },
  });
  const notification: Notification = {
    ...cutTexts(notice, mostCharacters),
    id: `${workflowId}/${runId}/${event}/${number}`,
    workflowId,
    runId,
    workflowType,
    atMs: Date.now(),
  };
  try {
    await CancellationScope.nonCancellable(() => remoteJobsNotify(notification));
  } catch {
    // It stands in the history and in the worker's log; the work goes on, or ends, as it does.
  }
}

/** What an activity's failure says of who wants to hear. */
export function wantedIn(error: unknown): readonly NotifyEvent[] | undefined {
  return reportIn<WantsNotice>(error)?.notifies;
}

/** Tells how something ended that didn't succeed, and of a kill that nobody could prove. */
export async function notifyOfEnd(
  wanted: readonly NotifyEvent[] | undefined,
  error: unknown,
  about: Pick<Notice, 'subject' | 'vendor' | 'connection' | 'remoteId'> & {
    readonly kill?: KillReport;
  },
): Promise<void> {
  const { kill, ...notice } = about;
  const next = `remote-jobs show ${workflowInfo().workflowId}`;
  if (kill?.outcome === 'unconfirmed') {
    const message = `it was left before its end, and may run on: ${kill.evidence}`;
    await notify(wanted, { ...notice, event: 'killUnconfirmed', message, next });
  }
  if (isCancellation(error)) return;
  const failureType = failureTypeOf(error);
  await notify(wanted, {
    ...notice,
    event: 'failed',
    message: firstWords(error),
    failureType,
    next,
  });
}

/** Tells that somebody is asked, until when, and how to answer. */
export function notifyOfApproval(
  wanted: readonly NotifyEvent[] | undefined,
  { title, reasons, untilMs }: Pick<ApprovalState, 'title' | 'reasons' | 'untilMs'>,
  more: Pick<Notice, 'vendor' | 'connection' | 'next'> = {},
): Promise<void> {
  const until = new Date(untilMs).toISOString();
  return notify(wanted, {
    event: 'approvalDue',
    subject: `An approval of ${title}`,
    message: `${reasons.join('; ')} (waits until ${until})`,
    next: `remote-jobs approve ${workflowInfo().workflowId}`,
    ...more,
  });
}
