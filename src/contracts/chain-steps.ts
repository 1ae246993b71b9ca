import type { ArtifactRef, StagedFile } from './artifact';
import type {
  ChainGeneration,
  ExportShape,
  FileCounts,
  FileError,
  LatestRevision,
  ManifestRef,
  RefreshResult,
} from './chain';
import type { WantsNotice } from './notify';
import type { GateVerdict, LineageCounts, LineageGate } from './lineage-gate';

/** How many revisions a chain keeps, where the request doesn't say. */
export const defaultKeepRevisions = 30;

/** What a refresh will do, settled before anything is sent. */
export type RefreshPlan =
  | ({
      readonly kind: 'unchanged';
      readonly files: FileCounts;
      readonly warnings: readonly string[];
    } & WantsNotice)
  | SubmitPlan;

export interface SubmitPlan extends WantsNotice {
  readonly kind: 'submit';
  /** The number that the refresh takes: behind every revision whose folder exists. */
  readonly revision: number;
  /** The whole snapshot, also where the request brought only what had changed. */
  readonly inputs: ManifestRef;
  /** The job to submit to; without a jobId the first part makes it. */
  readonly generation: ChainGeneration;
  /** True where {@link generation} replaces another one only once its exports have passed. */
  readonly candidate: boolean;
  /** The chain's present generation, where the look found a jobId for it that the chain doesn't know. */
  readonly found?: ChainGeneration;
  /** Jobs that the refresh leaves behind if it passes: those of earlier generations, and copies. */
  readonly replacedJobs: readonly string[];
  /** Uploads, a list for each submit. */
  readonly parts: readonly (readonly StagedFile[])[];
  readonly files: FileCounts;
  readonly warnings: readonly string[];
}

/** Reads a revision's export, and says what it is and whether it may become the latest. */
export interface SettleRevisionInput {
  readonly chain: string;
  readonly connection: string;
  readonly revision: number;
  /** The revision's `lineage.json`. */
  readonly lineage: ArtifactRef;
  /** How the job ended: its export needn't tell which files failed. */
  readonly status: RefreshResult['status'];
  readonly exportedWith: ExportShape;
  readonly before?: { readonly revision: number; readonly lineage: ArtifactRef };
  readonly gate?: LineageGate;
}

export interface SettledRevision {
  readonly counts: LineageCounts;
  readonly verdict?: GateVerdict;
  /** Absent where there was nothing to compare with, or no longer. */
  readonly comparedWith?: number;
  readonly artifacts: RefreshResult['artifacts'];
  readonly warnings: readonly string[];
}

/** Writes `result.json`, then moves the pointer to the revision, then forgets old revisions. */
export interface FinishRevisionInput {
  readonly result: Omit<RefreshResult, 'fileErrors'>;
  readonly latest: LatestRevision;
  /** Of the good ones, and of those that failed after their export, each; at least 1. */
  readonly keepRevisions: number;
}

export interface FinishedRevision {
  /** `result.json`. */
  readonly result: ArtifactRef;
  readonly warnings: readonly string[];
}

export interface DeleteReplacedInput {
  readonly connection: string;
  readonly jobIds: readonly string[];
}

export interface DeletedReplaced {
  /** Those that are still to be deleted. */
  readonly left: readonly string[];
  readonly warnings: readonly string[];
}

/** `file-errors.json`: what the server could not parse or resolve. */
export interface FileErrors {
  readonly total: number;
  readonly errors: readonly FileError[];
}
