import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TemporalFailure,
} from '@temporalio/workflow';
import { failureTypes } from '../../src/contracts/failure-types';
import { endedBy, endedUnknown } from '../../src/contracts/pipeline-ends';
import type { StepEnd } from '../../src/contracts/pipeline-steps';

/** A class of `@temporalio/common`, which the sandbox doesn't hand out. */
const alreadyStarted = 'WorkflowExecutionAlreadyStartedError';

/**
 * How a step ended whose workflow, or whose start, failed. A mistake of the code is no end of a step:
 * it is thrown on, and the workflow waits for a mended worker.
 */
export function endOfFailure(error: unknown): StepEnd {
  if (!(error instanceof TemporalFailure)) throw error;
  if (isCancellation(error)) return { standing: 'cancelled', words: 'it was cancelled' };
  let cause: unknown = error;
  while (cause instanceof ChildWorkflowFailure || cause instanceof ActivityFailure) {
    if (cause.cause === undefined) break;
    ({ cause } = cause);
  }
  if (cause instanceof ApplicationFailure) {
    return endedBy(cause.type ?? undefined, cause.message, cause.details?.[0]);
  }
  if (error.name === alreadyStarted) {
    return {
      standing: 'failed',
      words:
        "a workflow with the step's id runs already, left by an earlier run with this pipeline's id: cancel it, or wait for its end, then retry",
    };
  }
  const words = cause instanceof Error ? cause.message : String(cause);
  // Terminated, timed out, or never started: no code of the step's has run to tell of its job.
  return endedUnknown(words);
}

/** The type and the words of a step's own failure, as near to its cause as they are known. */
export function deepest(error: unknown): ApplicationFailure | undefined {
  let cause: unknown = error;
  while (cause instanceof ActivityFailure) ({ cause } = cause);
  return cause instanceof ApplicationFailure ? cause : undefined;
}

/**
 * Another attempt of these would end in the same way, would begin a job beside one that may still run,
 * or is not wanted: somebody ended the job on the service.
 */
const definite: ReadonlySet<string> = new Set([
  failureTypes.invalidInput,
  failureTypes.configuration,
  failureTypes.refusedByPolicy,
  failureTypes.notLoggedIn,
  failureTypes.refused,
  failureTypes.tooLarge,
  failureTypes.submitOutcomeUnknown,
  failureTypes.cancelledRemotely,
  failureTypes.chainRefused,
  failureTypes.chainRanBefore,
  failureTypes.gateClosed,
  failureTypes.approvalRefused,
  failureTypes.approvalTimedOut,
]);

/** Whether a failed attempt may be followed by another one. */
export function mayBeTriedAgain(error: unknown): boolean {
  if (isCancellation(error)) return false;
  const failure = deepest(error);
  if (failure === undefined) return error instanceof ActivityFailure;
  if (definite.has(failure.type ?? '')) return false;
  const end = endedBy(failure.type ?? undefined, failure.message, failure.details?.[0]);
  // A refresh that somebody cancelled at its chain fails here, and is wanted no more.
  if (end.standing === 'cancelled') return false;
  const { outcome } = end.kill ?? {};
  return outcome !== 'unconfirmed' && outcome !== 'abandoned';
}
