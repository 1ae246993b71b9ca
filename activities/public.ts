/**
 * The activities of all vendors, for a worker and for workflows of one's own.
 *
 * @module temporal-remote-jobs/activities
 */
import { createLineageActivities } from './lineage/create';
import { createChainActivities } from './chain/create';
import { createJobActivities } from './jobs/create';
import { createLinkisActivities } from './linkis/create';
import { createNotifyActivities } from './notify/create';
import { createOrphanActivities } from './orphans/create';
import { createPipelineActivities } from './pipeline/create';
import { createPruneActivities } from './prune/create';
import { createScheduleActivities } from './schedules/create';
import { createSqlFlowActivities } from './sqlflow/create';
import type { ActivityResources } from './resources';

/** All activities, by where they run: `watch` ones on `<queue>-watch`. */
export function createActivities(resources: ActivityResources) {
  const sqlflow = createSqlFlowActivities(resources);
  const linkis = createLinkisActivities(resources);
  const chain = createChainActivities(resources);
  const orphans = createOrphanActivities(resources);
  const prune = createPruneActivities(resources);
  const schedules = createScheduleActivities(resources);
  const pipelines = createPipelineActivities(resources);
  const lineage = createLineageActivities(resources);
  const jobs = createJobActivities(resources);
  const notify = createNotifyActivities(resources);
  return {
    main: {
      ...sqlflow.main,
      ...linkis.main,
      ...chain.main,
      ...orphans.main,
      ...prune.main,
      ...schedules.main,
      ...pipelines.main,
      ...lineage.main,
      ...jobs.main,
      ...notify.main,
    },
    watch: { ...sqlflow.watch, ...linkis.watch, ...chain.watch, ...pipelines.watch },
  };
}

/**
 * All activities by their names, for `proxyActivities<RemoteJobActivities>` in workflows of one's
 * own. Waiting ones run on `<queue>-watch`: give them that `taskQueue`.
 */
export type RemoteJobActivities = ReturnType<typeof createActivities>['main'] &
  ReturnType<typeof createActivities>['watch'];

export { createChainActivities } from './chain/create';
export { createLinkisActivities } from './linkis/create';
export { createSqlFlowActivities } from './sqlflow/create';
export type { ActivityResources } from './resources';
