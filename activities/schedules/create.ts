import type { PreparedPipeline, PreparedRun, PrepareRunInput } from '../../src/contracts/schedule';
import { defineActivity } from '../define-activity';
import { noticesOfEnds } from '../../src/contracts/notify';
import { asking } from '../notify/asking';
import type { ActivityResources } from '../resources';
import { prepareRun } from './prepare-run';

/** The activities of scheduled runs. */
export function createScheduleActivities(resources: ActivityResources) {
  const main = {
    /**
     * Fills in the times of a scheduled run, takes snapshots of its files, and checks what came of
     * it. Nothing is sent anywhere.
     *
     * Delivery: at least once; a repeat stores the same files again, as they are by then.
     */
    remoteJobsPrepareRun: asking(
      resources,
      noticesOfEnds,
      defineActivity(
        resources,
        (input: PrepareRunInput, session): Promise<PreparedRun | PreparedPipeline> =>
          prepareRun(resources, input, session.signal),
      ),
    ),
  };
  return { main };
}

export type ScheduleActivities = ReturnType<typeof createScheduleActivities>['main'];
