import type { ChainRefreshInput, RefreshOutcome } from '../src/contracts/chain';
import { askForRefresh } from './chain/ask-for-refresh';

/**
 * One refresh of a persist chain, as people and programs ask for it: the chain is started where
 * there is none, does one refresh at a time, and this workflow ends as its refresh does. A cancel
 * takes the request back, wherever it is; the chain and its job stay.
 */
export function sqlflowRefreshRequest(input: ChainRefreshInput): Promise<RefreshOutcome> {
  return askForRefresh(input);
}
