import { HttpError, VendorError } from '../../src/clients/http/errors';
import type { SqlFlowClient, SqlFlowCallOptions } from '../../src/clients/sqlflow/client';
import type {
  SqlFlowJobSelection,
  SqlFlowListedJob,
} from '../../src/clients/sqlflow/job-selection';
import type { SqlFlowJob } from '../../src/clients/sqlflow/wire';
import type { StatusSource } from '../../src/watch/watcher';
import { isOfTheService, ListHealth } from '../list-health';

/** What a look says of a job. */
export interface SqlFlowSighting extends SqlFlowListedJob {
  /** A line of the list, which may lag behind the job's own summary. */
  readonly isListed?: boolean;
}

export interface SqlFlowSourceOptions {
  /** The account has a quota: a request saved is worth more than a long answer. @default false */
  readonly requestsAreScarce?: boolean;
}

/**
 * So many single requests at most take the place of the list, however long that is: under way
 * together, they leave three quarters of the 32 connections that are usual to other calls.
 */
const mostSingles = 8;
/** Asking for one job costs a service about as much as so many bytes of a list. */
const singleBytes = 100_000;
/** A list is asked for with so much rest after it, on the average: 40 MB a second, and no more. */
const restMsPerMegabyte = 25;

/**
 * SQLFlow's batched status: displayUserJobsSummary lists every job of the account in one call,
 * whoever asks. A few jobs beside a long list are cheaper one by one, and so are all of them while
 * the list is out of order.
 */
export function sqlflowStatusSource(
  connect: () => Promise<SqlFlowClient>,
  { requestsAreScarce = false }: SqlFlowSourceOptions = {},
): StatusSource<SqlFlowSighting> {
  const health = new ListHealth();
  const sightings = new WeakMap<SqlFlowListedJob, SqlFlowSighting>();
  let last: SqlFlowJobSelection | undefined;
  let restMs = 0;

  function areCheaperSingly(jobs: number): boolean {
    if (jobs === 1) return true;
    if (requestsAreScarce || jobs > mostSingles) return false;
    return jobs * singleBytes < (last?.sizeBytes ?? 0);
  }

  async function lookSingly(ids: readonly string[], signal: AbortSignal) {
    const client = await connect();
    restMs = 0;
    const seen = new Map<string, SqlFlowSighting>();
    await Promise.all(
      ids.map(async (id) => {
        const job = await summaryIfKnown(client, id, signal, { priority: 'background' });
        if (job !== undefined) seen.set(id, sightingOfOwn(job));
      }),
    );
    return seen;
  }

  async function lookAtList(ids: readonly string[], signal: AbortSignal) {
    const client = await connect();
    const asked = new Map(ids.map((id) => [id.trim().toLowerCase(), id]));
    const wants = (jobId: string) => asked.has(jobId.toLowerCase());
    const options = { priority: 'background', since: last } as const;
    last = await client.selectUserJobs({ field: 'jobId', wants }, signal, options);
    restMs = (last.sizeBytes / 1e6) * restMsPerMegabyte;
    return new Map(
      last.jobs.map((job) => [asked.get(job.jobId.toLowerCase()) ?? job.jobId, sightingOf(job)]),
    );
  }

  /** The same for a job whose row hasn't changed, so that it is known to be the same. */
  function sightingOf(job: SqlFlowListedJob): SqlFlowSighting {
    const known = sightings.get(job);
    if (known !== undefined) return known;
    const sighting = { ...job, isListed: true };
    sightings.set(job, sighting);
    return sighting;
  }

  return {
    get idsPerLook() {
      return health.isAway ? 1 : Infinity;
    },
    asksEach: areCheaperSingly,
    isOfTheService,
    get restMs() {
      return restMs;
    },
    async look(ids, signal) {
      if (health.isAway || areCheaperSingly(ids.length)) return lookSingly(ids, signal);
      try {
        const seen = await lookAtList(ids, signal);
        health.answered();
        return seen;
      } catch (error) {
        health.failed(error);
        throw error;
      }
    },
    sameAs: (one, other) => one === other,
    retryAfterMs: (error) => (error instanceof HttpError ? error.retryAfterMs : undefined),
  };
}

/** Without the names of its files, which may be thousands: a sighting is held for as long as a job runs. */
export function sightingOfOwn({ fileNames: _fileNames, ...job }: SqlFlowJob): SqlFlowSighting {
  return job;
}

/** The job's own summary, or undefined where the service says it doesn't know the job. */
export async function summaryIfKnown(
  client: SqlFlowClient,
  jobId: string,
  signal: AbortSignal,
  options?: SqlFlowCallOptions,
): Promise<SqlFlowJob | undefined> {
  try {
    return await client.displayUserJobSummary({ jobId }, signal, options);
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'notFound') return undefined;
    throw error;
  }
}
