import type { createLineageActivities } from './create';

export type LineageMainActivities = ReturnType<typeof createLineageActivities>['main'];
