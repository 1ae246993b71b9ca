import type { SqlFlowClient } from '../../src/clients/sqlflow/client';
import { sqlflowStatus } from '../../src/clients/sqlflow/status';
import type { SqlFlowJob } from '../../src/clients/sqlflow/wire';
import type { KillReport } from '../../src/contracts/job';
import type { SqlFlowKillJobInput } from '../../src/contracts/sqlflow-steps';
import { lookForLateEffect } from '../late-effect';
import type { ActivitySession } from '../session';
import { findByKey } from './submission';
import { summaryIfKnown } from './watch-source';

interface KillCheckpoint {
  /** Set before the delete is sent: a job that is gone afterwards was removed by us. */
  readonly deleting?: string;
}

/** SQLFlow has no kill: a job that hasn't ended is deleted, or by policy left alone. */
export async function killSqlFlowJob(
  client: SqlFlowClient,
  installation: string,
  input: SqlFlowKillJobInput,
  session: ActivitySession,
): Promise<KillReport> {
  const { signal } = session;
  if (input.policy === 'abandon') {
    return {
      outcome: 'abandoned',
      remoteId: 'jobId' in input ? input.jobId : undefined,
      evidence: 'nothing was sent, as onCancel "abandon" asks; the job may run on',
    };
  }
  const { deleting } = session.lastDetails<KillCheckpoint>() ?? {};
  const job =
    'jobId' in input
      ? await summaryIfKnown(client, input.jobId, signal)
      : await lookForLateEffect(() => findByKey(client, installation, input.key, signal), signal);
  if (job === undefined || sqlflowStatus(job.status) === 'deleted') return gone(input, deleting);
  if (deleting !== job.jobId && hasEnded(job)) {
    return {
      outcome: 'alreadyFinished',
      remoteId: job.jobId,
      status: job.status,
      evidence: `the job had ended by itself as ${job.status}; it was left in the account`,
    };
  }
  await session.record({ deleting: job.jobId } satisfies KillCheckpoint);
  const deleted = await client.deleteUserJob(job.jobId, signal);
  const left = await summaryIfKnown(client, job.jobId, signal);
  if (left !== undefined && sqlflowStatus(left.status) !== 'deleted') {
    return {
      outcome: 'unconfirmed',
      remoteId: job.jobId,
      status: left.status,
      evidence: `deleteUserJob was answered with "${deleted.status}", but the job is still listed as ${left.status}`,
    };
  }
  return {
    outcome: 'removed',
    remoteId: job.jobId,
    status: 'delete',
    evidence: `deleteUserJob took the job while it was ${job.status}, and the service lists it no more; whether work under way stops with it the vendor doesn't say`,
  };
}

function gone(input: SqlFlowKillJobInput, deleting: string | undefined): KillReport {
  const remoteId = deleting ?? ('jobId' in input ? input.jobId : undefined);
  if (deleting !== undefined) {
    return {
      outcome: 'removed',
      remoteId,
      status: 'delete',
      evidence: 'deleteUserJob was sent, and the service lists the job no more',
    };
  }
  return {
    outcome: 'nothingToKill',
    remoteId,
    evidence:
      remoteId === undefined
        ? "no job of the account bears this submission's key"
        : 'the service knows no such job',
  };
}

function hasEnded(job: SqlFlowJob): boolean {
  return ['succeeded', 'partiallySucceeded', 'failed'].includes(sqlflowStatus(job.status));
}
