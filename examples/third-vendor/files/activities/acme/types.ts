import type { createAcmeActivities } from './create';

type AcmeActivities = ReturnType<typeof createAcmeActivities>;
export type AcmeMainActivities = AcmeActivities['main'];
export type AcmeWatchActivities = AcmeActivities['watch'];
