import type { JobProgress, RemoteJobMemo } from './job';

/** One look at a job workflow from another one: what the server knows of it, without asking a worker. */
export interface JobStanding {
  /** Temporal's own word: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, TIMED_OUT. */
  readonly status: string;
  /** Vendor, connection, remote id, key and, once there is one, the kill report. */
  readonly job?: RemoteJobMemo;
  /** What the waiting activity told last, some seconds ago at most; only while the job is waited for. */
  readonly progress?: JobProgress;
}

/** Names a job workflow in the namespace of whoever asks. */
export interface JobStandingInput {
  readonly workflowId: string;
  /** The run to look at. @default the latest one */
  readonly runId?: string;
}
