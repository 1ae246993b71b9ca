import type { AcmeClient } from '../../src/clients/acme/client';
import { hasEnded } from '../../src/clients/acme/status';
import type { AcmeRun } from '../../src/clients/acme/wire';
import type { SubmitDecision } from '../../src/contracts/job';
import type { JobOwner } from '../owner';

/** Tags that this package adds; the service keeps and shows them. */
export const tagNames = {
  key: 'remote-jobs-key',
  installation: 'remote-jobs-installation',
  namespace: 'remote-jobs-namespace',
  workflowId: 'remote-jobs-workflow',
} as const;

export function tagsOf(key: string, { installation, namespace, workflowId }: JobOwner) {
  return {
    [tagNames.key]: key,
    [tagNames.installation]: installation,
    [tagNames.namespace]: namespace,
    [tagNames.workflowId]: workflowId,
  };
}

/** The runs of this submission. More than one: a request took effect late. */
export async function findByKey(
  client: AcmeClient,
  key: string,
  signal: AbortSignal,
): Promise<readonly AcmeRun[]> {
  return client.listByTag(tagNames.key, key, signal);
}

export function adoption({ state }: AcmeRun): SubmitDecision {
  return hasEnded(state) ? 'adoptedFinished' : 'adopted';
}
