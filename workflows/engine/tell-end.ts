import {
  CancellationScope,
  isCancellation,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { JobActivities } from '../../activities/jobs/create';
import type { JobEnd } from '../../src/contracts/hooks';
import type { FailureReport } from '../../src/contracts/job';
import { failureTypeOf, firstWords, reportIn } from './failure-words';
import type { JobTracker } from './job-tracker';
import { guardSize } from './size-guard';

type Outcome = { readonly result: unknown } | { readonly error: unknown };

/**
 * Tells the hook of the worker that submitted how its job ended. Only a worker that has one asks for
 * it, in the answer of its submit, so other jobs have no activity more. Whatever comes of it, the job
 * ends as it does.
 *
 * @param isPart the result is no job's own, but a part of something larger
 */
export async function tellEnd(
  tracker: JobTracker,
  outcome: Outcome,
  isPart: boolean,
): Promise<void> {
  if (!tracker.tellsEnd) return;
  const failed = 'error' in outcome;
  const { remoteJobsAfterEnd } = proxyActivities<JobActivities>({
    startToCloseTimeout: '70s',
    scheduleToCloseTimeout: '5m',
    heartbeatTimeout: '20s',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 3 },
  });
  const end: JobEnd = {
    ...tracker.ofEnd,
    ...(failed ? failedEnd(outcome.error) : { outcome: 'succeeded' }),
    ...(failed || isPart ? {} : { result: outcome.result as JobEnd['result'] }),
    workflowId: workflowInfo().workflowId,
    runId: workflowInfo().runId,
  };
  try {
    await CancellationScope.nonCancellable(() => remoteJobsAfterEnd(guardSize('the end', end)));
  } catch {
    // It stands in the history; the job's end is what counts.
  }
}

function failedEnd(error: unknown): Pick<JobEnd, 'outcome' | 'failure'> {
  if (isCancellation(error)) return { outcome: 'cancelled' };
  const message = firstWords(error).slice(0, 1000);
  const report = reportIn<FailureReport>(error) as FailureReport | undefined;
  return { outcome: 'failed', failure: { type: failureTypeOf(error), message, report } };
}
