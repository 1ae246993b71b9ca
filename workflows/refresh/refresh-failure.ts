import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { failureTypes } from '../../src/contracts/failure-types';
import type { FailureReport } from '../../src/contracts/job';
import { failureTypeOf, firstWords, surelyNotSubmitted } from '../engine/failure-words';
import type { JobHolder } from './job-holder';

/**
 * A step's failure as the chain and the asker see it: with its own type and words, and with a report
 * that says whether anything was sent. What tells that already stays as it is.
 */
export function refreshFailure(error: unknown, connection: string, holder: JobHolder): unknown {
  // A cancelled step is an ActivityFailure, too.
  if (!(error instanceof ActivityFailure) || isCancellation(error)) return error;
  const { isPlanned, hasSubmitted, jobId } = holder;
  const nothingSent = !isPlanned || (!hasSubmitted && surelyNotSubmitted(error));
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
