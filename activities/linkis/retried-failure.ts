import { linkisStatus } from '../../src/clients/linkis/status';
import type { SeenTask } from './seen-task';

/** What an entrance tries again is Failed for a moment before it is WaitForRetry. */
export const retryWithinMs = 2000;

/** Whether a failure is one that the service may yet take back: it is looked at twice. */
export function mayBeRetried(task: SeenTask): boolean {
  if (linkisStatus(task.status) !== 'failed') return false;
  return task.canRetry === true || task.errorCode === undefined;
}
