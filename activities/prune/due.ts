import { sqlflowStatus } from '../../src/clients/sqlflow/status';
import type { SqlFlowListedJob } from '../../src/clients/sqlflow/job-selection';
import type { RemoteJobMemo } from '../../src/contracts/job';
import { openQuery } from '../../src/contracts/workflow-status';
import type { Deployment } from '../orphans/candidate';
import type { Owners } from '../orphans/owners';
import { ownerMark, readMark, shortKeyOf } from '../sqlflow/job-name';
import { standalone } from '../owner';

/** What Temporal knows of jobs whose workflows are closed, and of those that somebody still follows. */
export interface KnownRuns {
  /** The short key of the submission by SQLFlow's jobId: their exports are in the store. */
  readonly completed: ReadonlyMap<string, string>;
  /** The same, of jobs whose workflow failed. */
  readonly failed: ReadonlyMap<string, string>;
  readonly followed: ReadonlySet<string>;
}

export async function knownRuns(owners: Owners, closedBefore: Date): Promise<KnownRuns> {
  const completed = new Map<string, string>();
  const failed = new Map<string, string>();
  const followed = new Set<string>();
  const before = `CloseTime < '${closedBefore.toISOString()}'`;
  const keep = (into: Map<string, string>) => (memo: RemoteJobMemo | undefined) => {
    if (memo?.vendor !== 'sqlflow' || memo.remoteId === undefined) return;
    if (memo.key !== undefined) into.set(memo.remoteId, shortKeyOf(memo.key));
  };
  const visit = (query: string, found: (memo: RemoteJobMemo | undefined) => void) =>
    owners.each(query, async (_id, run) => found((await run()).memo));
  await visit(`ExecutionStatus = 'Completed' AND ${before}`, keep(completed));
  await visit(`ExecutionStatus = 'Failed' AND ${before}`, keep(failed));
  // Last: whoever began to follow a job meanwhile is among them.
  const { complete } = await visit(openQuery, (memo) => {
    if (memo?.vendor === 'sqlflow' && memo.remoteId !== undefined) followed.add(memo.remoteId);
  });
  if (!complete) throw new Error('Temporal lists more open workflows than are looked through');
  return { completed, failed, followed };
}

/** An ended simple job that this deployment submitted; persist jobs hold lineage and are never among them. */
export function isOwnEnded(job: SqlFlowListedJob, deployment: Deployment): boolean {
  if (!['succeeded', 'partiallySucceeded', 'failed'].includes(sqlflowStatus(job.status)))
    return false;
  const mark = readMark(job.jobName, deployment.installation);
  if (mark?.owner === undefined || mark.persist || job.persist === true) return false;
  return mark.owner.scope === ownerMark({ ...deployment, workflowId: standalone }).scope;
}

/** Whether its workflow is known to have ended long ago, with the exports stored or without any to store. */
export function isDue(
  job: SqlFlowListedJob,
  { installation }: Deployment,
  known: KnownRuns,
): boolean {
  if (known.followed.has(job.jobId)) return false;
  const key = readMark(job.jobName, installation)?.shortKey;
  if (key === undefined) return false;
  if (known.completed.get(job.jobId) === key) return true;
  return sqlflowStatus(job.status) === 'failed' && known.failed.get(job.jobId) === key;
}
