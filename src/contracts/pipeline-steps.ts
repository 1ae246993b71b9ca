import type { ArtifactRef } from './artifact';
import type { KillReport } from './job';
import type { PipelineStepKind, PipelineStepStanding } from './pipeline-run';
import type { PreparedRun } from './schedule';

/** What the pipeline's workflow knows of a step; its body lies in the artifact store. */
export interface GraphStep {
  readonly name: string;
  readonly kind: PipelineStepKind;
  readonly needs: readonly string[];
  /** @default 'success' */
  readonly when?: 'success' | 'always' | 'failure';
  readonly retry?: StepRetry;
  /** Earlier steps whose outputs its expressions read. @default none */
  readonly uses?: readonly string[];
}

/** How a failed step is tried again. */
export interface StepRetry {
  /** Attempts in all. */
  readonly maxAttempts: number;
  /** Before the second attempt, in milliseconds. */
  readonly initialMs: number;
  /** By what each later wait is longer. */
  readonly factor: number;
  /** The longest wait, in milliseconds. */
  readonly mostMs: number;
}

/** The steps and what they need of each other. */
export interface PipelineGraph {
  readonly name: string;
  readonly steps: readonly GraphStep[];
  /** Steps that run at once. */
  readonly maxParallel: number;
  /** Longest time from start to end, in milliseconds. @default none */
  readonly timeoutMs?: number;
}

/** What later steps may read of a step: `{{steps.load.jobId}}`. Small: texts of at most 2,000 characters. */
export type StepOutputs = Readonly<Record<string, string | number | boolean>>;

/** How a step ended. */
export interface StepEnd {
  readonly standing: 'succeeded' | 'failed' | 'cancelled';
  readonly outputs?: StepOutputs;
  readonly remoteId?: string;
  /** At most 1 KB. */
  readonly words?: string;
  readonly failureType?: string;
  readonly kill?: KillReport;
}

/** A step that a retry takes over. */
export interface ReusedStep {
  /** The workflow that ran it. */
  readonly workflowId: string;
  /** Its first run: a later pipeline with the same id runs the step under the same id, too. */
  readonly runId?: string;
  readonly outputs?: StepOutputs;
  readonly remoteId?: string;
}

/** What a step's place on the board holds; carried from run to run, so absent means not yet. */
export interface CarriedStep {
  readonly standing: PipelineStepStanding;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly attempts?: number;
  readonly remoteId?: string;
  readonly words?: string;
  readonly failureType?: string;
  readonly kill?: KillReport;
  /** First run of the step's workflow. */
  readonly runId?: string;
  /** Of a reused step. */
  readonly workflowId?: string;
  /** Of a skipped step: because something failed, not because nothing did. */
  readonly blocked?: boolean;
}

/** What the pipeline's workflow takes. */
export interface PipelineInput {
  readonly graph: PipelineGraph;
  /** A `PipelineSnapshot`: bodies, parameters, staged files. */
  readonly snapshot: ArtifactRef;
  /** Steps that are not run, though they are in the definition. @default none */
  readonly leftOut?: readonly string[];
  /** What a retry reuses. @default nothing */
  readonly reused?: Readonly<Record<string, ReusedStep>>;
  /** The run that this one retries. */
  readonly retryOf?: string;
  /**
   * Events after which a run hands over to the next one, which replays faster.
   * @default Temporal's own suggestion, some 4,000
   */
  readonly historyEvents?: number;
  /** What an earlier run of this workflow hands over. */
  readonly carried?: CarriedPipeline;
}

/** What one run of the workflow hands to the next. */
export interface CarriedPipeline {
  readonly startedAtMs: number;
  readonly steps: Readonly<Record<string, CarriedStep>>;
  /** Of steps that others use. */
  readonly outputs: Readonly<Record<string, StepOutputs>>;
}

/** What the step's workflow takes. */
export interface PipelineStepInput {
  readonly pipelineId: string;
  readonly pipeline: string;
  readonly step: string;
  readonly kind: PipelineStepKind;
  readonly snapshot: ArtifactRef;
  /** Of the steps that it uses. */
  readonly outputs: Readonly<Record<string, StepOutputs>>;
  readonly retry?: StepRetry;
  /** 1 for the first. */
  readonly attempt: number;
}

/** What the activity `remoteJobsPrepareStep` takes. */
export interface PrepareStepInput {
  readonly snapshot: ArtifactRef;
  readonly step: string;
  readonly outputs: Readonly<Record<string, StepOutputs>>;
}

/** A step without expressions, its files staged. */
export type PreparedStep =
  | PreparedRun
  | { readonly type: 'approval'; readonly message: string; readonly timeoutMs?: number };

/** Signal of a step to its pipeline that it is tried again: `(StepAttempt)`. */
export const stepAttemptSignalName = 'pipelineStepAttempt';

export interface StepAttempt {
  readonly step: string;
  readonly attempt: number;
  /** Why the one before failed. */
  readonly words: string;
}

/** Steps that were started by an earlier run of the pipeline's workflow. */
export interface AwaitStepsInput {
  readonly steps: readonly {
    readonly name: string;
    readonly kind: PipelineStepKind;
    readonly workflowId: string;
    readonly runId?: string;
  }[];
}

/** Those that have ended, at least one. */
export interface AwaitedSteps {
  readonly ended: Readonly<Record<string, StepEnd>>;
}

/** Asked after a cancel: a cancelled workflow says nothing of its kill but in its memo. */
export interface StepKillsInput {
  readonly workflowIds: readonly string[];
}

export interface StepKills {
  /** By workflow id; absent where nothing had been submitted. */
  readonly kills: Readonly<
    Record<string, { readonly remoteId?: string; readonly kill?: KillReport }>
  >;
}

/** What the pipeline's workflow returns, and what its failure has as `pipeline` in its details. */
export interface PipelineResult {
  readonly pipeline: string;
  readonly counts: Readonly<Record<PipelineStepStanding, number>>;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly retryOf?: string;
  /** Steps that failed or were cancelled, the first fifty. */
  readonly failed: readonly {
    readonly step: string;
    readonly words: string;
    readonly failureType?: string;
  }[];
}

/** Details of a pipeline's failure: where a kill could not be proven, the report of the first such one. */
export interface PipelineFailureReport {
  readonly pipeline: PipelineResult;
  readonly kill?: KillReport;
}
