import {
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { RefreshProgress } from '../../src/contracts/chain';
import { failureTypes } from '../../src/contracts/failure-types';
import type { FailureReport, SubmitFailureReport } from '../../src/contracts/job';
import { failureTypeOf, firstWords } from '../engine/failure-words';

/** How a refresh ended that brought nothing. */
export interface BrokenRefresh {
  readonly end: 'failed' | 'cancelled';
  readonly error: { readonly type?: string; readonly message: string };
  readonly report?: FailureReport;
  readonly progress?: RefreshProgress;
  /** True only where it is certain that the service has not seen any of it. */
  readonly sentNothing: boolean;
}

/** A class of `@temporalio/common`, which the sandbox doesn't hand out. */
const alreadyStarted = 'WorkflowExecutionAlreadyStartedError';

/** @param why of a cancel that the chain itself asked for */
export function brokenRefresh(
  error: unknown,
  why: BrokenRefresh['error'] | undefined,
): BrokenRefresh {
  if (error instanceof Error && error.name === alreadyStarted) {
    return {
      end: 'failed',
      error: {
        type: failureTypes.chainRanBefore,
        message:
          'a refresh of this id has run before, and the chain no longer remembers how it ended; it was not run again. Ask with a new id',
      },
      // It ran under a chain that knew more, and nobody can tell what it sent.
      sentNothing: false,
    };
  }
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  if (isCancellation(error)) {
    return {
      end: 'cancelled',
      error: why ?? {
        type: failureTypes.refreshCancelled,
        message: 'somebody cancelled the refresh',
      },
      // Without a child there was nobody who could send.
      sentNothing: !(error instanceof ChildWorkflowFailure),
    };
  }
  return { end: 'failed', ...wordsOf(cause), sentNothing: saysNothingWasSent(cause) };
}

function wordsOf(cause: unknown): Pick<BrokenRefresh, 'error' | 'report' | 'progress'> {
  if (cause instanceof TerminatedFailure) {
    return {
      error: {
        type: failureTypes.chainEnded,
        message: "the refresh's workflow was terminated; what it had submitted may still run",
      },
    };
  }
  if (cause instanceof TimeoutFailure) {
    return {
      error: {
        type: failureTypes.deadlineExceeded,
        message: "the time of the refresh's workflow was up; what it had submitted may still run",
      },
    };
  }
  const [report, progress] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  return {
    error: { type: failureTypeOf(cause), message: firstWords(cause) },
    report: isReport(report) ? report : undefined,
    progress: progress ?? undefined,
  };
}

function isReport(details: unknown): details is FailureReport {
  return typeof details === 'object' && details !== null && 'vendor' in details;
}

/** Only the refresh itself can know; without its word everything may have been sent. */
function saysNothingWasSent(cause: unknown): boolean {
  if (!(cause instanceof ApplicationFailure)) return false;
  const report = cause.details?.[0] as SubmitFailureReport | undefined;
  return report?.submitted === 'no';
}
