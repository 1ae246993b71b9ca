import type { KillReport } from '../../src/contracts/job';
import type { JobUnderWay, OrphansInput, OrphansReport } from '../../src/contracts/orphans';
import { defineActivity } from '../define-activity';
import { killRetry } from '../kill-budget';
import { countKill } from '../metrics';
import { asking } from '../notify/asking';
import type { ActivityResources } from '../resources';
import { findOrphans } from './find';
import { killOrphan } from './kill';

/** The activities that find and end remote jobs which nobody waits for any more. */
export function createOrphanActivities(resources: ActivityResources) {
  const main = {
    /**
     * Lists this installation's jobs under way on all connections and judges them by what Temporal
     * says of their workflows. While Temporal can't be asked it fails, and judges none.
     *
     * Delivery: reads only, so repeats do no harm.
     */
    remoteJobsFindOrphans: asking(
      resources,
      ['orphans'],
      defineActivity(resources, (input: OrphansInput, session): Promise<OrphansReport> =>
        findOrphans(resources, input, session),
      ),
    ),

    /**
     * Kills one job that was found to be an orphan, by the ordinary kill rules.
     *
     * Delivery: at least once. A repeat of a kill that was sent reports that kill's outcome.
     */
    remoteJobsKillOrphan: defineActivity(
      resources,
      async (job: JobUnderWay, session): Promise<KillReport> => {
        const report = await killOrphan(resources, job, session);
        countKill(job.vendor, job.connection, report);
        return report;
      },
      killRetry,
    ),
  };
  return { main };
}

export type OrphanActivities = ReturnType<typeof createOrphanActivities>['main'];
