import type { SqlFlowClient } from '../../src/clients/sqlflow/client';
import type { KillReport } from '../../src/contracts/job';
import type { SqlFlowKillJobInput } from '../../src/contracts/sqlflow-steps';
import { oneReport } from '../kill-all';
import { lookForLateEffect } from '../late-effect';
import type { KillSession } from '../kill-budget';
import { abandoned, deletesSent, killSqlFlowJob, nothingFound } from './kill-job';
import { findAllByKey } from './submission';

/** Deletes every job that a submit of unknown outcome may have left: none, one, or a twin beside it. */
export async function killSqlFlowJobsByKey(
  client: SqlFlowClient,
  installation: string,
  input: Extract<SqlFlowKillJobInput, { readonly key: string }>,
  session: KillSession,
): Promise<KillReport> {
  const { key, policy, connection } = input;
  const { signal } = session;
  if (policy === 'abandon') return abandoned(undefined);
  const found = await lookForLateEffect(async () => {
    const jobs = await findAllByKey(client, installation, key, signal);
    return jobs.length > 0 ? jobs : undefined;
  }, signal);
  const reports: KillReport[] = [];
  const jobIds = [...deletesSent(session), ...(found ?? []).map(({ jobId }) => jobId)];
  for (const jobId of new Set(jobIds)) {
    reports.push(await killSqlFlowJob(client, { connection, policy, jobId }, session));
  }
  return oneReport(reports) ?? nothingFound(undefined, session);
}
