import {
  ActivityCancellationType,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  workflowInfo,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { ChainWatchActivities } from '../../activities/chain/types';
import type { ChainRefreshInput, RefreshAnswer, RefreshOutcome } from '../../src/contracts/chain';
import { failureTypes } from '../../src/contracts/failure-types';
import { longestTimeoutMs, type JobState, type RemoteJobMemo } from '../../src/contracts/job';
import { remoteJobMemoKey, watchTaskQueue } from '../../src/contracts/names';
import { jobStateQuery } from '../engine/job-tracker';
import { guardSize } from '../engine/size-guard';

/**
 * Asks a chain for a refresh and waits for the outcome. When the workflow is cancelled the request
 * is taken back, and the workflow ends when the chain has proven that. A request that had ended
 * before it was taken back is answered as it ended.
 *
 * @param requestId the chain does one refresh for an id, however often it is asked
 * @returns an outcome `refreshed`, `unchanged` or `skipped`
 * @throws ApplicationFailure with the refresh's own type, words and `FailureReport`
 */
export async function askForRefresh(
  request: ChainRefreshInput,
  requestId = workflowInfo().runId,
): Promise<RefreshOutcome> {
  const { connection, chain } = request;
  let state: JobState = { vendor: 'sqlflow', connection, phase: 'waiting' };
  setHandler(jobStateQuery, () => state);
  setCurrentDetails(`Refresh of the chain ${chain} on ${connection}`);
  const { outcome, report, kill } = await holdOrWithdraw(request, requestId);
  const { end, jobId, error } = outcome;
  const phase = end === 'failed' || end === 'cancelled' ? end : 'succeeded';
  state = { ...state, phase, remoteId: jobId, kill, error: error?.message };
  const memo: RemoteJobMemo = { vendor: 'sqlflow', connection, remoteId: jobId, kill };
  upsertMemo({ [remoteJobMemoKey]: memo });
  setCurrentDetails(
    `Refresh of the chain ${chain} on ${connection}: ${end}${error === undefined ? '' : `, ${error.message}`}`,
  );
  if (end === 'cancelled' && CancellationScope.current().consideredCancelled) {
    throw new CancelledFailure(error?.message ?? 'the refresh was cancelled');
  }
  if (error !== undefined) {
    throw ApplicationFailure.create({
      message: error.message,
      type: error.type ?? failureTypes.failed,
      nonRetryable: true,
      details: report === undefined ? [] : [report],
    });
  }
  return outcome;
}

async function holdOrWithdraw(
  request: ChainRefreshInput,
  requestId: string,
): Promise<RefreshAnswer> {
  // Cancelled before it began: nothing was asked, so there is nothing to take back.
  if (CancellationScope.current().consideredCancelled) {
    throw new CancelledFailure('cancelled before the chain was asked');
  }
  const { taskQueue } = workflowInfo();
  const input = guardSize('the input of sqlflowAskChain', { request, requestId, taskQueue });
  const { sqlflowAskChain, sqlflowWithdrawRefresh } =
    proxyActivities<ChainWatchActivities>(askOptions());
  try {
    return await sqlflowAskChain(input);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return await CancellationScope.nonCancellable(() => sqlflowWithdrawRefresh(input));
  }
}

/** Held for as long as the chain needs, on the queue of those that wait; an attempt sends nothing twice. */
function askOptions(): ActivityOptions {
  return {
    taskQueue: watchTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: longestTimeoutMs,
    heartbeatTimeout: '20s',
    // A withdrawal doesn't wait for the beat by which the asking activity learns of it.
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { initialInterval: '1s', backoffCoefficient: 1 },
  };
}
