import { z } from 'zod';
import { redact } from '../http/redaction';
import { checkShape } from '../http/shape';
import type { Envelope } from './envelope';
import { plainRow } from './plain-row';

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
export const count = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], { error: 'a number' })
  .nullish();
export const list = <T extends z.ZodType>(item: T) =>
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

/** generateToken's `token` stands at the top level. */
export function readToken(envelope: Envelope): string {
  return checkShape(tokenSchema, envelope.top, envelope.endpoint).token;
}

export function readJob(envelope: Envelope): SqlFlowJob {
  return readJobAt(envelope, envelope.data, 'data');
}

/** @param at where in the answer `value` stands, for the error */
export function readJobAt(
  { endpoint, warnings }: Pick<Envelope, 'endpoint' | 'warnings'>,
  value: unknown,
  at: string,
): SqlFlowJob {
  const read = plainRow(value) ?? checkShape(jobSchema, value, endpoint, at);
  const { dbvendor, errorMessage, ...job } = read;
  return {
    ...job,
    // A failed login to a database may be told with all that was tried.
    ...(errorMessage === undefined ? {} : { errorMessage: redact(errorMessage) }),
    jobName: job.jobName ?? '',
    dbVendor: job.dbVendor ?? dbvendor,
    warnings,
  };
}

/** deleteUserJob answers with the job in status `delete`; a plain 200 means the same. */
export function readDeletedJob(envelope: Envelope, jobId: string): SqlFlowJob {
  if (typeof envelope.data === 'object' && !isEmpty(envelope.data)) return readJob(envelope);
  const { warnings } = envelope;
  return { jobId, jobName: '', status: 'delete', fileNames: [], subJobs: [], warnings };
}

export function isEmpty(data: unknown): boolean {
  return (
    data === undefined ||
    data === null ||
    data === '' ||
    (typeof data === 'object' && Object.keys(data).length === 0)
  );
}
