import { proxyActivities } from '@temporalio/workflow';
import type { SqlFlowMainActivities } from '../activities/sqlflow/types';
import type { KillReport } from '../src/contracts/job';
import type { SqlFlowJobResult, SqlFlowPersistJobInput } from '../src/contracts/sqlflow';
import type { EndedSqlFlowJob, SubmittedSqlFlowJob } from '../src/contracts/sqlflow-steps';
import { submitOptions } from './engine/activity-options';
import { runRemoteJob } from './engine/run-remote-job';
import { guardSize } from './engine/size-guard';
import { awaitSqlFlowJob, collectLineage, removeSqlFlowTwins } from './sqlflow-job';

/**
 * One run of a regular (persist) SQLFlow job: the first submit without a jobId, every later one
 * with it; the result carries the jobId to keep. A persist job is never deleted: on cancel it runs
 * on, and the kill report says `abandoned`.
 */
export function sqlflowPersistJob(input: SqlFlowPersistJobInput): Promise<SqlFlowJobResult> {
  return runRemoteJob<SubmittedSqlFlowJob, EndedSqlFlowJob, SqlFlowJobResult>({
    vendor: 'sqlflow',
    connection: input.connection,
    timeoutMs: input.timeoutMs,
    submit: ({ key }, timeoutMs) =>
      proxyActivities<SqlFlowMainActivities>(submitOptions(timeoutMs)).sqlflowSubmitPersistJob(
        guardSize('the input of sqlflowSubmitPersistJob', { job: input, key }),
      ),
    awaitEnd: (job, deadlineAtMs) => awaitSqlFlowJob(job, deadlineAtMs, input.partialSuccess),
    collect: (job, ended) => collectLineage(job, ended, input, false),
    kill: (job) => Promise.resolve(abandoned(job.remoteId)),
    killByKey: () => Promise.resolve(abandoned(input.jobId)),
    // With a jobId every request adds to that job; without one a twin is a new job without a past.
    removeTwins: input.jobId === undefined ? removeSqlFlowTwins : undefined,
  });
}

/** What becomes of a persist job that is left before its end. */
export function abandoned(remoteId: string | undefined): KillReport {
  return {
    outcome: 'abandoned',
    remoteId,
    evidence:
      'a persist job holds the lineage of its earlier runs, so it is never deleted; it may run on',
  };
}
