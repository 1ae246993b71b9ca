import { workflowInfo } from '@temporalio/workflow';
import type { ApprovalState } from '../../src/contracts/chain';
import { failureTypes } from '../../src/contracts/failure-types';
import type { Notice, NotifyEvent } from '../../src/contracts/notify';
import { failureTypeOf, firstWords } from '../engine/failure-words';
import { notify, notifyOfEnd } from '../engine/notify';

/** A closed gate is told as such, and not as a failure too. */
export async function notifyOfRefresh(
  wanted: readonly NotifyEvent[] | undefined,
  error: unknown,
  about: Parameters<typeof notifyOfEnd>[2],
): Promise<void> {
  if (failureTypeOf(error) !== failureTypes.gateClosed) return notifyOfEnd(wanted, error, about);
  const { kill: _kill, ...notice } = about;
  await notify(wanted, {
    ...notice,
    event: 'gateClosed',
    message: firstWords(error),
    failureType: failureTypes.gateClosed,
    next: `remote-jobs show ${workflowInfo().workflowId}`,
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
