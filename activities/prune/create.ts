import type { PruneInput, PruneReport } from '../../src/contracts/prune';
import { defineActivity } from '../define-activity';
import type { ActivityResources } from '../resources';
import { prune } from './prune';

/** The activity that keeps accounts' lists of ended jobs short. */
export function createPruneActivities(resources: ActivityResources) {
  const main = {
    /**
     * Deletes ended simple SQLFlow jobs of this installation and namespace whose workflow Temporal
     * knows to be closed for long enough: completed, so that all exports are in the store; or failed
     * beside a job that failed. Persist jobs, jobs that an open workflow follows and jobs whose
     * workflow Temporal has forgotten are kept. While Temporal can't be asked it fails, and deletes
     * none.
     *
     * Delivery: at least once. A repeat deletes what is left; the count goes on, and may miss a job
     * whose deletion was the last thing before a crash.
     */
    remoteJobsPruneFinished: defineActivity(
      resources,
      (input: PruneInput, session): Promise<PruneReport> => prune(resources, input, session),
    ),
  };
  return { main };
}

export type PruneActivities = ReturnType<typeof createPruneActivities>['main'];
