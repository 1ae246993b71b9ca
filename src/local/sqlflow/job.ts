import { createHash, randomBytes } from 'node:crypto';
import type { SqlFlowBehaviour } from './behaviour';
import { timeText } from './envelope';

export type JobStatus = 'create' | 'process' | 'success' | 'partial_success' | 'fail';

/** How lineage is shown; a simple job's submit sets it, an export may ask for another. */
export interface LineageSettings {
  readonly showRelationType: string;
  readonly ignoreRecordSet: boolean;
  readonly ignoreFunction: boolean;
  readonly showConstantTable: boolean;
  readonly showTransform: boolean;
  readonly treatArgumentsInCountFunctionAsDirectDataflow: boolean;
}

/** One uploaded file or zip. */
export interface Upload {
  readonly name: string;
  /** Its name in the job's folder. */
  readonly blob: string;
  readonly sizeBytes: number;
}

/** One run of a job, as `subJobs` lists it. */
export interface SubJob {
  readonly subJobId: string;
  /** Which submit of the job it belongs to, from 1. */
  readonly revision: number;
  readonly createTime: string;
  readonly fileNames: readonly string[];
  status: JobStatus;
  sessionId?: string;
}

export interface PreviousEnd {
  readonly status: JobStatus;
  readonly sessionId?: string;
  readonly lastExecuteTime?: string;
  readonly errorMessage?: string;
  readonly shownUntilMs: number;
}

/** A job, as it is saved. */
export interface Job {
  readonly jobId: string;
  readonly userId: string;
  jobName: string;
  readonly dbVendor: string;
  readonly persist: boolean;
  readonly settings: LineageSettings;
  readonly defaultDatabase?: string;
  readonly defaultSchema?: string;
  readonly createdAtMs: number;
  readonly parallel: boolean;
  /** Order of creation, for jobs of the same millisecond. */
  readonly number: number;
  incremental: boolean;
  schedulable: boolean;
  cancelSchedule: boolean;
  cronExpression?: string;
  onTop: boolean;
  /** Where the SQL should come from instead of files; never with its password. */
  dataSource: Record<string, string | number>;
  uploads: Upload[];
  /** Blobs that no run needs any more. */
  replaced: string[];
  /** Counts submits; a run that ends with an older one is followed by another. */
  revision: number;
  status: JobStatus;
  submittedAtMs: number;
  endedAtMs?: number;
  sessionId?: string;
  executeTimeMillis?: number;
  lastExecuteTime?: string;
  errorMessage?: string;
  subJobs: SubJob[];
  /** How the run before the present one ended, and until when that is still shown. */
  previous?: PreviousEnd;
}

export function newId(): string {
  return randomBytes(16).toString('hex');
}

/** 64 hex digits, `_` and the time: as the vendor's are. */
export function newSessionId(): string {
  return `${createHash('sha256').update(randomBytes(32)).digest('hex')}_${Date.now()}`;
}

/** Runs that a job remembers. */
const maxSubJobs = 20;

/** Writes down that a regular job was sent to run again. */
export function addRun(job: Job): void {
  if (!job.persist) return;
  job.subJobs.push({
    subJobId: newId(),
    revision: job.revision,
    createTime: timeText(job.submittedAtMs),
    fileNames: job.uploads.map(({ name }) => name),
    status: 'create',
  });
  job.subJobs = job.subJobs.slice(-maxSubJobs);
}

/** Sends a job back to its start; its last end may still be shown for a while. */
export function again(job: Job, staleMs: number): void {
  const { status, sessionId, lastExecuteTime, errorMessage } = job;
  if (isEnded(status)) {
    const shownUntilMs = Date.now() + staleMs;
    job.previous = { status, sessionId, lastExecuteTime, errorMessage, shownUntilMs };
  }
  job.status = 'create';
  job.revision += 1;
  job.submittedAtMs = Date.now();
  job.errorMessage = undefined;
  addRun(job);
}

export function isEnded(status: JobStatus): boolean {
  return status === 'success' || status === 'partial_success' || status === 'fail';
}

/** The reply to a submit. */
export function submittedView(job: Job) {
  return {
    jobId: job.jobId,
    jobName: job.jobName,
    userId: job.userId,
    dbVendor: job.dbVendor,
    dataSource: job.dataSource,
    fileNames: fileNamesOf(job),
    createTime: timeText(job.createdAtMs),
    status: job.status,
  };
}

/** At least so many, as those of a job of many files; what is missing is made up. */
function fileNamesOf({ uploads }: Job, atLeast = 0): string[] {
  const names = uploads.map(({ name }) => name);
  for (let number = names.length + 1; number <= atLeast; number += 1) names.push(`${number}.sql`);
  return names;
}

/** Whether a resubmitted job still looks as it did before. */
export function showsPreviousEnd({ previous }: Job): boolean {
  return previous !== undefined && Date.now() < previous.shownUntilMs;
}

/**
 * A job in a summary; after a resubmit it may look as it did before. What a job hasn't is undefined,
 * which JSON leaves out: lists are made of a hundred thousand of these, so they have one shape.
 */
export function summaryView(
  job: Job,
  behaviour: SqlFlowBehaviour,
  isStale = showsPreviousEnd(job),
) {
  const end = isStale ? (job.previous ?? job) : job;
  const seconds = Math.round((job.executeTimeMillis ?? 0) / 1000);
  const { settings } = job;
  const { newerFields } = behaviour;
  return {
    jobId: job.jobId,
    jobName: job.jobName,
    userId: job.userId,
    dbVendor: job.dbVendor,
    dataSource: job.dataSource,
    fileNames: fileNamesOf(job, behaviour.listedFiles),
    createTime: timeText(job.createdAtMs),
    status: end.status,
    userEmail: '',
    showRelationType: settings.showRelationType,
    ignoreRecordSet: settings.ignoreRecordSet,
    ignoreFunction: settings.ignoreFunction,
    showConstantTable: settings.showConstantTable,
    showTransform: settings.showTransform,
    treatArgumentsInCountFunctionAsDirectDataflow:
      settings.treatArgumentsInCountFunctionAsDirectDataflow,
    dataflowOfAggregateFunction: settings.treatArgumentsInCountFunctionAsDirectDataflow
      ? 'direct'
      : 'indirect',
    sessionId: end.sessionId || undefined,
    executeTime: `${Math.floor(seconds / 60)}min ${seconds % 60}sec`,
    executeTimeMillis: job.executeTimeMillis ?? 0,
    onTop: job.onTop,
    parallel: job.parallel,
    persist: job.persist,
    incremental: job.incremental,
    schedulable: job.schedulable,
    cancelSchedule: job.cancelSchedule,
    cronExpression: job.cronExpression || undefined,
    lastExecuteTime: newerFields ? (end.lastExecuteTime ?? '') : undefined,
    subJobs: newerFields ? (end === job ? job.subJobs : job.subJobs.slice(0, -1)) : undefined,
    version: newerFields ? '2.0' : undefined,
    errorMessage: end.errorMessage || undefined,
  };
}
