import { isCancellation, proxyActivities, uuid4 } from '@temporalio/workflow';
import type { ChainMainActivities } from '../../activities/chain/types';
import type { AdoptedJob, AdoptRequest } from '../../src/contracts/chain-asking';
import { failureTypes } from '../../src/contracts/failure-types';
import { failureTypeOf, firstWords } from '../engine/failure-words';
import { settingsOf } from './after-refresh';
import type { CarriedChain } from './carried';
import { hasAnotherJob, refusal, type AdoptionOutcome } from './chain-desk';

const { sqlflowCheckAdoption } = proxyActivities<ChainMainActivities>({
  // Somebody waits at a keyboard; whoever still wants it then asks again.
  scheduleToCloseTimeout: '1m',
  startToCloseTimeout: '1m',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s' },
});

/** What a chain is after it took a job over, or why it doesn't. */
export async function adoptJob(
  chain: CarriedChain,
  { jobId, settings }: AdoptRequest,
): Promise<AdoptionOutcome> {
  const { connection, current } = chain;
  // The refresh that was waited for may have made one.
  const refused = hasAnotherJob(chain, jobId);
  if (refused !== undefined) return refused;
  const again = current?.jobId === jobId;
  try {
    const { jobName } = await sqlflowCheckAdoption({ connection, jobId, settings });
    const generation = again ? current.generation : (current?.generation ?? 0) + 1;
    const answer: AdoptedJob = { jobId, jobName, generation };
    if (again) return { chain, answer };
    return {
      chain: {
        ...chain,
        current: {
          generation,
          key: uuid4(),
          settings: settingsOf(settings),
          jobId,
          adopted: true,
          submits: 0,
        },
      },
      answer,
    };
  } catch (error) {
    if (isCancellation(error)) return refusal(failureTypes.chainEnded, 'the chain was ended');
    return refusal(failureTypeOf(error) ?? failureTypes.unreachable, firstWords(error));
  }
}
