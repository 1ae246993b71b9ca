/** The header of Temporal's own tracing interceptors in every language: a trace goes on across SDKs. */
export const traceHeader = '_tracer-data';

/** The sink that hears of a traced workflow's end; its calls are in no history. */
export const traceSink = 'remoteJobsTrace';

/** A workflow that has ended, for its span. */
export interface TracedWorkflow {
  /** As it came with the start: a Temporal payload. */
  readonly parent: unknown;
  readonly workflowType: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly end: 'succeeded' | 'failed' | 'cancelled' | 'continuedAsNew';
}
