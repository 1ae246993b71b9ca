import type { ArtifactRef, StagedFile } from './artifact';
import type { LogRef, SubmissionHistory, SubmitDecision } from './job';
import type { ResubmitPolicy } from './resubmit';
import type { SecretRef } from './secret';

/** A plain value of a variable or a setting. */
export type LinkisScalar = string | number | boolean;
/** A plain value, or a secret by its name, which the activity resolves. */
export type LinkisValue = LinkisScalar | SecretRef;

/** What a result set becomes in the artifact store. */
export type ResultFormat = 'csv' | 'jsonl' | 'parquet' | 'xlsx';

/** A task for Linkis: code, the engine that runs it, and what becomes of its results. */
export interface LinkisTaskInput {
  /** A configured connection's name; may be left out where there is just one of this vendor. */
  readonly connection?: string;
  /** The code itself, or a staged file that holds it; exactly one of the two. */
  readonly code?: string;
  readonly codeFile?: StagedFile;
  /** `spark-2.4.3`, `hive-2.3.3`, …: the label `engineType`. */
  readonly engine: string;
  /** `sql`, `hql`, `py`, `scala`, `shell`, … */
  readonly runType: string;
  /** Values for `${name}` in the code. */
  readonly variables?: Readonly<Record<string, LinkisValue>>;
  /** `params.configuration.runtime` */
  readonly runtime?: Readonly<Record<string, LinkisValue>>;
  /** `params.configuration.startup` */
  readonly startup?: Readonly<Record<string, LinkisValue>>;
  /** Text only: other values make the server retry for minutes (20011). */
  readonly source?: Readonly<Record<string, string>>;
  /** More labels; `engineType`, `userCreator` and `codeType` have fields of their own. */
  readonly labels?: Readonly<Record<string, LinkisScalar>>;
  /** Never `IDE` by default: it makes the server append `limit 5000` to SQL. @default 'remotejobs' */
  readonly creator?: string;
  /** The user the task runs as. @default the connection's user */
  readonly user?: string;
  /** 1.x `submit`, or the 0.x-compatible `execute`. @default 'submit' */
  readonly endpoint?: 'submit' | 'execute';
  /** 0.x only. @default the engine's name without its version */
  readonly executeApplicationName?: string;
  /** 0.x only. @default `creator` */
  readonly requestApplicationName?: string;
  /** What result sets become. @default 'csv' */
  readonly format?: ResultFormat;
  /** Submits a failed task again, within `timeoutMs`. @default never */
  readonly resubmit?: ResubmitPolicy;
  /** Longest time from start to end, resubmits included, in milliseconds. @default 24 hours */
  readonly timeoutMs?: number;
}

/** Follows and fetches a task that somebody else submitted; on cancel it is left alone. */
export interface LinkisAttachInput {
  readonly connection?: string;
  readonly taskId: string;
  readonly user?: string;
  readonly format?: ResultFormat;
  readonly timeoutMs?: number;
}

/** What a result set is, by the service's own type of it. */
export type ResultSetKind = 'table' | 'text' | 'io' | 'picture' | 'html';

export interface LinkisResultSet extends ArtifactRef {
  /** Position on the service: 0 for `_0.dolphin`. */
  readonly index: number;
  readonly kind: ResultSetKind;
}

export interface LinkisTaskResult extends SubmissionHistory {
  readonly vendor: 'linkis';
  readonly connection: string;
  readonly taskId: string;
  readonly status: 'Succeed';
  readonly decision: SubmitDecision;
  /** In the service's order. */
  readonly results: readonly LinkisResultSet[];
  /** Absent only where the service has none, or nothing of it could be had (a warning tells). */
  readonly log?: LogRef;
  /** What a user should know, such as that creator IDE limits results. */
  readonly warnings: readonly string[];
  /** Epoch milliseconds. */
  readonly submittedAtMs: number;
  readonly endedAtMs: number;
}
