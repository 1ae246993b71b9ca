import type { ArtifactRef, StagedFile } from './artifact';
import type { FailureReport, KillReport } from './job';
import type { GateVerdict, LineageCounts, LineageGate, PublishOptions } from './lineage-gate';
import type { LineageFormat, SqlFlowLineageSettings } from './sqlflow';
import type { SqlFlowRevision } from './sqlflow-steps';

/** What a chain may be called; part of its workflow id and of its folder in the store. */
export const chainName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** The entity workflow of a chain: the only writer of its SQLFlow job. */
export function chainWorkflowId(connection: string, name: string): string {
  return `sqlflow-chain/${connection}/${name}`;
}

/** The child workflow of one refresh; cancelling it cancels that refresh alone. */
export function refreshWorkflowId(chainId: string, requestId: string): string {
  return `${chainId}/${requestId}`;
}

/** Where a chain keeps its revisions in the artifact store. */
export function chainFolder(connection: string, name: string): string {
  return `chains/${connection}/${name}`;
}

export function revisionFolder(connection: string, name: string, revision: number): string {
  return `${chainFolder(connection, name)}/${revision}`;
}

/** Keys under a revision's folder. */
export const revisionArtifacts = {
  json: 'lineage.json',
  csv: 'lineage.csv',
  graphml: 'lineage.graphml',
  diffJson: 'diff.json',
  diffMarkdown: 'diff.md',
  picture: 'lineage.html',
  fileErrors: 'file-errors.json',
  result: 'result.json',
} as const;

/** Key under a chain's folder: a small JSON file ({@link LatestRevision}), moved after all else is written. */
export const latestPointer = 'latest.json';

/** Refreshes that may wait for their turn; each holds one of the ten updates that a workflow takes at once. */
export const mostQueuedRequests = 8;
/** Refreshes that a chain remembers. */
export const mostRememberedRefreshes = 50;

/** One file of a manifest: its bytes lie in the store under their hash. */
export interface ManifestFile extends StagedFile {
  /** `sql` files go into a zip; a `zip` that the user gave is sent as it is. */
  readonly name: string;
}

/** The JSON that a {@link ManifestRef} points to: every file of a snapshot, sorted by name. */
export interface Manifest {
  readonly version: 1;
  readonly files: readonly ManifestFile[];
  /**
   * Names that are gone, where the manifest is `partial`: made of what changed since a revision of
   * a checkout. Files that it doesn't name are as they were.
   */
  readonly partial?: { readonly removed: readonly string[]; readonly since: string };
}

/** A snapshot of input files. The manifest lies in the store; this is what workflows hold. */
export interface ManifestRef {
  readonly artifact: ArtifactRef;
  readonly files: number;
  /** Of the files together, before they are packed. */
  readonly sizeBytes: number;
  readonly partial?: boolean;
}

/** Settings that SQLFlow fixes when it makes a job: another value means another job. */
export interface ChainSettings {
  readonly dbVendor: string;
  readonly defaultDatabase?: string;
  readonly defaultSchema?: string;
}

/** What a refresh is asked to do. */
export interface ChainRefreshInput extends ChainSettings {
  /** The chain's name. */
  readonly chain: string;
  /** A configured connection's name. */
  readonly connection: string;
  readonly inputs: ManifestRef;
  /** `changed` sends the files that are new or whose content changed, `all` every file. @default 'changed' */
  readonly send?: 'changed' | 'all';
  /**
   * What a removed file means: the server keeps its lineage. `rebuild` makes a new job of all
   * files, `note` only tells. @default 'rebuild'
   */
  readonly removed?: 'rebuild' | 'note';
  /** A new job in a new generation, whatever changed. @default false */
  readonly rebuild?: boolean;
  /** A rebuild once a generation has taken so many refreshes that submitted something; it clears drift. @default never */
  readonly rebuildEvery?: number;
  /**
   * What becomes of a job that a new generation has replaced. A job that was adopted is kept in
   * either case: somebody else made it. @default 'delete'
   */
  readonly replaced?: 'delete' | 'keep';
  /** `json` is always exported: the diff is made of it. @default ['json', 'csv', 'graphml'] */
  readonly exports?: readonly LineageFormat[];
  readonly tableToTable?: boolean;
  readonly delimiter?: string;
  readonly exportSettings?: SqlFlowLineageSettings;
  /** @default 'accept' */
  readonly partialSuccess?: 'accept' | 'fail';
  readonly gate?: LineageGate;
  readonly publish?: PublishOptions;
  /** Revisions that are kept; the latest good one always is. @default 30 */
  readonly keepRevisions?: number;
  /** Longest time of one refresh, in milliseconds, approval included. @default 24 hours */
  readonly timeoutMs?: number;
  /** The time that a schedule meant, epoch milliseconds; handed on, since children don't get it. */
  readonly scheduledAtMs?: number;
}

