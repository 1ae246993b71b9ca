import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { approvalMemoKey, type ApprovalMemo } from '../contracts/approval';
import { chainWorkflowId, refreshWorkflowId } from '../contracts/chain';
import type { JobProgress, JobState, RemoteJobMemo } from '../contracts/job';
import { jobStateQueryName, remoteJobMemoKey, waitingActivities } from '../contracts/names';
import {
  pipelineMemoKey,
  pipelineStepMemoKey,
  type PipelineMemo,
  type PipelineStepMemo,
} from '../contracts/pipeline-run';
import { isOpen } from '../contracts/workflow-status';
import { standingOf, type RefreshStanding } from './refresh-standing';

/** What the outside sees of a job workflow, running or closed. */
export interface JobDescription {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  /** Temporal's own word: RUNNING, PAUSED, COMPLETED, FAILED, CANCELLED, TERMINATED, TIMED_OUT. */
  readonly status: string;
  readonly startedAt: Date;
  readonly closedAt?: Date;
  /** Vendor, connection, remote id, key, kill report; undefined for a workflow that isn't a job of ours. */
  readonly job?: RemoteJobMemo;
  /** The waiting activity's last heartbeat, at most some seconds old; only while it waits. */
  readonly progress?: JobProgress;
  readonly activity?: PendingActivity;
  readonly historyEvents: number;
  readonly taskQueue: string;
  /** True while the next step is due and no worker has it; unknown in a list. */
  readonly waitsForWorker?: boolean;
  /** Of a chain's refresh, and of a workflow that asked for one. */
  readonly refresh?: RefreshStanding;
  /** Of a pipeline's run: its name and, once it has ended, how many steps ended how. */
  readonly pipeline?: PipelineMemo;
  /** Of a pipeline's step: whose it is. */
  readonly step?: PipelineStepMemo;
  /** What a step asks somebody to approve. */
  readonly approval?: ApprovalMemo;
}

/** The activity that is running or waiting for its next attempt. */
export interface PendingActivity {
  readonly name: string;
  readonly attempt: number;
  /** True while a worker has it; false while it waits for one, or for its next attempt. */
  readonly running: boolean;
  /** Why the last attempt failed: its type and words. */
  readonly lastFailure?: { readonly type?: string; readonly message: string };
}

/** `PENDING_ACTIVITY_STATE_SCHEDULED` and `…_STARTED`, `PENDING_WORKFLOW_TASK_STATE_SCHEDULED` */
const activityScheduled = 1;
const activityStarted = 2;
const workflowTaskScheduled = 1;

/**
 * One look at a job workflow; costs no history and needs no worker. A workflow that asked for a
 * chain's refresh is shown as that refresh gets on.
 */
export async function describeJob(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<JobDescription> {
  const asked = await describeOne(client, workflowId, runId);
  const { refresh } = asked;
  if (refresh === undefined || refresh.workflowId !== undefined) return asked;
  const chainId = chainWorkflowId(refresh.connection, refresh.chain);
  const refreshId = refreshWorkflowId(chainId, refresh.requestId);
  const own = await describeOne(client, refreshId).catch((error: unknown) => {
    // It waits for its turn, or ended long ago.
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  });
  if (own === undefined) return asked;
  const { progress, activity, refresh: standing } = own;
  const job = (asked.job ?? own.job) && ({ ...asked.job, ...own.job } as RemoteJobMemo);
  // The asker still waits for the chain's answer then; for its turn the refresh waits no more.
  if (!isOpen(own.status)) return { ...asked, activity: undefined, job, refresh: standing };
  const waitsForWorker = asked.waitsForWorker === true || own.waitsForWorker === true;
  return { ...asked, job, progress, activity, refresh: standing, waitsForWorker };
}

async function describeOne(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<JobDescription> {
  const found = await client.workflow.getHandle(workflowId, runId).describe();
  const pending = found.raw.pendingActivities ?? [];
  const waiting = pending.find(({ activityType }) =>
    Object.values(waitingActivities).includes(activityType?.name ?? ''),
  );
  const shown = waiting ?? pending[0];
  const [progress] = await decode(client, waiting?.heartbeatDetails?.payloads ?? []);
  return {
    ...summary(found),
    waitsForWorker: found.status.name === 'RUNNING' && waitsForWorker(found.raw),
    progress: progress as JobProgress | undefined,
    activity:
      shown?.activityType?.name == null
        ? undefined
        : {
            name: shown.activityType.name,
            attempt: shown.attempt ?? 1,
            running: Number(shown.state) === activityStarted,
            lastFailure: shown.lastFailure
              ? {
                  type: shown.lastFailure.applicationFailureInfo?.type ?? undefined,
                  message: shown.lastFailure.message ?? '',
                }
              : undefined,
          },
  };
}

function waitsForWorker({
  pendingActivities,
  pendingWorkflowTask,
}: WorkflowExecutionDescription['raw']): boolean {
  const unclaimed = (pendingActivities ?? []).some(({ state, nextAttemptScheduleTime }) => {
    const dueMs = Number(nextAttemptScheduleTime?.seconds ?? 0) * 1000;
    return Number(state) === activityScheduled && dueMs <= Date.now();
  });
  return unclaimed || Number(pendingWorkflowTask?.state) === workflowTaskScheduled;
}

/** The part of a description that a list has too. */
export function summary(
  found: Pick<
    WorkflowExecutionDescription,
    | 'workflowId'
    | 'runId'
    | 'type'
    | 'status'
    | 'startTime'
    | 'closeTime'
    | 'memo'
    | 'historyLength'
    | 'taskQueue'
  >,
): JobDescription {
  return {
    workflowId: found.workflowId,
    runId: found.runId,
    workflowType: found.type,
    status: found.status.name,
    startedAt: found.startTime,
    closedAt: found.closeTime,
    job: found.memo?.[remoteJobMemoKey] as RemoteJobMemo | undefined,
    historyEvents: found.historyLength,
    taskQueue: found.taskQueue,
    refresh: standingOf(found),
    pipeline: found.memo?.[pipelineMemoKey] as PipelineMemo | undefined,
    step: found.memo?.[pipelineStepMemoKey] as PipelineStepMemo | undefined,
    approval: (found.memo?.[approvalMemoKey] as ApprovalMemo | null | undefined) ?? undefined,
  };
}

/**
 * The workflow's own account of its job; needs a worker to answer.
 *
 * @param withinMs rejects when no worker has answered by then
 */
export function queryJobState(
  client: Client,
  workflowId: string,
  withinMs = 10_000,
): Promise<JobState> {
  return client.withDeadline(Date.now() + withinMs, () =>
    client.workflow.getHandle(workflowId).query<JobState, []>(jobStateQueryName),
  );
}

async function decode(client: Client, payloads: Payload[]): Promise<unknown[]> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let decoded = payloads;
  for (const codec of [...payloadCodecs].reverse()) decoded = await codec.decode(decoded);
  return decoded.map((payload) => payloadConverter.fromPayload(payload));
}
