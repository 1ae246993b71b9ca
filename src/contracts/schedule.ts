import type { ChainRefreshInput } from './chain';
import type { LinkisTaskInput } from './linkis';
import type { PipelineInput } from './pipeline-steps';
import type { SqlFlowJobInput, SqlFlowPersistJobInput } from './sqlflow';

/** What a schedule may be called. */
export const scheduleName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Temporal's id of a schedule: each installation has names of its own. */
export function scheduleIdOf(installation: string, name: string): string {
  return `remote-jobs/${installation}/${name}`;
}

/** A run's workflow id; Temporal appends its time: `scheduled/prod/nightly-2026-05-01T00:00:00Z`. */
export function scheduledRunId(installation: string, name: string): string {
  return `scheduled/${installation}/${name}`;
}

/** The memo field of a schedule, and of each of its runs: whose it is. */
export const scheduleMemoKey = 'remoteJobsSchedule';

export interface ScheduleMemo {
  readonly installation: string;
  readonly name: string;
}

/** When it runs: cron expressions, or an interval. */
export interface ScheduleTimes {
  /** As Temporal reads them: 5 fields, 6 with a year, 7 with seconds and a year; `@daily` and the like. */
  readonly cron?: readonly string[];
  /** Counted from 1970-01-01T00:00Z, in milliseconds; whole seconds, at least one. */
  readonly everyMs?: number;
  /** Moves an interval's runs, in milliseconds; less than `everyMs`. @default 0 */
  readonly offsetMs?: number;
  /** An IANA name such as `Europe/Vienna`: of cron expressions and of variables. @default 'UTC' */
  readonly timeZone?: string;
  /** Each run begins up to so much later, in milliseconds; its nominal time stays. @default 0 */
  readonly jitterMs?: number;
}

/**
 * What happens to a run that is due while an earlier one still runs. Never an end without a kill:
 * Temporal's own "terminate other" is not among them.
 *
 * - `skip`: it is left out.
 * - `buffer-one`: it waits, and what is due meanwhile is left out.
 * - `buffer-all`: it waits, however many do, each for its own time.
 * - `cancel-other`: the earlier run is cancelled, with its kill, and this one begins after it.
 * - `allow-all`: both run.
 */
export const overlapPolicies = [
  'skip',
  'buffer-one',
  'buffer-all',
  'cancel-other',
  'allow-all',
] as const;
/** What becomes of a run that is due while the one before it goes on. */
export type OverlapPolicy = (typeof overlapPolicies)[number];

/** How a schedule deals with runs that overlap, were missed, or failed. */
export interface SchedulePolicy {
  /** @default 'skip' */
  readonly overlap?: OverlapPolicy;
  /** What was missed while the Temporal server was down is made up for if it is no older, in milliseconds; at least 10 s. @default one day */
  readonly catchUpMs?: number;
  /** A failed run pauses the schedule; a cancelled one doesn't. @default false */
  readonly pauseOnFailure?: boolean;
}

export const defaultCatchUpMs = 24 * 3600 * 1000;
/** Temporal's own least. */
export const leastCatchUpMs = 10_000;

/** The files of a scheduled run, found when it runs, by the worker, under its `inputs.roots`. */
export interface ScheduledFiles {
  /** What relative paths begin at. Absolute. */
  readonly folder: string;
  /** Files, folders and globs; none where a database is read. */
  readonly paths: readonly string[];
  /** Files that name files, a line each. */
  readonly filesFrom?: readonly string[];
  /** Only what differs from this git revision of the checkout. */
  readonly changedSince?: string;
  /** Where the files' names begin, see `gatherInputs`. */
  readonly base?: string;
}

/** What runs. Each text in it may hold variables (`{{scheduledDate-1d}}`). */
export type ScheduledRun =
  | {
      readonly type: 'chainRefresh';
      readonly files: ScheduledFiles;
      readonly refresh: Omit<ChainRefreshInput, 'inputs' | 'scheduledAtMs'>;
    }
  | {
      readonly type: 'sqlflowJob';
      readonly files: ScheduledFiles;
      readonly job: Omit<SqlFlowJobInput, 'files'>;
    }
  | {
      readonly type: 'sqlflowPersistJob';
      readonly files: ScheduledFiles;
      readonly job: Omit<SqlFlowPersistJobInput, 'files'>;
    }
  | {
      readonly type: 'linkisTask';
      /** Where the job has no `code` of its own. Absolute. */
      readonly codeFile?: string;
      readonly job: Omit<LinkisTaskInput, 'codeFile'>;
    };

/** A pipeline's run: its file is read, checked and staged each time, by the worker, below its `inputs.roots`. */
export interface ScheduledPipeline {
  readonly type: 'pipeline';
  /** Absolute. */
  readonly file: string;
  /** The pipeline's name, as the file had it: lists tell it before a run has begun. */
  readonly name: string;
  /** As they were typed; each may hold variables. */
  readonly params?: Readonly<Record<string, string>>;
  /** Steps that alone run, see `StepSelection`. */
  readonly only?: readonly string[];
  readonly from?: readonly string[];
  /** The connection of a chain that names none. */
  readonly chainConnection?: string;
  /** Longest time of a run, in milliseconds; the file's own is kept where it is shorter. */
  readonly timeoutMs?: number;
}

/** A schedule as it was asked for. Temporal keeps it with the schedule, so that a change can be told. */
export interface ScheduleDefinition {
  readonly name: string;
  readonly times: ScheduleTimes;
  readonly policy: SchedulePolicy;
  /** What it is for, for a person. */
  readonly note?: string;
  /** Absent: an operator's pause stays, and a new schedule runs. */
  readonly paused?: boolean;
  readonly run: ScheduledRun | ScheduledPipeline;
  /** The words that the run was made of, for a person. */
  readonly command?: string;
}

/** What the workflow `remoteJobsScheduledRun` takes. */
export interface ScheduledRunInput {
  readonly definition: ScheduleDefinition;
  /** True where a configuration declares it: it may go when the configuration no longer does. */
  readonly declared: boolean;
}

/** What the activity `remoteJobsPrepareRun` takes. */
export interface PrepareRunInput {
  readonly run: ScheduledRun | ScheduledPipeline;
  readonly timeZone: string;
  /** The nominal time, epoch milliseconds. */
  readonly scheduledAtMs: number;
}

/** A run without variables, its files staged. */
export type PreparedRun =
  | { readonly type: 'chainRefresh'; readonly input: ChainRefreshInput }
  | { readonly type: 'sqlflowJob'; readonly input: SqlFlowJobInput }
  | { readonly type: 'sqlflowPersistJob'; readonly input: SqlFlowPersistJobInput }
  | { readonly type: 'linkisTask'; readonly input: LinkisTaskInput };

/** A pipeline whose file was read and staged: the run goes on as the pipeline's own workflow. */
export interface PreparedPipeline {
  readonly type: 'pipeline';
  readonly input: PipelineInput;
}
