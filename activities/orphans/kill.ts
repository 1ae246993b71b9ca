import type { KillReport } from '../../src/contracts/job';
import type { Vendor } from '../../src/contracts/names';
import type { JobUnderWay } from '../../src/contracts/orphans';
import { isOver } from '../../src/contracts/workflow-status';
import { killLinkisTask } from '../linkis/kill-task';
import { sourceKeys } from '../linkis/submission';
import { taskIfKnown } from '../linkis/watch-source';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import { readMark, shortKeyOf } from '../sqlflow/job-name';
import { killSqlFlowJob } from '../sqlflow/kill-job';
import { summaryIfKnown } from '../sqlflow/watch-source';
import { Owners } from './owners';

/**
 * Kills one orphan by the ordinary rules, after a last look at its workflow and at the job: a reset
 * workflow may have it again, and an id may name another job than the one that was found.
 */
export async function killOrphan(
  resources: ActivityResources,
  job: JobUnderWay,
  session: ActivitySession,
): Promise<KillReport> {
  if (job.workflowId !== undefined) {
    const owner = await new Owners(session).latest(job.workflowId);
    if (owner !== undefined && !isOver(owner.status)) {
      return leftAlone(job, 'its workflow is open again, so nothing was sent');
    }
  }
  return await kills[job.vendor](resources, job, session);
}

type Kill = (
  resources: ActivityResources,
  job: JobUnderWay,
  session: ActivitySession,
) => Promise<KillReport>;

const kills: Readonly<Record<Vendor, Kill>> = {
  sqlflow: killSqlFlowOrphan,
  linkis: killLinkisOrphan,
};

async function killSqlFlowOrphan(
  { connections, installation }: ActivityResources,
  job: JobUnderWay,
  session: ActivitySession,
): Promise<KillReport> {
  const { client } = await connections.sqlflow(job.connection);
  const { connection, remoteId: jobId } = job;
  const now = await summaryIfKnown(client, jobId, session.signal);
  if (now !== undefined) {
    const mark = readMark(now.jobName, installation);
    if (mark?.shortKey !== job.shortKey) return anotherJob(job);
    if (mark.persist || now.persist === true) {
      return leftAlone(job, 'a persist job is never deleted');
    }
  }
  return await killSqlFlowJob(client, { connection, jobId, policy: 'delete' }, session);
}

async function killLinkisOrphan(
  { connections, installation }: ActivityResources,
  job: JobUnderWay,
  session: ActivitySession,
): Promise<KillReport> {
  const connection = await connections.linkis(job.connection);
  const { client } = connection;
  const user = connection.actAs(job.user);
  const { remoteId: taskId } = job;
  const source = (await taskIfKnown(client, taskId, { signal: session.signal, user }))?.source;
  // A Forced Kill destroys the row's keys: without any it is the row that an earlier attempt killed.
  const key = source?.[sourceKeys.key];
  if (source !== undefined && key !== undefined) {
    const ours = source[sourceKeys.installation] === installation;
    if (!ours || shortKeyOf(key) !== job.shortKey) return anotherJob(job);
  }
  return await killLinkisTask(client, { taskId, user }, session);
}

function anotherJob(job: JobUnderWay): KillReport {
  return leftAlone(job, 'its id names another job by now, so nothing was sent');
}

function leftAlone({ remoteId, status }: JobUnderWay, evidence: string): KillReport {
  return { outcome: 'abandoned', remoteId, status, evidence };
}
