import { proxyActivities } from '@temporalio/workflow';
import type { SqlFlowMainActivities, SqlFlowWatchActivities } from '../activities/sqlflow/types';
import type { KillReport, RemovedTwins } from '../src/contracts/job';
import type { SqlFlowJobBase, SqlFlowJobInput, SqlFlowJobResult } from '../src/contracts/sqlflow';
import type { EndedSqlFlowJob, SubmittedSqlFlowJob } from '../src/contracts/sqlflow-steps';
import {
  collectOptions,
  killOptions,
  submitOptions,
  twinOptions,
  waitOptions,
} from './engine/activity-options';
import { runRemoteJob } from './engine/run-remote-job';
import { guardSize } from './engine/size-guard';
import type { Submission } from './engine/steps';
import { partialSuccessRefused } from './engine/sqlflow-outcome';

/**
 * A simple SQLFlow job: submitted once, waited for, its lineage exported into the artifact store.
 * On cancel, deadline or failure it is deleted, since SQLFlow has no kill (`onCancel: 'abandon'`
 * leaves it).
 */
export function sqlflowJob(input: SqlFlowJobInput): Promise<SqlFlowJobResult> {
  return runRemoteJob<SubmittedSqlFlowJob, EndedSqlFlowJob, SqlFlowJobResult>({
    vendor: 'sqlflow',
    connection: input.connection,
    timeoutMs: input.timeoutMs,
    submit: ({ key }, timeoutMs) =>
      proxyActivities<SqlFlowMainActivities>(submitOptions(timeoutMs)).sqlflowSubmitJob(
        guardSize('the input of sqlflowSubmitJob', { job: input, key }),
      ),
    awaitEnd: (job, deadlineAtMs) => awaitSqlFlowJob(job, deadlineAtMs, input.partialSuccess),
    collect: (job, ended) =>
      collectLineage(job, ended, input, (input.afterExport ?? 'keep') === 'delete'),
    kill: (job) =>
      killSqlFlowJob({ jobId: job.remoteId }, job.connection, input.onCancel ?? 'delete'),
    killByKey: ({ key }) => killSqlFlowJob({ key }, input.connection, input.onCancel ?? 'delete'),
    removeTwins: removeSqlFlowTwins,
  });
}

export async function awaitSqlFlowJob(
  job: SubmittedSqlFlowJob,
  deadlineAtMs: number,
  partialSuccess: 'accept' | 'fail' | undefined,
): Promise<EndedSqlFlowJob> {
  const { sqlflowAwaitJob } = proxyActivities<SqlFlowWatchActivities>(waitOptions(deadlineAtMs));
  const ended = await sqlflowAwaitJob({
    connection: job.connection,
    jobId: job.remoteId,
    jobName: job.jobName,
    submittedAtMs: job.submittedAtMs,
    deadlineAtMs,
    previous: job.previous,
  });
  return partialSuccessRefused(ended, partialSuccess);
}

export async function collectLineage(
  job: SubmittedSqlFlowJob,
  ended: EndedSqlFlowJob,
  input: Pick<SqlFlowJobBase, 'exports' | 'tableToTable' | 'delimiter' | 'exportSettings'>,
  thenDelete: boolean,
): Promise<SqlFlowJobResult> {
  const { sqlflowCollectLineage } = proxyActivities<SqlFlowMainActivities>(collectOptions());
  const { lineage, warnings } = await sqlflowCollectLineage({
    connection: job.connection,
    jobId: job.remoteId,
    exports: input.exports,
    tableToTable: input.tableToTable,
    delimiter: input.delimiter,
    exportSettings: input.exportSettings,
    thenDelete,
  });
  return {
    vendor: 'sqlflow',
    connection: job.connection,
    jobId: job.remoteId,
    jobName: job.jobName,
    status: ended.status === 'partial_success' ? 'partial_success' : 'success',
    decision: job.decision,
    warnings: [...new Set([...job.warnings, ...ended.warnings, ...warnings])],
    sessionId: ended.sessionId,
    lineage,
    submittedAtMs: job.submittedAtMs,
    endedAtMs: ended.endedAtMs,
    deleted: thenDelete ? true : undefined,
  };
}

export function removeSqlFlowTwins(
  job: SubmittedSqlFlowJob,
  { key }: Submission,
  untilMs: number,
  known?: readonly KillReport[],
): Promise<RemovedTwins> {
  const { sqlflowRemoveTwins } = proxyActivities<SqlFlowWatchActivities>(twinOptions());
  return sqlflowRemoveTwins({
    connection: job.connection,
    jobId: job.remoteId,
    key,
    untilMs,
    known,
  });
}

function killSqlFlowJob(
  target: { readonly jobId: string } | { readonly key: string },
  connection: string | undefined,
  policy: 'delete' | 'abandon',
): Promise<KillReport> {
  const { sqlflowKillJob } = proxyActivities<SqlFlowMainActivities>(killOptions());
  return sqlflowKillJob({ ...target, connection, policy });
}
