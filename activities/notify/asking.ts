import { ApplicationFailure } from '@temporalio/common';
import type { NotifyEvent, WantsNotice } from '../../src/contracts/notify';
import type { ActivityResources } from '../resources';

/**
 * An activity that tells its workflow which of these events somebody wants to hear of, in its answer
 * and in its failure's details: the workflow can't read the configuration, and one that nobody
 * listens to has no activity more. Where there is no such target it is the activity itself.
 */
export function asking<Input, Output extends object>(
  { notify }: Pick<ActivityResources, 'notify'>,
  events: readonly NotifyEvent[],
  activity: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output & WantsNotice> {
  const notifies = events.filter((event) => (notify?.of(event) ?? []).length > 0);
  if (notifies.length === 0) return activity;
  return async (input) => {
    try {
      return { ...(await activity(input)), notifies };
    } catch (error) {
      if (error instanceof ApplicationFailure) {
        const [report, ...more] = (error.details ?? []) as [object | undefined, ...unknown[]];
        Object.assign(error, { details: [{ ...report, notifies }, ...more] });
      }
      throw error;
    }
  };
}
