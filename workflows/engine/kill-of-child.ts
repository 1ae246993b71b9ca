import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/workflow';
import type { FailureReport, KillReport } from '../../src/contracts/job';

/** A job's result, as far as every vendor's has it. */
interface EndedResult {
  readonly jobId?: string;
  readonly taskId?: string;
  readonly status?: string;
}

/** The kill of a job that was quicker. */
export function killOfEnded(result: unknown): KillReport {
  const { jobId, taskId, status } = (result ?? {}) as EndedResult;
  return {
    outcome: 'alreadyFinished',
    remoteId: taskId ?? jobId,
    status,
    evidence: 'the job had succeeded before the cancel reached its workflow',
  };
}

/**
 * What a failed job's own report says of its end: the kill that it led to, or that the remote job had
 * ended; undefined where only its workflow's memo can tell, as of a cancelled one.
 */
export function killOfFailure(error: unknown): KillReport | undefined {
  let cause = error instanceof ChildWorkflowFailure ? error.cause : undefined;
  if (cause instanceof ActivityFailure) ({ cause } = cause);
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const report = cause.details?.[0] as Partial<FailureReport> | undefined;
  if (report?.kill !== undefined) return report.kill;
  const { remoteId, status } = report ?? {};
  if (status !== undefined) {
    const evidence = `the job had ended as ${status} before the cancel reached its workflow`;
    return { outcome: 'alreadyFinished', remoteId, status, evidence };
  }
  if (report?.submitted === 'no') {
    return {
      outcome: 'nothingToKill',
      evidence: `nothing was submitted: ${cause.message}`.slice(0, 500),
    };
  }
  return undefined;
}

/** Its workflow ran no code after the cancel, as one that somebody terminated. */
export function killUnknown(remoteId: string | undefined, why: string): KillReport {
  const evidence = `what became of the remote job is not known: ${why}, without a report of a kill`;
  return { outcome: 'unconfirmed', remoteId, evidence };
}
