import { HttpError, VendorError } from '../../src/clients/http/errors';
import type { SqlFlowClient } from '../../src/clients/sqlflow/client';
import type { SqlFlowJob } from '../../src/clients/sqlflow/wire';
import type { StatusSource } from '../../src/watch/watcher';

/** What a look says of a job. */
export interface SqlFlowSighting extends SqlFlowJob {
  /** A line of the list, which may lag behind the job's own summary. */
  readonly isListed?: boolean;
}

/**
 * SQLFlow's batched status: displayUserJobsSummary lists every job of the account in one call,
 * whoever asks; a single job is cheaper by itself.
 */
export function sqlflowStatusSource(
  connect: () => Promise<SqlFlowClient>,
): StatusSource<SqlFlowSighting> {
  return {
    async look(ids, signal) {
      const client = await connect();
      const [only] = ids;
      if (ids.length === 1 && only !== undefined) {
        const job = await summaryIfKnown(client, only, signal);
        return new Map(job === undefined ? [] : [[only, job]]);
      }
      const asked = new Set(ids);
      const { jobs } = await client.displayUserJobsSummary(signal);
      const seen = jobs.filter(({ jobId }) => asked.has(jobId));
      return new Map(seen.map((job) => [job.jobId, { ...job, isListed: true }]));
    },
    retryAfterMs: (error) => (error instanceof HttpError ? error.retryAfterMs : undefined),
  };
}

/** The job's own summary, or undefined where the service says it doesn't know the job. */
export async function summaryIfKnown(
  client: SqlFlowClient,
  jobId: string,
  signal: AbortSignal,
): Promise<SqlFlowJob | undefined> {
  try {
    return await client.displayUserJobSummary({ jobId }, signal);
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'notFound') return undefined;
    throw error;
  }
}
