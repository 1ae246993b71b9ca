import type { LineagePublishInput, PublishedLineage } from '../../src/contracts/lineage-publish';
import { defineActivity } from '../define-activity';
import type { ActivityResources } from '../resources';
import { publishToTarget } from './publish';

/** The activities that hand lineage on. */
export function createLineageActivities(resources: ActivityResources) {
  const main = {
    /**
     * Sends a revision's lineage to a configured OpenLineage target.
     *
     * Delivery: at least once as requests go; every event's run id is the same in each repeat, and
     * what a target took is recorded in the store, so that a repeat sends only what is missing.
     */
    lineagePublish: defineActivity(
      resources,
      (input: LineagePublishInput, session): Promise<PublishedLineage> =>
        publishToTarget(resources, input, session.signal),
    ),
  };
  return { main };
}
