import { VendorError } from '../../src/clients/http/errors';
import type { SqlFlowClient } from '../../src/clients/sqlflow/client';
import { sqlflowStatus } from '../../src/clients/sqlflow/status';
import type { SqlFlowJob } from '../../src/clients/sqlflow/wire';
import type { SecretResolver } from '../../src/config/secrets';
import type { JobProgress } from '../../src/contracts/job';
import type {
  EndedSqlFlowJob,
  SqlFlowAwaitJobInput,
  SqlFlowRevision,
} from '../../src/contracts/sqlflow-steps';
import type { Watcher } from '../../src/watch/watcher';
import type { ActivitySession } from '../session';
import { waitForEnd } from '../waiting';
import { withoutSecrets } from '../without-secrets';
import { summaryIfKnown } from './watch-source';

/** Waits for one SQLFlow job; only the job's own summary ends it, never a line of the list. */
export function awaitSqlFlowJob(
  client: SqlFlowClient,
  watcher: Watcher<SqlFlowJob>,
  secrets: SecretResolver,
  input: SqlFlowAwaitJobInput,
  session: ActivitySession,
): Promise<EndedSqlFlowJob> {
  const { jobId, previous } = input;
  let seenAtWork = session.lastDetails<JobProgress>()?.seenAtWork ?? false;
  // A look right after a resubmit may still show the previous run's end. It counts only once the
  // job was seen at work since, or one of its marks has moved.
  const stale = (job: SqlFlowJob) =>
    previous !== undefined && !seenAtWork && sameRevision(revisionOf(job), previous);
  return waitForEnd<SqlFlowJob, EndedSqlFlowJob>(session, {
    watcher,
    id: jobId,
    title: `SQLFlow job ${jobId}`,
    submittedAtMs: input.submittedAtMs,
    deadlineAtMs: input.deadlineAtMs,
    progressOf(job) {
      seenAtWork ||= ['queued', 'running'].includes(sqlflowStatus(job.status));
      return { status: job.status, seenAtWork };
    },
    async endOf(listed, signal) {
      if (stale(listed) || ended(listed) === undefined) return undefined;
      const job = await summaryIfKnown(client, jobId, signal);
      const end = job === undefined || stale(job) ? undefined : ended(job);
      if (end?.errorMessage === undefined) return end;
      const errorMessage = (await withoutSecrets(end.errorMessage, secrets)).slice(0, 700);
      return { ...end, errorMessage };
    },
    async stillThere(signal) {
      return (await summaryIfKnown(client, jobId, signal)) ?? 'gone';
    },
    isRefusal: (error) =>
      error instanceof VendorError && (error.kind === 'auth' || error.kind === 'licence'),
  });
}

export function revisionOf(job: SqlFlowJob): SqlFlowRevision {
  return {
    sessionId: job.sessionId,
    lastExecuteTime: job.lastExecuteTime,
    subJobs: job.subJobs.length,
  };
}

export function sameRevision(a: SqlFlowRevision, b: SqlFlowRevision): boolean {
  return (
    a.sessionId === b.sessionId &&
    a.lastExecuteTime === b.lastExecuteTime &&
    a.subJobs === b.subJobs
  );
}

function ended(job: SqlFlowJob): EndedSqlFlowJob | undefined {
  const { status, sessionId, errorMessage, warnings } = job;
  const end = { status, sessionId, errorMessage, warnings, endedAtMs: Date.now() };
  switch (sqlflowStatus(status)) {
    case 'succeeded':
    case 'partiallySucceeded':
      return { ...end, outcome: 'succeeded' };
    case 'failed':
      return { ...end, outcome: 'failed' };
    case 'deleted':
      return { ...end, outcome: 'cancelled' };
    default:
      return undefined;
  }
}
