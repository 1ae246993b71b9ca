import { workflowInfo } from '@temporalio/workflow';
import { failureTypes } from '../../src/contracts/failure-types';
import type { NotifyEvent } from '../../src/contracts/notify';
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
