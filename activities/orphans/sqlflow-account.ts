import { sqlflowStatus } from '../../src/clients/sqlflow/status';
import type { SqlFlowListedJob } from '../../src/clients/sqlflow/job-selection';
import type { SqlFlowConnection } from '../../src/config/connections';
import { standalone } from '../owner';
import { ownerMark, readMark } from '../sqlflow/job-name';
import type { Account, Candidate, Deployment } from './candidate';

/** The jobs under way of a SQLFlow account: one call lists all, and the name tells whose they are. */
export async function sqlflowAccount(
  { name, settings, client }: SqlFlowConnection,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<Account> {
  const wants = (word: string) => ['queued', 'running', 'unknown'].includes(sqlflowStatus(word));
  const list = await client.selectUserJobs({ field: 'status', wants }, signal);
  const { jobs: underWay, warnings } = list;
  const own = new Map<string, Candidate>();
  for (const job of underWay) {
    const candidate = sqlflowCandidate(job, name, deployment);
    if (candidate !== undefined) own.set(`sqlflow ${settings.url} ${job.jobId}`, candidate);
  }
  const problem = warnings.length > 0 ? warnings.join('; ').slice(0, 500) : undefined;
  const counts = { underWay: underWay.length, own: own.size };
  return { look: { vendor: 'sqlflow', connection: name, ...counts, problem }, jobs: own };
}

function sqlflowCandidate(
  job: SqlFlowListedJob,
  connection: string,
  deployment: Deployment,
): Candidate | undefined {
  const mark = readMark(job.jobName, deployment.installation);
  if (mark === undefined) return undefined;
  const nobody = ownerMark({ ...deployment, workflowId: standalone });
  if (mark.owner !== undefined && mark.owner.scope !== nobody.scope) return undefined;
  return {
    vendor: 'sqlflow',
    connection,
    connections: [connection],
    remoteId: job.jobId,
    name: job.jobName.slice(0, 200),
    status: job.status,
    shortKey: mark.shortKey,
    owner: mark.owner?.workflow ?? '',
    persist: mark.persist || job.persist === true,
    doubt:
      mark.owner === undefined
        ? 'its name does not say which workflow submitted it: an earlier version did'
        : mark.owner.workflow === nobody.workflow
          ? 'an activity without a workflow submitted it'
          : sqlflowStatus(job.status) === 'unknown'
            ? `its status "${job.status}" is unknown`
            : undefined,
  };
}
