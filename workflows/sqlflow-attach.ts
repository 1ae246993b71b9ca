import { proxyActivities } from '@temporalio/workflow';
import type { SqlFlowMainActivities } from '../activities/sqlflow/types';
import type { SqlFlowAttachInput, SqlFlowJobResult } from '../src/contracts/sqlflow';
import type { EndedSqlFlowJob, SubmittedSqlFlowJob } from '../src/contracts/sqlflow-steps';
import { submitOptions } from './engine/activity-options';
import { leftAlone } from './engine/kill-always';
import { runRemoteJob } from './engine/run-remote-job';
import { awaitSqlFlowJob, collectLineage } from './sqlflow-job';

/** Follows and exports a job that somebody else submitted; a cancel leaves that job alone. */
export function sqlflowAttach(input: SqlFlowAttachInput): Promise<SqlFlowJobResult> {
  return runRemoteJob<SubmittedSqlFlowJob, EndedSqlFlowJob, SqlFlowJobResult>({
    vendor: 'sqlflow',
    connection: input.connection,
    timeoutMs: input.timeoutMs,
    submit: (_submission, timeoutMs) =>
      proxyActivities<SqlFlowMainActivities>(submitOptions(timeoutMs)).sqlflowAttachJob(input),
    awaitEnd: (job, deadlineAtMs) => awaitSqlFlowJob(job, deadlineAtMs, input.partialSuccess),
    collect: (job, ended) => collectLineage(job, ended, input, false),
    kill: (job) => leftAlone(job.remoteId),
  });
}
