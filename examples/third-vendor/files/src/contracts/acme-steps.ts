import type { AcmeRunInput } from './acme';
import type { KillReport } from './job';

export interface AcmeSubmitRunInput {
  readonly run: AcmeRunInput;
  readonly key: string;
}

/** Names one run on one connection. */
export interface AcmeRunTarget {
  readonly connection: string;
  readonly runId: string;
}

export interface AcmeAwaitRunInput extends AcmeRunTarget {
  /** Epoch milliseconds. */
  readonly submittedAtMs: number;
  readonly deadlineAtMs: number;
}

/** Names the run by its id, or, where a submit's outcome is unknown, by its submission's key. */
export type AcmeKillRunInput =
  AcmeRunTarget | { readonly connection?: string; readonly key: string };

export interface AcmeRemoveTwinsInput extends AcmeRunTarget {
  readonly key: string;
  /** Looks go on until then, epoch milliseconds; at least one is taken. */
  readonly untilMs: number;
  readonly known?: readonly KillReport[];
}
