import { proxyActivities } from '@temporalio/workflow';
import type { PruneActivities } from '../activities/prune/create';
import type { PruneInput, PruneReport } from '../src/contracts/prune';

const { remoteJobsPruneFinished } = proxyActivities<PruneActivities>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 3 },
});

/**
 * Deletes this installation's ended, exported simple SQLFlow jobs that are older than the input says,
 * at most 200 in one run.
 */
export function remoteJobsPrune(input: PruneInput): Promise<PruneReport> {
  return remoteJobsPruneFinished(input);
}
