import { setTimeout as sleep } from 'node:timers/promises';
import { VendorError } from '../../src/clients/http/errors';
import type { SqlFlowClient } from '../../src/clients/sqlflow/client';
import { sqlflowStatus } from '../../src/clients/sqlflow/status';
import type { SqlFlowJob } from '../../src/clients/sqlflow/wire';
import type { KillReport } from '../../src/contracts/job';
import type { SqlFlowKillJobInput } from '../../src/contracts/sqlflow-steps';
import type { KillSession } from '../kill-budget';
import { lookForLateEffect } from '../late-effect';
import { summaryIfKnown } from './watch-source';

/** Until the delete is sent. The looks for its proof can wait: other deletes haven't been sent yet. */
const urgent = { priority: 'urgent' } as const;

interface KillCheckpoint {
  /** JobIds, each noted before its delete is sent: one that is gone afterwards may be our doing. */
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
  const deleting = deletesSent(session).includes(input.jobId);
  const job = await lookForLateEffect(
    () => summaryIfKnown(client, input.jobId, signal, urgent),
    signal,
  );
  if (job === undefined) {
    // The attempt that meant to delete it may have crashed before it did.
    return deleting ? await deleteJob(client, input, session) : nothingFound(input.jobId);
  }
  if (sqlflowStatus(job.status) === 'deleted') {
    return deleting
      ? removed(input.jobId, 'the service shows it as deleted')
      : nothingFound(input.jobId);
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
  { jobId, status }: Pick<SqlFlowJob, 'jobId'> & Partial<Pick<SqlFlowJob, 'status'>>,
  session: KillSession,
): Promise<KillReport> {
  const { signal } = session;
  const deleting = [...new Set([...deletesSent(session), jobId])];
  await session.remember({ deleting } satisfies KillCheckpoint);
  const answer = await sendDelete(client, jobId, signal);
  const left = await untilGone(client, jobId, signal);
  if (left !== undefined) {
    return {
      outcome: 'unconfirmed',
      remoteId: jobId,
      status: left.status,
      evidence: `deleteUserJob was answered with "${answer ?? 'no such job'}", but the job is still listed as ${left.status}`,
    };
  }
  if (answer === undefined) {
    return removed(jobId, 'deleteUserJob was sent, and the service knows no such job any more');
  }
  const whileIn = status === undefined ? '' : ` while it was ${status}`;
  return removed(
    jobId,
    `deleteUserJob took the job${whileIn}, and the service lists it no more; whether work under way stops with it the vendor doesn't say`,
  );
}

/** The status that the service answers; undefined where it knows no such job. */
async function sendDelete(
  client: SqlFlowClient,
  jobId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await client.deleteUserJob(jobId, signal, urgent)).status;
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'notFound') return undefined;
    throw error;
  }
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

export function nothingFound(jobId: string | undefined): KillReport {
  return {
    outcome: 'nothingToKill',
    remoteId: jobId,
    evidence:
      jobId === undefined
        ? "no job of the account bears this submission's key"
        : 'the service knows no such job',
  };
}

function removed(jobId: string, evidence: string): KillReport {
  return { outcome: 'removed', remoteId: jobId, status: 'delete', evidence };
}

function hasEnded(job: SqlFlowJob): boolean {
  return ['succeeded', 'partiallySucceeded', 'failed'].includes(sqlflowStatus(job.status));
}
