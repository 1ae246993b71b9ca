import type { Client } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store';
import type { JobDescription } from '../starter/describe';
import type { CliContext } from './context';
import type { Interrupts } from './interrupts';
import type { Output } from './output';

export interface FollowedJob {
  readonly client: Client;
  readonly workflowId: string;
  /** @default the latest one: a pipeline goes on as new */
  readonly runId?: string;
  /** Where live log lines are read from. @default none are shown */
  readonly logs?: ArtifactStore;
}

export interface FollowSettings {
  readonly context: CliContext;
  readonly output: Output;
  readonly interrupts: Interrupts;
  /**
   * What Ctrl-C does: `ask` on a terminal and cancel elsewhere, as for a job that this command
   * started; or `detach`, as for one that is only looked at.
   */
  readonly onInterrupt: 'ask' | 'detach';
  /** Cancels a job that could not begin, for want of a worker or a service, within this time. @default never */
  readonly startWithinMs?: number;
  /** Stops waiting where no worker has been there for this time. @default never */
  readonly workerWithinMs?: number;
  /** What is waited for after a cancel. @default the proof that the remote job has ended */
  readonly cancelWords?: string;
  /** Called for each look at the job. */
  readonly onLook?: (job: JobDescription) => void;
  /** On a terminal, so many of the log's last lines below the progress, instead of all above it. @default 0 */
  readonly tailLines?: number;
}