/** A refresh in the queue. */
export interface ChainRequest extends ChainRefreshInput {
  /** Recognised in the carried state: asked for again, it is the same refresh. */
  readonly requestId: string;
}

/** How a refresh ended; `skipped`: its chain was paused. */
export type RefreshEnd = 'refreshed' | 'unchanged' | 'failed' | 'cancelled' | 'skipped';

/** What became of a refresh: a line of the chain's history. Small, since fifty of them are carried. */
export interface RefreshOutcome {
  readonly requestId: string;
  readonly end: RefreshEnd;
  /** Epoch milliseconds. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly scheduledAtMs?: number;
  readonly generation: number;
  /** Absent where nothing was submitted. */
  readonly revision?: number;
  readonly jobId?: string;
  readonly files?: FileCounts;
  readonly lineage?: LineageCounts;
  /** Why a new generation was begun, what a second writer did, the service's own words; at most 10 of 300 characters. */
  readonly warnings: readonly string[];
  /** Of a refresh that failed or was cancelled; type of `failureTypes`. */
  readonly error?: { readonly type?: string; readonly message: string };
  /** The revision's `result.json`: a {@link RefreshResult}. */
  readonly result?: ArtifactRef;
}

/** How far a refresh came that failed: its failure's second detail, behind the `FailureReport`. */
export type RefreshProgress = Pick<RefreshOutcome, 'files' | 'lineage'>;

/**
 * Files of a refresh: all of its manifest, those that were sent, and how they differ from the
 * latest revision's.
 */
