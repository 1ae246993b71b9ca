import { z } from 'zod';
import { VendorError, WireError } from '../http/errors';
import { redact } from '../http/redaction';
import { checkShape } from '../http/shape';
import type { Envelope } from './envelope';
import { limited } from './envelope';
import { sqlflowStatus } from './status';

/** A job as the service shows it. Times are the service's texts; they carry no time zone. */
export interface SqlFlowJob {
  /** 32 hexadecimal digits. */
  readonly jobId: string;
  readonly jobName: string;
  /** The service's own word: `create`, `process`, `success`, `partial_success`, `fail`, `delete`. */
  readonly status: string;
  readonly dbVendor?: string;
  /** `2020-12-15 15:14:39` */
  readonly createTime?: string;
  /** Absent until a run has ended; another one after each run. */
  readonly sessionId?: string;
  /** `0min 1sec` */
  readonly executeTime?: string;
  readonly lastExecuteTime?: string;
  /** Why a job failed. */
  readonly errorMessage?: string;
  readonly persist?: boolean;
  readonly incremental?: boolean;
  readonly fileNames: readonly string[];
  /** As the service sends them; their shape isn't documented. */
  readonly subJobs: readonly unknown[];
  /** What stood in `error` beside code 200 or 203. */
  readonly warnings: readonly string[];
}

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

const text = z.union([z.string(), z.number()], { error: 'a text' }).transform(String);
const required = text.refine((value) => value.trim() !== '', { error: 'a text that is not empty' });
const optional = text
  .nullish()
  .transform((value) => (value === '' ? undefined : (value ?? undefined)));
/** What history keeps and compares: more of it than any server sends is no answer. */
const short = (most: number) =>
  required.refine((value) => value.length <= most, {
    error: `a text of at most ${most} characters`,
  });
const mark = optional.refine((value) => value === undefined || value.length <= 500, {
  error: 'a text of at most 500 characters',
});
const flag = z
  .union([z.boolean(), z.stringbool()], { error: 'true or false' })
  .nullish()
  .transform((value) => value ?? undefined);
const count = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], { error: 'a number' })
  .nullish();
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((v) => v ?? []);

const tokenSchema = z.object({ token: required });

const jobSchema = z.object({
  jobId: short(200),
  jobName: optional,
  status: short(200),
  dbVendor: optional,
  dbvendor: optional,
  createTime: optional,
  sessionId: mark,
  executeTime: optional,
  lastExecuteTime: mark,
  errorMessage: optional,
  persist: flag,
  incremental: flag,
  fileNames: list(text),
  subJobs: list(z.unknown()),
});

const listSchema = z.object({
  total: count,
  success: count,
  partialSuccess: count,
  fail: count,
  jobDetails: list(z.unknown()),
});

/** generateToken's `token` stands at the top level. */
export function readToken(envelope: Envelope): string {
  return checkShape(tokenSchema, envelope.top, envelope.endpoint).token;
}

export function readJob(envelope: Envelope, value = envelope.data, at = 'data'): SqlFlowJob {
  const { dbvendor, errorMessage, ...job } = checkShape(jobSchema, value, envelope.endpoint, at);
  return {
    ...job,
    // A failed login to a database may be told with all that was tried.
    ...(errorMessage === undefined ? {} : { errorMessage: redact(errorMessage) }),
    jobName: job.jobName ?? '',
    dbVendor: job.dbVendor ?? dbvendor,
    warnings: envelope.warnings,
  };
}

/** One entry that can't be read must not hide the others: it becomes a warning, unless all are such. */
export function readJobList(envelope: Envelope): SqlFlowJobList {
  const { endpoint } = envelope;
  const { jobDetails, ...counts } = checkShape(listSchema, envelope.data, endpoint, 'data');
  const jobs: SqlFlowJob[] = [];
  const unreadable: WireError[] = [];
  jobDetails.forEach((entry, index) => {
    try {
      jobs.push({ ...readJob(envelope, entry, `data.jobDetails[${index}]`), warnings: [] });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      unreadable.push(error);
    }
  });
  if (jobs.length === 0 && unreadable[0] !== undefined) throw unreadable[0];
  if (jobDetails.length === 0 && (counts.total ?? 0) > 0) {
    const expected = `a list of the ${counts.total} jobs`;
    throw new WireError({ endpoint, field: 'data.jobDetails', expected, found: 'empty' });
  }
  const ended = (kind: string) => jobs.filter((job) => sqlflowStatus(job.status) === kind).length;
  return {
    total: counts.total ?? jobs.length,
    success: counts.success ?? ended('succeeded'),
    partialSuccess: counts.partialSuccess ?? ended('partiallySucceeded'),
    fail: counts.fail ?? ended('failed'),
    jobs,
    warnings: limited([...envelope.warnings, ...unreadable.map((error) => error.message)]),
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
    ? readJobList(envelope).jobs.map((job) => ({ ...job, warnings: envelope.warnings }))
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

/** deleteUserJob answers with the job in status `delete`; a plain 200 means the same. */
export function readDeletedJob(envelope: Envelope, jobId: string): SqlFlowJob {
  if (typeof envelope.data === 'object' && !isEmpty(envelope.data)) return readJob(envelope);
  const { warnings } = envelope;
  return { jobId, jobName: '', status: 'delete', fileNames: [], subJobs: [], warnings };
}

function isListShaped(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'jobDetails' in data;
}

function isEmpty(data: unknown): boolean {
  return (
    data === undefined ||
    data === null ||
    data === '' ||
    (typeof data === 'object' && Object.keys(data).length === 0)
  );
}
