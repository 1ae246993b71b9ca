import { CancellationScope } from '@temporalio/workflow';
import type { KillReport } from '../../src/contracts/job';
import { firstWords } from './failure-words';

/** A kill is never cancelled itself, and a failing one is a report, not an exception. */
export async function killAlways(
  kill: () => Promise<KillReport>,
  remoteId?: string,
): Promise<KillReport> {
  try {
    return await CancellationScope.nonCancellable(kill);
  } catch (error) {
    const evidence = `the kill could not be carried out: ${firstWords(error)}`.slice(0, 500);
    return { outcome: 'unconfirmed', remoteId, evidence };
  }
}

/** The kill of a job that this package didn't submit: none. */
export function leftAlone(remoteId: string): Promise<KillReport> {
  return Promise.resolve({
    outcome: 'abandoned',
    remoteId,
    evidence: 'somebody else submitted this job, so it is left alone and may run on',
  });
}
