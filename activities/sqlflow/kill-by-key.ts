import type { SqlFlowClient } from '../../src/clients/sqlflow/client';
import type { KillReport } from '../../src/contracts/job';
import type { SqlFlowKillJobInput } from '../../src/contracts/sqlflow-steps';
import { oneReport } from '../kill-all';
import { endAllThatCome, lateEffectMs } from '../late-effect';
import type { KillSession } from '../kill-budget';
import { abandoned, deletesSent, killSqlFlowJob, nothingFound } from './kill-job';
import { findAllByKey } from './submission';

/**
 * Deletes every job that a submit of unknown outcome has left or still leaves: none, one, or twins.
 * It answers only when no more are to be expected.
 */
export async function killSqlFlowJobsByKey(
  client: SqlFlowClient,
  installation: string,
  input: Extract<SqlFlowKillJobInput, { readonly key: string }>,
  session: KillSession,
  withinMs = lateEffectMs,
): Promise<KillReport> {
  const { key, policy, connection } = input;
  if (policy === 'abandon') return abandoned(undefined);
  const sentBefore = deletesSent(session);
  const find = async (signal: AbortSignal) => {
    const jobs = await findAllByKey(client, installation, key, signal, { priority: 'urgent' });
    const jobIds = new Set([...sentBefore, ...jobs.map((job) => job.jobId)]);
    return [...jobIds].map((jobId) => ({
      remoteId: jobId,
      end: (bounded: KillSession) => killSqlFlowJob(client, { connection, policy, jobId }, bounded),
    }));
  };
  return oneReport(await endAllThatCome(session, find, withinMs)) ?? nothingFound(undefined);
}
