import type { createLinkisActivities } from './create';

type LinkisActivities = ReturnType<typeof createLinkisActivities>;
export type LinkisMainActivities = LinkisActivities['main'];
export type LinkisWatchActivities = LinkisActivities['watch'];
