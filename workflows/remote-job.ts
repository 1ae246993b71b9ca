import {
  CancellationScope,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  proxyActivities,
  startChild,
  uuid4,
  type ChildWorkflowHandle,
  type Workflow,
} from '@temporalio/workflow';
import type { JobActivities } from '../activities/jobs/create';
import type { KillReport } from '../src/contracts/job';
import type { JobStanding } from '../src/contracts/job-standing';
import { remoteJobMemoKey, type Vendor } from '../src/contracts/names';
import { killOfEnded, killOfFailure, killUnknown } from './engine/kill-of-child';
import type { linkisAttach } from './linkis-attach';
import type { linkisTask } from './linkis-task';
import type { sqlflowAttach } from './sqlflow-attach';
import type { sqlflowJob } from './sqlflow-job';
import type { sqlflowPersistJob } from './sqlflow-persist-job';

/** The job workflows by their types. */
export interface RemoteJobWorkflows {
  /** A simple SQLFlow job. */
  readonly sqlflowJob: typeof sqlflowJob;
  /** One run of a regular (persist) SQLFlow job. */
  readonly sqlflowPersistJob: typeof sqlflowPersistJob;
  /** Somebody else's SQLFlow job. */
  readonly sqlflowAttach: typeof sqlflowAttach;
  /** A Linkis task. */
  readonly linkisTask: typeof linkisTask;
  /** Somebody else's Linkis task. */
  readonly linkisAttach: typeof linkisAttach;
}

/** A job workflow that `remoteJob` starts. */
export type RemoteJobType = keyof RemoteJobWorkflows;

/** What a job workflow takes. */
export type RemoteJobInput<Type extends RemoteJobType> = Parameters<RemoteJobWorkflows[Type]>[0];

/** What a job workflow returns. */
export type RemoteJobResult<Type extends RemoteJobType> = Awaited<
  ReturnType<RemoteJobWorkflows[Type]>
>;

/** Where a job of `remoteJob` runs, and for how long it is its parent's. */
export interface RemoteJobOptions {
  /** The job's own workflow id. @default the job's type and a random part */
  readonly workflowId?: string;
  /** The queue of a worker that has the plugin. @default the surrounding workflow's */
  readonly taskQueue?: string;
  /**
   * What becomes of a job that still runs when the surrounding workflow closes, be it by
   * continue-as-new: it is cancelled, and so killed, or it goes on by itself. @default 'cancel'
   */
  readonly whenParentCloses?: 'cancel' | 'leave';
}

/** One remote job, as the workflow that started it holds it. */
export interface RemoteJobHandle<Result> {
  /** Of the job's own workflow: what `remote-jobs show|watch|cancel` and `describeJob` take. */
  readonly workflowId: string;
  /**
   * What the job's workflow returns.
   *
   * @throws ChildWorkflowFailure; its `cause` is an ApplicationFailure of one of `failureTypes`, with
   * a `FailureReport` in its details, or a CancelledFailure
   */
  result(): Promise<Result>;
  /**
   * One look at the job. A workflow can't query another one, so an activity asks the Temporal server:
   * six events of the surrounding workflow's history a look, and figures some seconds old. Look at
   * turning points or every few minutes, not in a tight loop.
   */
  progress(): Promise<JobStanding>;
  /**
   * Cancels the job, waits until its workflow has ended, and says what became of the remote job and
   * how that is known. It never throws: a proof that can't be had is `unconfirmed`. A job that had
   * ended before is `alreadyFinished`. A cancel of the surrounding workflow doesn't interrupt it.
   */
  kill(): Promise<KillReport>;
}

/**
 * Starts a remote job as a step of one's own workflow. It runs as a child workflow, so it has its
 * own id, memo and queries, and adds nine events to the surrounding history, however long it takes.
 *
 * A cancel of the surrounding scope cancels the job; `result()` then settles after its kill.
 *
 * The input is checked by the job's first activity: a wrong one fails `result()` with
 * `RemoteJob.InvalidInput`, and nothing is sent.
 *
 * @example
 * const load = await remoteJob('linkisTask', { code, engine: 'spark-2.4.3', runType: 'sql' });
 * const { results } = await load.result();
 *
 * @returns once the job's workflow has been started, which says nothing of the remote job yet
 * @throws WorkflowExecutionAlreadyStartedError where `workflowId` runs already
 */
export async function remoteJob<Type extends RemoteJobType>(
  type: Type,
  input: RemoteJobInput<Type>,
  options: RemoteJobOptions = {},
): Promise<RemoteJobHandle<RemoteJobResult<Type>>> {
  const { taskQueue, whenParentCloses = 'cancel' } = options;
  const workflowId = options.workflowId ?? defaultWorkflowId(type);
  // Of its own, so that a kill cancels this job and nothing beside it.
  const scope = new CancellationScope();
  const child = await scope.run(() =>
    startChild(type, {
      args: [input],
      workflowId,
      taskQueue,
      memo: { [remoteJobMemoKey]: { vendor: vendors[type], connection: input.connection ?? '' } },
      // The remote job is known to be dead only when the child has ended.
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      // Terminated, as children are by default, it could not kill its remote job.
      parentClosePolicy:
        whenParentCloses === 'cancel'
          ? ParentClosePolicy.REQUEST_CANCEL
          : ParentClosePolicy.ABANDON,
    }),
  );
  return handleOf<RemoteJobResult<Type>>(child, scope, taskQueue);
}

const vendors: Readonly<Record<RemoteJobType, Vendor>> = {
  sqlflowJob: 'sqlflow',
  sqlflowPersistJob: 'sqlflow',
  sqlflowAttach: 'sqlflow',
  linkisTask: 'linkis',
  linkisAttach: 'linkis',
};

function handleOf<Result>(
  child: ChildWorkflowHandle<Workflow>,
  scope: CancellationScope,
  taskQueue: string | undefined,
): RemoteJobHandle<Result> {
  const { workflowId } = child;
  const { remoteJobsStanding } = proxyActivities<JobActivities>({
    taskQueue,
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: '10m',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
  });
  const standing = () => remoteJobsStanding({ workflowId, runId: child.firstExecutionRunId });

  async function killed(): Promise<KillReport> {
    scope.cancel();
    let failure: unknown;
    try {
      return killOfEnded(await child.result());
    } catch (error) {
      failure = error;
    }
    const told = killOfFailure(failure);
    if (told !== undefined) return told;
    try {
      const { status, job } = await standing();
      return job?.kill ?? killUnknown(job?.remoteId, `its workflow has ended as ${status}`);
    } catch {
      return killUnknown(undefined, 'its workflow has ended, and its report could not be read');
    }
  }

  return {
    workflowId,
    result: () => child.result() as Promise<Result>,
    progress: standing,
    kill: () => CancellationScope.nonCancellable(killed),
  };
}

/** Without the surrounding workflow's id: replayed in a test, that is often another one. */
function defaultWorkflowId(type: RemoteJobType): string {
  return `${type}/${uuid4().replaceAll('-', '').slice(0, 16)}`;
}
