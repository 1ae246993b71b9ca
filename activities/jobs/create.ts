import type { JobEnd } from '../../src/contracts/hooks';
import type { JobStanding, JobStandingInput } from '../../src/contracts/job-standing';
import { defineActivity } from '../define-activity';
import type { ActivityResources } from '../resources';
import { tellAfterEnd } from './after-end';
import { jobStanding } from './standing';

/** The activities that serve job workflows of every vendor, and whoever runs them. */
export function createJobActivities(resources: ActivityResources) {
  const main = {
    /** How a job workflow stands, as the Temporal server sees it. Delivery: reads only. */
    remoteJobsStanding: defineActivity(
      resources,
      (input: JobStandingInput, session): Promise<JobStanding> => jobStanding(input, session),
    ),

    /**
     * Tells the application's `afterEnd` hook how a job ended.
     *
     * Delivery: at least once, three attempts at most; a repeat tells the same again.
     */
    remoteJobsAfterEnd: defineActivity(resources, (end: JobEnd, session): Promise<void> =>
      tellAfterEnd(resources, end, session),
    ),
  };
  return { main };
}

export type JobActivities = ReturnType<typeof createJobActivities>['main'];
