import { Context } from '@temporalio/activity';
import type { ActivitySession } from './session';

/** Whose a submission is: goes with the remote job, so that it can be told when nobody waits for it. */
export interface JobOwner {
  readonly installation: string;
  /** Temporal's. */
  readonly namespace: string;
  readonly workflowId: string;
}

/** Stands for the workflow of an activity that runs without one. */
export const standalone = 'standalone';

/** The workflow that this activity submits for. */
export function ownerOf(installation: string, session: ActivitySession): JobOwner {
  const { namespace } = Context.current().info;
  return { installation, namespace, workflowId: session.workflowId };
}
