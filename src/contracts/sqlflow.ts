import type { ArtifactRef, StagedFile } from './artifact';
import type { SubmissionHistory, SubmitDecision } from './job';
import type { SecretRef } from './secret';

/** A database that SQLFlow reads its SQL from, in place of files. */
export interface SqlFlowDatabaseSource {
  readonly hostname: string;
  readonly port: number;
  readonly account: string;
  readonly password: SecretRef;
  readonly database?: string;
  /** The vendor's `sqlsource`; its allowed values are not documented. */
  readonly sqlSource?: string;
  /** Comma lists of `db/schema`; `*` is allowed. */
  readonly extractedDbsSchemas?: string;
  readonly excludedDbsSchemas?: string;
  readonly extractedStoredProcedures?: string;
  readonly extractedViews?: string;
}

/** Display settings of a simple job, and of an export. */
export interface SqlFlowLineageSettings {
  readonly ignoreFunction?: boolean;
  readonly ignoreRecordSet?: boolean;
  readonly showConstantTable?: boolean;
  readonly showTransform?: boolean;
  /** Comma list of fdd, frd, fdr, join. @default 'fdd' */
  readonly showRelationType?: string;
  readonly treatArgumentsInCountFunctionAsDirectDataflow?: boolean;
}

/** An export of SQLFlow. */
export type LineageFormat = 'json' | 'csv' | 'graphml';

/** Fields that simple and persist jobs share. */
export interface SqlFlowJobBase {
  /** A configured connection's name; may be left out where there is just one of this vendor. */
  readonly connection?: string;
  /** A readable name; the submission's short key is appended to it. */
  readonly jobName: string;
  /** `dbvhive`, `dbvoracle`, …; an unknown one is sent all the same, with a warning. */
  readonly dbVendor: string;
  /** SQL files and zips. Exactly one of `files` and `database` is given. */
  readonly files?: readonly StagedFile[];
  readonly database?: SqlFlowDatabaseSource;
  readonly defaultDatabase?: string;
  readonly defaultSchema?: string;
  /** @default ['json', 'csv', 'graphml'] */
  readonly exports?: readonly LineageFormat[];
  /** Table-level lineage in the exports, in place of column-level. @default false */
  readonly tableToTable?: boolean;
  /** One character between CSV fields. @default ',' */
  readonly delimiter?: string;
  /** How the exports show lineage. */
  readonly exportSettings?: SqlFlowLineageSettings;
  /** What a `partial_success` (some files failed to parse) means. @default 'accept' */
  readonly partialSuccess?: 'accept' | 'fail';
  /** Longest time from start to end of the remote job, in milliseconds. @default 24 hours */
  readonly timeoutMs?: number;
}

export interface SqlFlowJobInput extends SqlFlowJobBase {
  readonly settings?: SqlFlowLineageSettings;
  readonly parallel?: boolean;
  readonly onTop?: boolean;
  /** SQLFlow has no kill: delete the job on cancel, or let it be. @default 'delete' */
  readonly onCancel?: 'delete' | 'abandon';
  /** Whether the job stays in the account's list once its exports are stored. @default 'keep' */
  readonly afterExport?: 'keep' | 'delete';
}

export interface SqlFlowPersistJobInput extends SqlFlowJobBase {
  /** The job to add to; left out for the first submit. A blank one is refused. */
  readonly jobId?: string;
  /** @default true */
  readonly incremental?: boolean;
  readonly onTop?: boolean;
}

/** Follows and exports a job that somebody else submitted; on cancel it is left alone. */
export interface SqlFlowAttachInput {
  readonly connection?: string;
  readonly jobId: string;
  readonly exports?: readonly LineageFormat[];
  readonly tableToTable?: boolean;
  readonly delimiter?: string;
  readonly exportSettings?: SqlFlowLineageSettings;
  readonly partialSuccess?: 'accept' | 'fail';
  readonly timeoutMs?: number;
}

export interface SqlFlowJobResult extends SubmissionHistory {
  readonly vendor: 'sqlflow';
  readonly connection: string;
  readonly jobId: string;
  /** The name the service holds: the readable one with the short key. */
  readonly jobName: string;
  readonly status: 'success' | 'partial_success';
  readonly decision: SubmitDecision;
  /** The server's own words: parse errors of a `partial_success`, warnings beside code 200 and 203, what a validation noticed. */
  readonly warnings: readonly string[];
  readonly sessionId?: string;
  readonly lineage: { readonly [F in LineageFormat]?: ArtifactRef };
  /** Epoch milliseconds. */
  readonly submittedAtMs: number;
  readonly endedAtMs: number;
  /** True where `afterExport: 'delete'` removed the job from the account. */
  readonly deleted?: boolean;
}
