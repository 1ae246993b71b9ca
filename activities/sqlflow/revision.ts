import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlFlowClient } from '../../src/clients/sqlflow/client';
import { sqlflowStatus } from '../../src/clients/sqlflow/status';
import type { SqlFlowListedJob } from '../../src/clients/sqlflow/job-selection';
import type { SqlFlowRevision } from '../../src/contracts/sqlflow-steps';

/** `lastExecuteTime` counts in seconds: a run that ends in the same one as the last would look like it. */
const nextSecondMs = 1100;
const longestWaitMs = 15_000;

export function revisionOf(job: SqlFlowListedJob): SqlFlowRevision {
  return {
    jobName: job.jobName,
    sessionId: job.sessionId,
    lastExecuteTime: job.lastExecuteTime,
    subJobs: job.subJobs.length,
  };
}

/** The name doesn't count: it tells nothing where the service keeps the old one. */
export function sameRevision(a: SqlFlowRevision, b: SqlFlowRevision): boolean {
  return (
    a.sessionId === b.sessionId &&
    a.lastExecuteTime === b.lastExecuteTime &&
    a.subJobs === b.subJobs
  );
}

/**
 * The revision that a resubmit follows. A run that is still under way is waited for: its end would
 * pass for the end of the new one, and what the service does with a submit meanwhile isn't known.
 * A word that nobody knows is no end of it.
 */
export async function revisionBefore(
  client: SqlFlowClient,
  jobId: string,
  signal: AbortSignal,
): Promise<SqlFlowRevision> {
  for (let waitMs = nextSecondMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    const job = await client.displayUserJobSummary({ jobId }, signal);
    await sleep(waitMs, undefined, { signal });
    if (!isAtWork(job.status) && sqlflowStatus(job.status) !== 'unknown') return revisionOf(job);
  }
}

/**
 * Whether an ended job shows a run after `previous`. A resubmit may add to `subJobs` at once, while
 * the previous end is still shown, so these count only where the service tells nothing better.
 */
export function isLaterRun(job: SqlFlowListedJob, previous: SqlFlowRevision): boolean {
  const now = revisionOf(job);
  if (newestRunIsAtWork(job)) return false;
  const toldBetter = previous.sessionId !== undefined || previous.lastExecuteTime !== undefined;
  if (!toldBetter) return !sameRevision(now, previous);
  return now.sessionId !== previous.sessionId || now.lastExecuteTime !== previous.lastExecuteTime;
}

export function isAtWork(status: string): boolean {
  return ['queued', 'running'].includes(sqlflowStatus(status));
}

/** The shape of `subJobs` isn't documented; a status in the last of them is believed where it says "not yet". */
function newestRunIsAtWork({ subJobs }: SqlFlowListedJob): boolean {
  const { status } = (subJobs.at(-1) ?? {}) as { status?: unknown };
  return typeof status === 'string' && isAtWork(status);
}
