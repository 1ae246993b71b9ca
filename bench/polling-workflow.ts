import { proxyActivities, sleep, uuid4 } from '@temporalio/workflow';
import type { LinkisMainActivities } from '../activities/linkis/types';
import type { LinkisTaskInput } from '../src/contracts/linkis';
import type { LinkisOutputs } from '../src/contracts/linkis-steps';

export * from '../workflows/public';

const ends = ['Succeed', 'Failed', 'Cancelled', 'Timeout'];

/** The textbook way, to compare with: a timer and an activity for every look at the task. */
export async function pollingTask(task: LinkisTaskInput): Promise<LinkisOutputs> {
  const activities = proxyActivities<LinkisMainActivities>({ startToCloseTimeout: '1m' });
  const { connection, user, remoteId } = await activities.linkisSubmitTask({ task, key: uuid4() });
  const target = { connection, user, taskId: remoteId };
  while (!ends.includes((await activities.linkisGetTask(target)).status)) await sleep('2s');
  return activities.linkisCollectOutputs({ ...target, results: true, format: 'csv' });
}
