import type {
  AdoptionCheck,
  AskChainInput,
  CheckAdoptionInput,
} from '../../src/contracts/chain-asking';
import type { RefreshAnswer } from '../../src/contracts/chain';
import { defineActivity } from '../define-activity';
import type { ActivityResources } from '../resources';
import { askChain, withdrawRefresh } from './ask-chain';
import { checkAdoption } from './check-adoption';
import { refreshSteps } from './refresh-steps';

/** The activities of persist chains; `watch` ones run on `<queue>-watch`. */
export function createChainActivities(resources: ActivityResources) {
  const main = {
    /**
     * Looks at a job that a chain is to take over. Delivery: reads only, so repeats do no harm.
     */
    sqlflowCheckAdoption: defineActivity(
      resources,
      (input: CheckAdoptionInput, session): Promise<AdoptionCheck> =>
        checkAdoption(resources, input, session),
    ),

    ...refreshSteps(resources),
  };

  const watch = {
    /**
     * Asks a chain for a refresh, starts the chain where there is none, and waits for the outcome.
     *
     * Delivery: at least once as asking goes, one refresh: the chain recognises the request by its
     * id, also after it continued as new. An attempt that crashed is followed by one that is held to
     * the same request.
     */
    sqlflowAskChain: defineActivity(
      resources,
      (input: AskChainInput, session): Promise<RefreshAnswer> =>
        askChain(resources, input, session),
    ),

    /**
     * Takes a request back, wherever it is, and waits for the proof: the outcome that the chain
     * holds for it.
     *
     * Delivery: at least once; a repeat finds the outcome. A request that this overtakes is
     * withdrawn when it arrives; one that has ended stays as it ended.
     */
    sqlflowWithdrawRefresh: defineActivity(
      resources,
      (input: AskChainInput, session): Promise<RefreshAnswer> => withdrawRefresh(input, session),
    ),
  };

  return { main, watch };
}
