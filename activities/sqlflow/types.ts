import type { createSqlFlowActivities } from './create';

type SqlFlowActivities = ReturnType<typeof createSqlFlowActivities>;
export type SqlFlowMainActivities = SqlFlowActivities['main'];
export type SqlFlowWatchActivities = SqlFlowActivities['watch'];
