import type { createChainActivities } from './create';

export type ChainMainActivities = ReturnType<typeof createChainActivities>['main'];
export type ChainWatchActivities = ReturnType<typeof createChainActivities>['watch'];
