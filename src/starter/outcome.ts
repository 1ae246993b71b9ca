import { type Client, WorkflowFailedError } from '@temporalio/client';
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { failureTypes } from '../contracts/failure-types';
import type { FailureReport, KillReport } from '../contracts/job';
import { describeJob } from './describe';

/** How a job workflow ended, in the terms a caller decides by. */
export type JobOutcome<Result> =
  | { readonly kind: 'succeeded'; readonly result: Result }
  | {
      /** `deadline` where the time was up, `invalid` where nothing was sent, else the job failed. */
      readonly kind: 'failed' | 'deadline' | 'invalid';
      /** A failure type of `failureTypes`; absent for an error from outside this package. */
      readonly type?: string;
      readonly message: string;
      readonly report?: FailureReport;
    }
  | { readonly kind: 'cancelled'; readonly kill?: KillReport }
  /** Terminated workflows run no code: the remote job may still run. */
  | { readonly kind: 'terminated'; readonly message: string };

/** Waits for a job workflow to close, however long that takes, and says how it ended. */
export async function awaitOutcome<Result>(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<JobOutcome<Result>> {
  try {
    const handle = client.workflow.getHandle(workflowId, runId);
    return { kind: 'succeeded', result: (await handle.result()) as Result };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return await failedOutcome(client, workflowId, runId, error.cause);
  }
}

async function failedOutcome<Result>(
  client: Client,
  workflowId: string,
  runId: string | undefined,
  cause: Error | undefined,
): Promise<JobOutcome<Result>> {
  if (cause instanceof CancelledFailure) {
    const { job, pipeline } = await describeJob(client, workflowId, runId);
    return { kind: 'cancelled', kill: job?.kill ?? pipeline?.kill };
  }
  if (cause instanceof TerminatedFailure || cause instanceof TimeoutFailure) {
    return {
      kind: 'terminated',
      message: `${cause.message}; no code ran after it, so the remote job may still run`,
    };
  }
  const failure = deepest(cause);
  const type = failure instanceof ApplicationFailure ? (failure.type ?? undefined) : undefined;
  return {
    kind: kindOf(type),
    type,
    message: failure?.message ?? 'the workflow failed without saying why',
    report:
      failure instanceof ApplicationFailure
        ? (failure.details?.[0] as FailureReport | undefined)
        : undefined,
  };
}

function kindOf(type: string | undefined): 'failed' | 'deadline' | 'invalid' {
  if (type === failureTypes.deadlineExceeded) return 'deadline';
  if (type === failureTypes.invalidInput) return 'invalid';
  return 'failed';
}

/** The failure that says why: an activity's failure wraps it. */
function deepest(cause: Error | undefined): Error | undefined {
  let failure = cause;
  while (!(failure instanceof ApplicationFailure) && failure?.cause instanceof Error) {
    failure = failure.cause;
  }
  return failure;
}
