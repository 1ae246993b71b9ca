import type { RefreshInput } from '../../src/contracts/chain';
import type {
  DeletedReplaced,
  DeleteReplacedInput,
  FinishedRevision,
  FinishRevisionInput,
  RefreshPlan,
  SettledRevision,
  SettleRevisionInput,
} from '../../src/contracts/chain-steps';
import { defineActivity } from '../define-activity';
import { noticesOfEnds } from '../../src/contracts/notify';
import { asking } from '../notify/asking';
import type { ActivityResources } from '../resources';
import { deleteReplaced } from './delete-replaced';
import { finishRevision } from './finish-revision';
import { planRefresh } from './plan-refresh';
import { settleRevision } from './settle-revision';

/** What a refresh does besides submitting, awaiting and exporting. */
export function refreshSteps(resources: ActivityResources) {
  return {
    /**
     * Compares the snapshot with what the server holds, looks at the chain's job, and packs what is
     * to be sent.
     *
     * Delivery: at least once. It only reads the service, and stores by hash: a repeat plans anew.
     */
    sqlflowPlanRefresh: asking(
      resources,
      [...noticesOfEnds, 'gateClosed', 'approvalDue'],
      defineActivity(resources, (input: RefreshInput, { signal }): Promise<RefreshPlan> =>
        planRefresh(resources, input, signal),
      ),
    ),

    /**
     * Reads a revision's lineage, writes its diff, its picture and the server's file errors, and
     * asks the gate.
     *
     * Delivery: at least once; every artifact is stored whole under its own key, so a repeat
     * replaces it by the same.
     */
    sqlflowSettleRevision: defineActivity(
      resources,
      (input: SettleRevisionInput, { signal }): Promise<SettledRevision> =>
        settleRevision(resources.artifacts, input, signal),
    ),

    /**
     * Makes a revision the latest: `result.json`, then the pointer, then the retention.
     *
     * Delivery: at least once; a repeat writes the same again.
     */
    sqlflowFinishRevision: defineActivity(
      resources,
      (input: FinishRevisionInput, { signal }): Promise<FinishedRevision> =>
        finishRevision(resources.artifacts, input, signal),
    ),

    /**
     * Deletes jobs that a new generation has replaced.
     *
     * Delivery: at least once; a job that is gone counts as deleted. What can't be deleted is in
     * the answer, and no failure.
     */
    sqlflowDeleteReplaced: defineActivity(
      resources,
      async (input: DeleteReplacedInput, session): Promise<DeletedReplaced> => {
        const { client } = await resources.connections.sqlflow(input.connection);
        return deleteReplaced(client, input.jobIds, session);
      },
    ),
  };
}
