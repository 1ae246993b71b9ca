import type { Notification } from '../../src/contracts/notify';
import { defineActivity } from '../define-activity';
import type { ActivityResources } from '../resources';
import { sendToAll } from './send-to-all';

/** The activity that tells people and programs what happened. */
export function createNotifyActivities(resources: ActivityResources) {
  const main = {
    /**
     * Sends a notification to every configured target that wants its event.
     *
     * Delivery: at least once for each target, a bounded number of attempts; a repeat has the same
     * `id`, and leaves out the targets that took it as far as that was recorded.
     */
    remoteJobsNotify: defineActivity(
      resources,
      (notification: Notification, session): Promise<void> =>
        sendToAll(resources, notification, session),
    ),
  };
  return { main };
}

export type NotifyActivities = ReturnType<typeof createNotifyActivities>['main'];
