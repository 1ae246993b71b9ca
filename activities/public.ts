import { createLinkisActivities } from './linkis/create';
import { createSqlFlowActivities } from './sqlflow/create';
import type { ActivityResources } from './resources';

/** All activities of both vendors, by where they run: `watch` ones on `<queue>-watch`. */
export function createActivities(resources: ActivityResources) {
  const sqlflow = createSqlFlowActivities(resources);
  const linkis = createLinkisActivities(resources);
  return {
    main: { ...sqlflow.main, ...linkis.main },
    watch: { ...sqlflow.watch, ...linkis.watch },
  };
}

export type RemoteJobActivities = ReturnType<typeof createActivities>['main'] &
  ReturnType<typeof createActivities>['watch'];

export { createLinkisActivities } from './linkis/create';
export { createSqlFlowActivities } from './sqlflow/create';
export type { ActivityResources } from './resources';
