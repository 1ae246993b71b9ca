import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { failureTypes } from '../../src/contracts/failure-types';
import type { KillReport, SubmitFailureReport } from '../../src/contracts/job';

/** Only the submit activity can know this: it says so in its failure's details. */
export function surelyNotSubmitted(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return true;
  return reportIn<SubmitFailureReport>(error)?.submitted === 'no';
}

/** What an activity's failure, or one of the workflow's own, says in its details. */
export function reportIn<Report extends object>(error: unknown): Partial<Report> | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure)) return undefined;
  return cause.details?.[0] as Partial<Report> | undefined;
}

export function awaitFailure(error: unknown): { type: string; message: string } {
  if (ranOutOfTime(error)) {
    return {
      type: failureTypes.deadlineExceeded,
      message: 'the deadline passed, and no worker could look at the job any more',
    };
  }
  return {
    type: failureTypeOf(error) ?? failureTypes.unexpectedAnswer,
    message: firstWords(error).slice(0, 700),
  };
}

/** The server gave up when the time was up, whatever the last attempt said. */
function ranOutOfTime(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  return error.cause instanceof TimeoutFailure || error.retryState === 'TIMEOUT';
}

export function failureTypeOf(error: unknown): string | undefined {
  if (ranOutOfTime(error)) return failureTypes.deadlineExceeded;
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? (cause.type ?? undefined) : undefined;
}

/** What went wrong, as near to its cause as it is known: a time-out holds what the last attempt said. */
export function firstWords(error: unknown): string {
  const wraps = error instanceof ActivityFailure || error instanceof TimeoutFailure;
  if (wraps && error.cause !== undefined) return firstWords(error.cause);
  return error instanceof Error ? error.message : String(error);
}

export function killWords(kill: KillReport): string {
  return `kill ${kill.outcome}: ${kill.evidence}`.slice(0, 250);
}