export interface FileCounts {
  readonly total: number;
  readonly sent: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** An error that the server found in a file, as far as its export tells where. */
export interface FileError {
  readonly message: string;
  /** The vendor's word: `SyntaxHint`, `LinkOrphanColumn`. */
  readonly type?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** What of the exports' settings makes other lineage of the same job. */
export type ExportShape = Pick<ChainRefreshInput, 'tableToTable' | 'exportSettings'>;

/** What a refresh that submitted something leaves: the workflow's result, and `result.json`. */
export interface RefreshResult {
  readonly chain: string;
  readonly connection: string;
  readonly revision: number;
  readonly generation: number;
  readonly jobId: string;
  readonly status: 'success' | 'partial_success';
  readonly inputs: ManifestRef;
  readonly files: FileCounts;
  /** Absent where there was nothing to compare with. */
  readonly comparedWith?: number;
  readonly exportedWith: ExportShape;
  readonly counts: LineageCounts;
  readonly gate?: GateVerdict & { readonly approvedBy?: string };
  /** The first 1,000. */
  readonly fileErrors: readonly FileError[];
  readonly warnings: readonly string[];
  readonly artifacts: { readonly [Name in keyof typeof revisionArtifacts]?: ArtifactRef };
  readonly submittedAtMs: number;
  readonly endedAtMs: number;
  readonly scheduledAtMs?: number;
}

/** `latest.json`. */
export interface LatestRevision {
  readonly revision: number;
  readonly generation: number;
  readonly jobId: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly artifacts: RefreshResult['artifacts'];
}

/** The last good revision, as the chain holds it. */
export interface ChainRevision {
  readonly revision: number;
  readonly generation: number;
  readonly manifest: ManifestRef;
  readonly lineage: ArtifactRef;
  /** How the server's job looked after our run: another look means another writer. */
  readonly mark?: SqlFlowRevision;
  readonly atMs: number;
}

/** One generation of a chain is one SQLFlow job. */
export interface ChainGeneration {
  readonly generation: number;
  /** Drawn by the chain, so that a first submit of unknown outcome is found by any later refresh. */
  readonly key: string;
  readonly settings: ChainSettings;
  readonly jobId?: string;
  readonly adopted?: boolean;
  /** Refreshes that submitted something to this job. */
  readonly submits: number;
}

/** What a chain carries from run to run, and what `chainStateQuery` answers. */
export interface ChainState {
  readonly connection: string;
  readonly name: string;
  /** The last used number: a refresh that submits takes the next one, whatever becomes of it. */
  readonly revision: number;
  /** Absent before the first refresh. */
  readonly current?: ChainGeneration;
  readonly latest?: ChainRevision;
  /**
   * Snapshots of refreshes since the last good one, which may have reached the server: a file is
   * unchanged only if it is so in each of them. `'all'`: too many to tell.
   */
  readonly unsettled: readonly ManifestRef[] | 'all';
  /** Jobs of earlier generations that are to be deleted after the next good refresh. */
  readonly replacedJobs: readonly string[];
  readonly paused?: { readonly note?: string; readonly atMs: number };
  /** The refresh under way. */
  readonly running?: { readonly requestId: string; readonly sinceMs: number };
  readonly queue: readonly ChainRequest[];
  /** The newest first. */
  readonly refreshes: readonly RefreshOutcome[];
}

/** What `chain refresh` and schedules wait for. */
export interface RefreshAnswer {
  readonly outcome: RefreshOutcome;
  /** Of a failed refresh of a submitted job. */
  readonly report?: FailureReport;
  readonly kill?: KillReport;
}

/** Input of the child workflow `sqlflowRefresh`: what the chain knows when it begins. */
export interface RefreshInput {
  readonly request: ChainRequest;
  /** Absent before the first refresh. */
  readonly current?: ChainGeneration;
  /** The key for a job that this refresh may have to make. */
  readonly nextKey: string;
  /** True where an earlier refresh may have submitted under `current.key` without learning the jobId. */
  readonly mayBeSubmitted: boolean;
  readonly latest?: ChainRevision;
  readonly unsettled: ChainState['unsettled'];
  /** The number that this refresh takes if it submits. */
  readonly revision: number;
  readonly replacedJobs: readonly string[];
}

/** Signal of a refresh to its chain, as soon as it holds: the chain keeps it whatever becomes of the refresh. */
export interface JobHeld {
  readonly requestId: string;
  readonly generation: ChainGeneration;
  /** True where the new generation counts only once its exports have passed. */
  readonly candidate: boolean;
  /** Where the refresh leaves its job before the end, by a cancel or a deadline: what became of the job. */
  readonly kill?: KillReport;
  /** What the refresh would tell if it came to its end, such as why it began a new generation. */
  readonly warnings?: readonly string[];
}

/** Result of the child workflow `sqlflowRefresh`. */
export type RefreshDone =
  | { readonly end: 'unchanged'; readonly files: FileCounts; readonly warnings: readonly string[] }
  | {
      readonly end: 'refreshed';
      readonly generation: ChainGeneration;
      readonly latest: ChainRevision;
      readonly files: FileCounts;
      readonly counts: LineageCounts;
      readonly warnings: readonly string[];
      readonly result: ArtifactRef;
      /** Those that are still to be deleted. */
      readonly replacedJobs: readonly string[];
    };

/** Wire names. */
export const chainMessages = {
  /** Update: `(request: ChainRequest) => RefreshAnswer | { pending: true }`, held until the outcome is there. */
  refresh: 'chainRefresh',
  /** Update: `(request: AdoptRequest) => AdoptedJob | { pending: true }`. */
  adopt: 'chainAdopt',
  /** Update: `({ note? })`. */
  pause: 'chainPause',
  resume: 'chainResume',
  /** Update: ends the chain's workflow; its job and its artifacts stay. */
  forget: 'chainForget',
  /** Signal: `(requestId)`. */
  withdraw: 'chainWithdraw',
  /** Signal of the refresh: {@link JobHeld}. */
  held: 'chainJobHeld',
  /** Query: {@link ChainState}. */
  state: 'chainState',
} as const;
