import type { SqlFlowDatabaseSource, SqlFlowLineageSettings } from '../../contracts/sqlflow';
import { InputError } from '../http/errors';
import type { FieldValue } from '../http/body';
import type { MultipartPart } from '../http/multipart';
import type { UploadFile } from '../http/upload-file';
import { knownDbVendors } from './status';

/** A database that the server reads its SQL from; the password is the value itself. */
export type SqlFlowDatabase = Omit<SqlFlowDatabaseSource, 'password'> & {
  readonly password: string;
};

interface SqlFlowSubmission {
  readonly jobName: string;
  /** `dbvhive`, …; one that isn't known is sent all the same, with a warning on the job. */
  readonly dbVendor: string;
  /** SQL files and zips. Exactly one of `files` and `database` is given. */
  readonly files?: readonly UploadFile[];
  readonly database?: SqlFlowDatabase;
  readonly defaultDatabase?: string;
  readonly defaultSchema?: string;
  /** Ahead of other jobs in the server's queue. @default false, by the server */
  readonly onTop?: boolean;
}

/** A simple job. What is left out isn't sent; the defaults are the server's. */
export interface SqlFlowUserJob extends SqlFlowSubmission {
  readonly settings?: SqlFlowLineageSettings;
  readonly parallel?: boolean;
  /** For CSV files that hold SQL. */
  readonly csvFormat?: string;
  readonly objectCodeEncloseChar?: string;
  readonly objectCodeEscapeChar?: string;
}

/** A regular job, which stays on the server and can be added to. */
export interface SqlFlowPersistJob extends SqlFlowSubmission {
  /** The job to add to; left out for the first submit. */
  readonly jobId?: string;
  /** @default true */
  readonly incremental?: boolean;
  readonly firstSubmit?: boolean;
  readonly schedulable?: boolean;
  /** `0 1 * * *` */
  readonly cronExpression?: string;
  readonly extra?: string;
}

/** The fields of a submit, the credential left out, in the vendor's spelling. */
export function userJobParts(job: SqlFlowUserJob, maxUploadBytes: number): MultipartPart[] {
  return parts(job, maxUploadBytes, {
    ...job.settings,
    parallel: job.parallel,
    csvFormat: job.csvFormat,
    objectCodeEncloseChar: job.objectCodeEncloseChar,
    objectCodeEscapeChar: job.objectCodeEscapeChar,
  });
}

export function persistJobParts(job: SqlFlowPersistJob, maxUploadBytes: number): MultipartPart[] {
  return parts(job, maxUploadBytes, {
    jobId: job.jobId === undefined ? undefined : notBlank('jobId', job.jobId),
    incremental: job.incremental ?? true,
    firstSubmit: job.firstSubmit,
    schedulable: job.schedulable,
    cronExpression: job.cronExpression,
    extra: job.extra,
  });
}

/** @throws InputError; a blank jobId would mean the account's latest job to the server */
export function notBlank(field: string, value: string): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new InputError(field, 'must not be blank');
  }
  return value;
}

export function submissionWarnings(dbVendor: string): readonly string[] {
  return knownDbVendors.has(dbVendor)
    ? []
    : [`dbvendor ${dbVendor} is none that SQLFlow documents; it was sent as it is`];
}

function parts(
  job: SqlFlowSubmission,
  maxUploadBytes: number,
  own: Readonly<Record<string, FieldValue>>,
): MultipartPart[] {
  const fields: Readonly<Record<string, FieldValue>> = {
    jobName: notBlank('jobName', job.jobName),
    dbvendor: notBlank('dbVendor', job.dbVendor),
    ...source(job),
    defaultDatabase: job.defaultDatabase,
    defaultSchema: job.defaultSchema,
    ...own,
    onTop: job.onTop,
  };
  const files = job.files ?? [];
  checkFiles(files, maxUploadBytes);
  return [
    ...Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [{ name, value: String(value) }],
    ),
    ...files.map((file) => ({ name: 'sqlfiles', file })),
  ];
}

function source(job: SqlFlowSubmission): Readonly<Record<string, FieldValue>> {
  const { database } = job;
  const hasFiles = job.files !== undefined && job.files.length > 0;
  if (database === undefined) {
    if (hasFiles) return {};
    throw new InputError('files', 'holds nothing to submit: give SQL files, or a database');
  }
  if (hasFiles) throw new InputError('files', 'and database exclude each other: give one of them');
  const { sqlSource, ...fields } = database;
  notBlank('database.hostname', database.hostname);
  notBlank('database.account', database.account);
  if (!Number.isInteger(database.port) || database.port < 1 || database.port > 65_535) {
    throw new InputError('database.port', `must be 1 to 65535, not ${database.port}`);
  }
  return { sqlsource: sqlSource, ...fields };
}

function checkFiles(files: readonly UploadFile[], maxUploadBytes: number): void {
  const names = new Set<string>();
  let totalBytes = 0;
  for (const file of files) {
    notBlank('files.name', file.name);
    if (file.sizeBytes === 0) throw new InputError('files', `holds ${file.name}, which is empty`);
    if (names.has(file.name)) {
      throw new InputError(
        'files',
        `holds ${file.name} twice, which the service can't tell apart: rename one`,
      );
    }
    names.add(file.name);
    totalBytes += file.sizeBytes;
  }
  if (totalBytes > maxUploadBytes) {
    throw new InputError(
      'files',
      `are ${megabytes(totalBytes)} together, more than the ${megabytes(maxUploadBytes)} that maxUploadBytes allows, as the service does by default: split them over several jobs, or zip them`,
    );
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
