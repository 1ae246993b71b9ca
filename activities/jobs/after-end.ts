import type { JobEnd } from '../../src/contracts/hooks';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import { callHook } from './call-hook';

/** Tells the application's `afterEnd` hook; a worker without one has nobody to tell. */
export async function tellAfterEnd(
  { hooks }: Pick<ActivityResources, 'hooks'>,
  end: JobEnd,
  { signal }: Pick<ActivitySession, 'signal'>,
): Promise<void> {
  await callHook('afterEnd', signal, (brief) => hooks?.afterEnd?.(end, brief));
}
