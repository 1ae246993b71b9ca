import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { failureTypes } from '../../src/contracts/failure-types';
import type { FailureReport } from '../../src/contracts/job';
import { failureTypeOf, firstWords, surelyNotSubmitted } from '../engine/failure-words';

/** How far a refresh had come when it failed. */
export interface RefreshProgress {
  readonly connection: string;
  readonly jobId?: string;
  /** False while nothing can have been sent; `undefined` where only the failure itself can tell. */
  readonly hasSubmitted: boolean | undefined;
}

/**
 * A step's failure as the chain and the asker see it: with its own type and words, and with a report
 * that says whether anything was sent. What tells that already stays as it is.
 */
export function refreshFailure(error: unknown, progress: RefreshProgress): unknown {
  if (!(error instanceof ActivityFailure)) return error;
  const { connection, jobId, hasSubmitted } = progress;
  const nothingSent =
    hasSubmitted === false || (hasSubmitted !== true && surelyNotSubmitted(error));
  const report: FailureReport = {
    vendor: 'sqlflow',
    connection,
    remoteId: jobId,
    ...(nothingSent && { submitted: 'no' }),
  };
  return ApplicationFailure.create({
    message: firstWords(error).slice(0, 1000),
    type: failureTypeOf(error) ?? failureTypes.deadlineExceeded,
    nonRetryable: true,
    details: [report],
  });
}
