import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlFlowClient } from '../../src/clients/sqlflow/client';
import { sqlflowStatus } from '../../src/clients/sqlflow/status';
import type { SqlFlowJob } from '../../src/clients/sqlflow/wire';
import type { KillReport } from '../../src/contracts/job';
import type { SqlFlowKillJobInput } from '../../src/contracts/sqlflow-steps';
import type { KillSession } from '../kill-budget';
import { lookForLateEffect } from '../late-effect';
import { summaryIfKnown } from './watch-source';

interface KillCheckpoint {
  /** JobIds, each noted before its delete is sent: a job that is gone afterwards was removed by us. */
  readonly deleting?: readonly string[];
}

/** Jobs that earlier attempts sent a delete for: they may be found by their key no more. */
export function deletesSent(session: KillSession): readonly string[] {
  return session.lastDetails<KillCheckpoint>()?.deleting ?? [];
}

/** SQLFlow has no kill: a job that hasn't ended is deleted, or by policy left alone. */
export async function killSqlFlowJob(
  client: SqlFlowClient,
  input: Extract<SqlFlowKillJobInput, { readonly jobId: string }>,
  session: KillSession,
): Promise<KillReport> {
  const { signal } = session;
  if (input.policy === 'abandon') return abandoned(input.jobId);
  const look = () => summaryIfKnown(client, input.jobId, signal);
  const deleting = deletesSent(session).includes(input.jobId);
  // One answer that misses the job says little, unless it was deleted before.
  const job = deleting ? await look() : await lookForLateEffect(look, signal);
  if (job === undefined || sqlflowStatus(job.status) === 'deleted') {
    return nothingFound(input.jobId, session);
  }
  if (!deleting && hasEnded(job)) {
    return {
      outcome: 'alreadyFinished',
      remoteId: job.jobId,
      status: job.status,
      evidence: `the job had ended by itself as ${job.status}; it was left in the account`,
    };
  }
  return await deleteJob(client, job, session);
}

/** Deletes a job, whatever its state, and looks whether it has gone. */
export async function deleteJob(
  client: SqlFlowClient,
  job: SqlFlowJob,
  session: KillSession,
): Promise<KillReport> {
  const { signal } = session;
  const deleting = [...new Set([...deletesSent(session), job.jobId])];
  await session.remember({ deleting } satisfies KillCheckpoint);
  const deleted = await client.deleteUserJob(job.jobId, signal);
  const left = await untilGone(client, job.jobId, signal);
  if (left !== undefined) {
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

/** A service may list a job for a moment after it took the delete. */
const goneWithinMs = 5000;
const askEveryMs = 500;

/** The job as it is still listed when the time is up; undefined once it has gone. */
async function untilGone(
  client: SqlFlowClient,
  jobId: string,
  signal: AbortSignal,
): Promise<SqlFlowJob | undefined> {
  const untilMs = Date.now() + goneWithinMs;
  for (;;) {
    const left = await summaryIfKnown(client, jobId, signal);
    if (left === undefined || sqlflowStatus(left.status) === 'deleted') return undefined;
    if (Date.now() >= untilMs) return left;
    await sleep(askEveryMs, undefined, { signal });
  }
}

export function abandoned(jobId: string | undefined): KillReport {
  return {
    outcome: 'abandoned',
    remoteId: jobId,
    evidence: 'nothing was sent, as onCancel "abandon" asks; the job may run on',
  };
}

/** The job isn't there; it may be because an earlier attempt deleted it. */
export function nothingFound(jobId: string | undefined, session: KillSession): KillReport {
  if (jobId !== undefined && deletesSent(session).includes(jobId)) {
    return {
      outcome: 'removed',
      remoteId: jobId,
      status: 'delete',
      evidence: 'deleteUserJob was sent, and the service lists the job no more',
    };
  }
  return {
    outcome: 'nothingToKill',
    remoteId: jobId,
    evidence:
      jobId === undefined
        ? "no job of the account bears this submission's key"
        : 'the service knows no such job',
  };
}

function hasEnded(job: SqlFlowJob): boolean {
  return ['succeeded', 'partiallySucceeded', 'failed'].includes(sqlflowStatus(job.status));
}
