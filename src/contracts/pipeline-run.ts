import type { KillReport } from './job';

/** Workflow types of a pipeline's run and of each of its steps, as a client finds them. */
export const pipelineWorkflowTypes = {
  pipeline: 'remoteJobsPipeline',
  step: 'remoteJobsPipelineStep',
} as const;

/** A step is a workflow of its own: `show`, `watch`, `logs`, `results` and `cancel` take its id. */
export function pipelineStepId(pipelineId: string, step: string): string {
  return `${pipelineId}/${step}`;
}

/** What a step does. */
export type PipelineStepKind = 'linkis' | 'sqlflow' | 'chain' | 'approval';

/**
 * Where a step stands.
 *
 * - `waiting`: for what it needs, or for a place among the steps that run at once.
 * - `running`: its workflow runs; of one that is tried again, also between two attempts.
 * - `succeeded` · `failed` · `cancelled`: how it ended; `failed` once no attempt is left.
 * - `skipped`: what it needs went another way than its `when` asks for; `words` says what.
 * - `reused`: a retry took it over from the run that it retries.
 * - `leftOut`: `--only` or `--from` left it out.
 */
export type PipelineStepStanding =
  'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'reused' | 'leftOut';

/** One step, as the pipeline's query tells it. */
export interface PipelineStepState {
  readonly name: string;
  readonly kind: PipelineStepKind;
  readonly needs: readonly string[];
  readonly standing: PipelineStepStanding;
  /** Of the step's own workflow, once it was started; of a reused step that of the run that it is from. */
  readonly workflowId?: string;
  /** The first run of that workflow: each attempt is a run of its own. */
  readonly runId?: string;
  /** Epoch milliseconds. */
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** Attempts, once there were more than one. */
  readonly attempts?: number;
  /** The remote job's id, once the step has ended. */
  readonly remoteId?: string;
  /** Why it failed or was skipped, at most 1 KB. */
  readonly words?: string;
  /** Type of `failureTypes`, of a failed step. */
  readonly failureType?: string;
  /** What became of the remote job of a step that was left before its end. */
  readonly kill?: KillReport;
}

/** Steps by where they stand. */
export type PipelineCounts = Readonly<Record<PipelineStepStanding, number>>;

/** `cancelling` until the last remote job's end is proven. */
export type PipelineStanding =
  'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'deadline';

/** What `pipelineStateQuery` answers, of a closed run too, as long as Temporal remembers it. */
export interface PipelineState {
  readonly name: string;
  readonly standing: PipelineStanding;
  /** Epoch milliseconds, of the first of the runs that continued as new. */
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  /** All steps, by their standing. */
  readonly counts: PipelineCounts;
  /** The run that this one retries. */
  readonly retryOf?: string;
  /** In the definition's order: those that were asked for, and of these as many as fit into an answer. */
  readonly steps: readonly PipelineStepState[];
  /** Where the next page begins; absent on the last one. */
  readonly nextStep?: number;
}

/** The query's argument. */
export interface PipelineStatePage {
  /** Position of the first step. @default 0 */
  readonly fromStep?: number;
}

/** Wire name: `(page?: PipelineStatePage) => PipelineState`. */
export const pipelineStateQueryName = 'pipelineState';

/** Wire name: `(page?: PipelineStatePage) => PipelineOutputs`; what a retry takes over. */
export const pipelineOutputsQueryName = 'pipelineOutputs';

/** What later steps may read of those that have ended, as far as any of them does. */
export interface PipelineOutputs {
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;
  /** Where the next page begins; absent on the last one. */
  readonly nextStep?: number;
}

/** Memo field of a pipeline's run: how it stands, for lists. */
export const pipelineMemoKey = 'remoteJobsPipeline';

/** What the memo of a run says. */
export interface PipelineMemo {
  readonly name: string;
  /** Steps in all. */
  readonly steps: number;
  /** Once it has ended. */
  readonly counts?: PipelineCounts;
  /** Once it was cancelled: of several remote jobs, the first one that isn't proven dead. */
  readonly kill?: KillReport;
  readonly retryOf?: string;
}

/** Memo field of a step's workflow: whose it is. */
export const pipelineStepMemoKey = 'remoteJobsPipelineStep';

/** What the memo of a step says. */
export interface PipelineStepMemo {
  readonly pipelineId: string;
  readonly pipeline: string;
  readonly step: string;
  readonly kind: PipelineStepKind;
}
