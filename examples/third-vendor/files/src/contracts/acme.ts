import type { ArtifactRef } from './artifact';
import type { SubmissionHistory, SubmitDecision } from './job';

/** A run of a command on an Acme service. */
export interface AcmeRunInput {
  /** A configured connection's name; may be left out where there is just one of this vendor. */
  readonly connection?: string;
  /** A readable name. */
  readonly name: string;
  /** What the service is to run. */
  readonly command: string;
  /** Longest time from start to end, in milliseconds. @default 24 hours */
  readonly timeoutMs?: number;
}

/** What `acmeRun` returns. */
export interface AcmeRunResult extends SubmissionHistory {
  readonly vendor: 'acme';
  readonly connection: string;
  readonly runId: string;
  readonly decision: SubmitDecision;
  /** What the command printed. */
  readonly output: ArtifactRef;
  readonly warnings: readonly string[];
  /** Epoch milliseconds. */
  readonly submittedAtMs: number;
  readonly endedAtMs: number;
}
