import { VendorError } from '../../src/clients/http/errors';
import { sqlflowStatus } from '../../src/clients/sqlflow/status';
import type { SqlFlowListedJob } from '../../src/clients/sqlflow/job-selection';
import type { SqlFlowJob } from '../../src/clients/sqlflow/wire';
import type { SecretResolver } from '../../src/config/secrets';
import type { JobProgress } from '../../src/contracts/job';
import { failureTypes } from '../../src/contracts/failure-types';
import type { EndedSqlFlowJob, SqlFlowAwaitJobInput } from '../../src/contracts/sqlflow-steps';
import type { WatchedJob, Watcher } from '../../src/watch/watcher';
import type { ActivitySession } from '../session';
import { definiteFailure } from '../failure';
import { RunOfLooks } from '../run-of-looks';
import { waitForEnd } from '../waiting';
import { withoutSecrets } from '../without-secrets';
import { isAtWork, isLaterRun, revisionOf } from './revision';
import { sightingOfOwn, type SqlFlowSighting } from './watch-source';

/** So long the service may go on showing the end of the run before a resubmit. */
const staleEnd = { looks: 5, forMs: 15 * 60_000 };

/** What waits for the jobs of one connection. */
export interface SqlFlowWatch {
  readonly watcher: Watcher<SqlFlowSighting>;
  /** The job's own summary, asked for by few at a time; undefined where the service knows no such job. */
  readonly ownSummary: (jobId: string, signal: AbortSignal) => Promise<SqlFlowJob | undefined>;
}

/** Waits for one SQLFlow job; the job's own summary ends it, asked for once the list shows an end. */
export function awaitSqlFlowJob(
  { watcher, ownSummary }: SqlFlowWatch,
  secrets: SecretResolver,
  input: SqlFlowAwaitJobInput & Pick<WatchedJob, 'kind'>,
  session: ActivitySession,
): Promise<EndedSqlFlowJob> {
  const { jobId, previous } = input;
  let seenAtWork = session.lastDetails<JobProgress>()?.seenAtWork ?? false;
  // A look right after a resubmit may still show the previous run's end. It counts only once the
  // job was seen at work since, or one of its marks has moved.
  const stale = (job: SqlFlowListedJob) =>
    previous !== undefined && !seenAtWork && !isLaterRun(job, previous);
  const staleLooks = new RunOfLooks(staleEnd);
  // A list may lag and show the previous run, at work or ended: neither counts.
  function heed(job: SqlFlowSighting): void {
    if (job.isListed !== true) seenAtWork ||= isAtWork(job.status);
  }
  return waitForEnd<SqlFlowSighting, EndedSqlFlowJob>(session, {
    watcher,
    id: jobId,
    kind: input.kind,
    title: `SQLFlow job ${jobId}`,
    submittedAtMs: input.submittedAtMs,
    deadlineAtMs: input.deadlineAtMs,
    progressOf(job) {
      heed(job);
      const detail = isOver(job) && stale(job) ? 'the end of the run before this one' : undefined;
      return { status: job.status, seenAtWork, detail };
    },
    async endOf(seen, signal) {
      const isNewWork = previous !== undefined && !seenAtWork && isAtWork(seen.status);
      if (!isOver(seen) && !isNewWork) return undefined;
      // A list may lag, and only the summary tells what went wrong and what the service warns of.
      const job = seen.isListed === true ? await ownSummary(jobId, signal) : seen;
      if (job === undefined) return undefined;
      heed(job);
      if (isOver(job) && stale(job)) {
        if (!isNewWork && staleLooks.believed()) throw neverShown(jobId, job.status);
        return undefined;
      }
      const end = ended(job);
      if (end?.errorMessage === undefined) return end;
      const errorMessage = (await withoutSecrets(end.errorMessage, secrets)).slice(0, 700);
      return { ...end, errorMessage };
    },
    async stillThere(signal) {
      const job = await ownSummary(jobId, signal);
      return job === undefined ? 'gone' : sightingOfOwn(job);
    },
    isRefusal: (error) =>
      error instanceof VendorError && (error.kind === 'auth' || error.kind === 'licence'),
  });
}

function isOver(job: SqlFlowListedJob): boolean {
  return ended(job) !== undefined;
}

/** Whether the resubmit ran can't be told any more; to call it done would be a guess. */
function neverShown(jobId: string, status: string) {
  return definiteFailure(
    failureTypes.submitOutcomeUnknown,
    `SQLFlow job ${jobId} has shown the end of the run before this submit ("${status}") for ${staleEnd.forMs / 60_000} minutes: neither was it seen at work, nor did its session or its last execute time change, so whether this submit was run can't be told. Look at the job, and run it again.`,
  );
}

function ended(job: SqlFlowListedJob): EndedSqlFlowJob | undefined {
  const { status, sessionId, errorMessage, warnings } = job;
  const mark = revisionOf(job);
  const end = { status, sessionId, mark, errorMessage, warnings, endedAtMs: Date.now() };
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
