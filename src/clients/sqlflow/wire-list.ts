import { z } from 'zod';
import { VendorError, WireError } from '../http/errors';
import { checkShape } from '../http/shape';
import { limited, maxWarnings, type Envelope } from './envelope';
import { sqlflowStatus } from './status';
import { count, isEmpty, list, readJob, readJobAt, type SqlFlowJob } from './wire';

/** All jobs of the account, older ones included; there is no paging. */
export interface SqlFlowJobList {
  readonly total: number;
  readonly success: number;
  readonly partialSuccess: number;
  readonly fail: number;
  readonly jobs: readonly SqlFlowJob[];
  /** The service's, and one for each entry that couldn't be read and is left out. */
  readonly warnings: readonly string[];
}

const listSchema = z.object({
  total: count,
  success: count,
  partialSuccess: count,
  fail: count,
  jobDetails: list(z.unknown()),
});

/** Jobs as they are read from their rows: one that can't be read must not hide the others. */
export class JobRows<Job> {
  readonly jobs: Job[] = [];
  readonly #messages: string[] = [];
  #unreadable = 0;
  #first: WireError | undefined;

  /** Adds what `read` makes of a row; nothing, where the row is none of those asked for. */
  add(read: () => Job | undefined): void {
    try {
      const job = read();
      if (job !== undefined) this.jobs.push(job);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#first ??= error;
      this.#unreadable += 1;
      if (this.#messages.length < maxWarnings) this.#messages.push(error.message);
    }
  }

  /**
   * The service's warnings, and one for each row that couldn't be read.
   *
   * @param rows how many there were
   * @throws WireError where no row could be read, or the service tells of jobs that it doesn't list
   */
  warnings({ endpoint, data, warnings }: Envelope, rows: number): readonly string[] {
    if (this.#first !== undefined && this.#unreadable === rows) throw this.#first;
    const { total } = checkShape(listSchema, data, endpoint, 'data');
    if (rows === 0 && (total ?? 0) > 0) {
      const expected = `a list of the ${total} jobs`;
      throw new WireError({ endpoint, field: 'data.jobDetails', expected, found: 'empty' });
    }
    return limited([...warnings, ...this.#messages], warnings.length + this.#unreadable);
  }
}

/** The whole list, its rows read already. */
export function jobList(
  envelope: Envelope,
  rows: JobRows<SqlFlowJob>,
  rowCount: number,
): SqlFlowJobList {
  const warnings = rows.warnings(envelope, rowCount);
  const counts = checkShape(listSchema, envelope.data, envelope.endpoint, 'data');
  const { jobs } = rows;
  const ended = (kind: string) => jobs.filter((job) => sqlflowStatus(job.status) === kind).length;
  return {
    total: counts.total ?? jobs.length,
    success: counts.success ?? ended('succeeded'),
    partialSuccess: counts.partialSuccess ?? ended('partiallySucceeded'),
    fail: counts.fail ?? ended('failed'),
    jobs,
    warnings,
  };
}

/** Which job is asked for: by id, or by name. */
export type SqlFlowJobSelector = { readonly jobId: string } | { readonly jobName: string };

/**
 * displayUserJobSummary answers with the job or, on some servers, with a list of jobs.
 *
 * @throws VendorError (`notFound`) where the job isn't in the answer
 */
export function readSelectedJob(envelope: Envelope, selector: SqlFlowJobSelector): SqlFlowJob {
  const isAsked = (job: SqlFlowJob) =>
    'jobId' in selector
      ? job.jobId.toLowerCase() === selector.jobId.trim().toLowerCase()
      : job.jobName === selector.jobName;
  const jobs = isListShaped(envelope.data)
    ? listedJobs(envelope)
    : isEmpty(envelope.data)
      ? []
      : [readJob(envelope)];
  // Names needn't be unique; the latest is what the vendor's own UI means.
  const [job] = jobs
    .filter(isAsked)
    .sort((a, b) => (b.createTime ?? '').localeCompare(a.createTime ?? ''));
  if (job === undefined) {
    throw new VendorError({
      endpoint: envelope.endpoint,
      kind: 'notFound',
      vendorCode: envelope.code,
      serviceMessage: `the answer ${jobs.length === 0 ? 'holds no job' : 'shows another job than the one asked for'}`,
      httpStatus: envelope.httpStatus,
    });
  }
  return job;
}

function listedJobs(envelope: Envelope): readonly SqlFlowJob[] {
  const { endpoint, data } = envelope;
  const { jobDetails } = checkShape(listSchema, data, endpoint, 'data');
  const rows = new JobRows<SqlFlowJob>();
  jobDetails.forEach((row, index) => {
    rows.add(() => readJobAt(envelope, row, `data.jobDetails[${index}]`));
  });
  rows.warnings(envelope, jobDetails.length);
  return rows.jobs;
}

function isListShaped(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'jobDetails' in data;
}
