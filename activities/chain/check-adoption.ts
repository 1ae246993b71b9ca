import type { AdoptionCheck, CheckAdoptionInput } from '../../src/contracts/chain-asking';
import { failureTypes } from '../../src/contracts/failure-types';
import { definiteFailure } from '../failure';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import { isAtWork, revisionOf } from '../sqlflow/revision';
import { summaryIfKnown } from '../sqlflow/watch-source';
import { sqlflowStatus } from '../../src/clients/sqlflow/status';

/** Says whether a chain may take a job over: it must be there, regular, and not at work. */
export async function checkAdoption(
  { connections }: ActivityResources,
  { connection, jobId, settings }: CheckAdoptionInput,
  { signal }: ActivitySession,
): Promise<AdoptionCheck> {
  const { client } = await connections.sqlflow(connection);
  const job = await summaryIfKnown(client, jobId, signal);
  if (job === undefined || sqlflowStatus(job.status) === 'deleted') {
    throw definiteFailure(
      failureTypes.notFound,
      `SQLFlow job ${jobId} is not known on ${connection}; name a job of this account (remote-jobs sqlflow jobs lists them)`,
    );
  }
  const refuse = (words: string) => definiteFailure(failureTypes.chainRefused, words);
  // Older servers don't tell; where they do, a simple job can't be added to.
  if (job.persist === false) {
    throw refuse(
      `SQLFlow job ${jobId} is a simple job, which takes no later submits; adopt a regular (persist) job`,
    );
  }
  if (isAtWork(job.status)) {
    throw refuse(`SQLFlow job ${jobId} is at work (${job.status}); adopt it when it has ended`);
  }
  if (job.dbVendor !== undefined && job.dbVendor !== settings.dbVendor) {
    throw refuse(
      `SQLFlow job ${jobId} was made with dbvendor ${job.dbVendor}, not ${settings.dbVendor}; adopt it with --dbvendor ${job.dbVendor}`,
    );
  }
  return { jobName: job.jobName, mark: revisionOf(job) };
}
