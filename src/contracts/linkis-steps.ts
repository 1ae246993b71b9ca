import type { KillReport, SubmittedJob } from './job';
import type { LinkisResultSet, LinkisTaskInput, ResultFormat } from './linkis';
import type { LogRef } from './job';

export interface SubmittedLinkisTask extends SubmittedJob {
  /** The user the task runs as. */
  readonly user: string;
  /** As submit answered it; a queued row has none yet. Absent for an adopted task that still queues. */
  readonly execId?: string;
  /** The same for tasks that take about as long. */
  readonly kind?: string;
}

export interface LinkisSubmitTaskInput {
  readonly task: LinkisTaskInput;
  readonly key: string;
  /** True where a policy submits a failed task once more. */
  readonly again?: boolean;
}

/** Names one task on one connection. */
export interface LinkisTaskTarget {
  readonly connection: string;
  readonly user: string;
  readonly taskId: string;
  readonly execId?: string;
}

export interface LinkisAwaitTaskInput extends LinkisTaskTarget {
  /** The same for tasks that take about as long. */
  readonly kind?: string;
  readonly submittedAtMs: number;
  /** Epoch milliseconds. */
  readonly deadlineAtMs: number;
}

export interface LinkisCollectOutputsInput extends LinkisTaskTarget {
  /** Result sets are fetched only for a task that succeeded. */
  readonly results: boolean;
  readonly format: ResultFormat;
}

export interface LinkisOutputs {
  readonly log?: LogRef;
  /** The last lines, at most 40 lines and 4 KB; empty where result sets were asked for. */
  readonly logTail: string;
  readonly results: readonly LinkisResultSet[];
  /** What is missing of the log, in sentences for a person. Absent for none. */
  readonly warnings?: readonly string[];
}

export interface LinkisRemoveTwinsInput {
  readonly connection: string;
  readonly user: string;
  /** The task that stays. */
  readonly taskId: string;
  readonly key: string;
  /** When the first submit can have been sent, epoch milliseconds. */
  readonly sinceMs: number;
  /** Looks go on until then, epoch milliseconds; at least one is taken. */
  readonly untilMs: number;
  /** What an earlier search found; it stays in the answer. */
  readonly known?: readonly KillReport[];
}

/** Names the task by its id, or, where a submit's outcome is unknown, by its submission's key. */
export type LinkisKillTaskInput =
  | LinkisTaskTarget
  | {
      readonly connection?: string;
      readonly user?: string;
      readonly key: string;
      /** When the first submit can have been sent, epoch milliseconds. */
      readonly sinceMs: number;
    };
