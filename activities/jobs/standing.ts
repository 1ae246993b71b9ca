import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { JobProgress, RemoteJobMemo } from '../../src/contracts/job';
import type { JobStanding, JobStandingInput } from '../../src/contracts/job-standing';
import { remoteJobMemoKey, waitingActivities } from '../../src/contracts/names';
import { isOpen } from '../../src/contracts/workflow-status';
import type { ActivitySession } from '../session';

/** Asks the server alone: the job's own worker may be busy, or gone. */
export async function jobStanding(
  { workflowId, runId }: JobStandingInput,
  session: ActivitySession,
): Promise<JobStanding> {
  const { client } = Context.current();
  const handle = client.workflow.getHandle(workflowId, runId);
  const { status, memo, raw } = await session.untilAborted(handle.describe());
  // A workflow that has closed may still show the activity that waited for it.
  const pending = isOpen(status.name) ? raw.pendingActivities : undefined;
  const waiting = pending?.find(({ activityType }) =>
    Object.values(waitingActivities).includes(activityType?.name ?? ''),
  );
  const [beat] = waiting?.heartbeatDetails?.payloads ?? [];
  return {
    status: status.name,
    job: memo?.[remoteJobMemoKey] as RemoteJobMemo | undefined,
    progress: beat === undefined ? undefined : ((await decoded(client, beat)) as JobProgress),
  };
}

async function decoded(client: Client, payload: Payload): Promise<unknown> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let payloads = [payload];
  for (const codec of [...payloadCodecs].reverse()) payloads = await codec.decode(payloads);
  return payloadConverter.fromPayload(payloads[0] ?? payload);
}
