import type { PreparedStep } from './pipeline-steps';

/**
 * A pipeline as it was at its start, in the artifact store: what each step does, its files staged,
 * its expressions not filled in yet. A retry goes by it, whatever has become of the file since.
 */
export interface PipelineSnapshot {
  readonly version: 1;
  readonly name: string;
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** What `scheduledTime` stands for, epoch milliseconds. */
  readonly scheduledAtMs: number;
  readonly timeZone: string;
  readonly steps: Readonly<Record<string, PreparedStep>>;
}
