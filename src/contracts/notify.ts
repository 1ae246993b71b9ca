import type { Vendor } from './names';

/** Every {@link NotifyEvent}. */
export const notifyEvents = [
  'failed',
  'killUnconfirmed',
  'gateClosed',
  'approvalDue',
  'orphans',
] as const;

/**
 * What a notification may be about.
 *
 * - `failed`: a job, a refresh of a chain or a pipeline failed. A job that is a step of another
 *   workflow is that workflow's to tell.
 * - `killUnconfirmed`: a job was left before its end, and nothing proves that it doesn't run on.
 * - `gateClosed`: a refresh did not pass its gate.
 * - `approvalDue`: somebody is asked; the refresh or the pipeline waits.
 * - `orphans`: a look for orphans found some.
 */
export type NotifyEvent = (typeof notifyEvents)[number];

/** What is told of the end of a job, a refresh or a pipeline. */
export const noticesOfEnds = ['failed', 'killUnconfirmed'] as const;

/** What the first activity of a workflow answers, also in its failure's details, where somebody wants to hear. */
export interface WantsNotice {
  /** Absent for none. */
  readonly notifies?: readonly NotifyEvent[];
}

/** What is told, as the workflow says it. Texts are cut to 1,000 characters. */
export interface Notice {
  readonly event: NotifyEvent;
  /** What it is about, for a person: `Linkis task 42 on warehouse`. */
  readonly subject: string;
  /** What happened, in sentences for a person. */
  readonly message: string;
  /** One of `failureTypes`, where something failed. */
  readonly failureType?: string;
  readonly vendor?: Vendor;
  readonly connection?: string;
  /** SQLFlow jobId or Linkis taskID. */
  readonly remoteId?: string;
  /** What a person may do now: a command. */
  readonly next?: string;
}

/** A {@link Notice} with where it comes from; what a target's body may hold. */
export interface Notification extends Notice {
  /** The same in every repeat, so that a receiver can tell them: workflow, run, event, number. */
  readonly id: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  /** When it happened, epoch milliseconds. */
  readonly atMs: number;
}
