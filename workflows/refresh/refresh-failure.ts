import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { RefreshProgress } from '../../src/contracts/chain';
import { failureTypes } from '../../src/contracts/failure-types';
import type { FailureReport } from '../../src/contracts/job';
import { failureTypeOf, firstWords, surelyNotSubmitted } from '../engine/failure-words';
import type { JobHolder } from './job-holder';

/**
 * A failure as the chain and the asker see it: with its own type and words, with a report that says
 * whether anything was sent, and with how far the refresh had come.
 */
export function refreshFailure(
  error: unknown,
  connection: string,
  holder: JobHolder,
  lineage: RefreshProgress['lineage'],
): unknown {
  // A cancelled step is an ActivityFailure, too.
  if (isCancellation(error)) return error;
  const isStep = error instanceof ActivityFailure;
  // Any other error is a mistake of the code: the workflow waits for a mended worker.
  if (!isStep && !(error instanceof ApplicationFailure)) return error;
  const [report] = isStep ? [] : (error.details ?? []);
  const progress: RefreshProgress = { files: holder.files, lineage };
  return ApplicationFailure.create({
    message: isStep ? firstWords(error).slice(0, 1000) : error.message,
    type: isStep
      ? (failureTypeOf(error) ?? failureTypes.deadlineExceeded)
      : (error.type ?? undefined),
    nonRetryable: true,
    details: [report ?? stepReport(error, connection, holder), progress],
  });
}

function stepReport(error: unknown, connection: string, holder: JobHolder): FailureReport {
  const { isPlanned, hasSubmitted, jobId } = holder;
  const nothingSent = !isPlanned || (!hasSubmitted && surelyNotSubmitted(error));
  return {
    vendor: 'sqlflow',
    connection,
    remoteId: jobId,
    ...(nothingSent && { submitted: 'no' }),
  };
}
