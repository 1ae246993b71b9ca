import { ServiceError } from '@temporalio/client';
import { failureTypes } from '../contracts/failure-types';
import { pipelineWorkflowTypes } from '../contracts/pipeline-run';
import { shellWord } from '../contracts/words';
import { isOpen } from '../contracts/workflow-status';
import type { JobDescription } from '../starter/describe';
import { abortableCalls } from '../starter/abortable-calls';
import { requestCancel } from '../starter/cancel';
import { followJob, LogFollower } from '../starter/follow';
import { awaitOutcome, type JobOutcome } from '../starter/outcome';
import { CommandError } from './errors';
import { exitCodes } from './exit-codes';
import type { FollowedJob, FollowSettings } from './followed-job';
import { InterruptAnswers } from './interrupt-answers';
import { JobTalk } from './job-talk';
import { isBeingSubmitted, stageOf, type Stage } from './job-words';
import { PipelineLook } from './live/pipeline-look';
import { usualDurationMs } from './live/usual-duration';
import { QueuePlace } from './queue-place';
import { WorkerWatch, type MissingWorker } from './worker-watch';

export type FollowEnd<Result> =
  | { readonly kind: 'closed'; readonly outcome: JobOutcome<Result>; readonly log?: LogFollower }
  /** It runs on by itself. */
  | { readonly kind: 'detached' }
  /** The cancel was asked for, but nobody waited for the proof. */
  | { readonly kind: 'left' }
  /** No job is known after the time that it had to begin; the cancel was asked for. */
  | {
      readonly kind: 'neverBegan';
      /** `submitter`: the worker that had begun to submit it is gone, and nobody knows how far it came. */
      readonly missing: 'worker' | 'submitter' | 'service';
      readonly words: string;
    }
  /** It waits for a worker, and goes on when one comes. */
  | { readonly kind: 'noWorker'; readonly words: string };

/** Follows a job to its end, telling how it gets on, and obeys Ctrl-C. */
export async function followToEnd<Result>(
  job: FollowedJob,
  settings: FollowSettings,
): Promise<FollowEnd<Result>> {
  const { client, workflowId, runId } = job;
  const stop = new AbortController();
  const talk = new JobTalk(settings.output, settings.tailLines);
  const watch = new Look(job, settings, talk);
  const closed = abortableCalls(client, stop.signal, () =>
    awaitOutcome<Result>(client, workflowId, runId),
  ).then((outcome) => ({ kind: 'closed', outcome }) as const);
  const looked = watch.run(stop.signal);
  const interrupted = new InterruptAnswers(job, settings, talk, stop.signal).next();
  try {
    const end = await Promise.race([closed, looked, interrupted]);
    if (end.kind !== 'closed') return end;
    return { ...end, log: watch.log };
  } catch (error) {
    throw lostTouch(error, workflowId);
  } finally {
    stop.abort();
    talk.close();
    for (const left of [closed, looked, interrupted]) left.catch(() => undefined);
  }
}

/** The server went away while the job was followed. */
function lostTouch(error: unknown, workflowId: string): unknown {
  if (!(error instanceof ServiceError)) return error;
  const { message } = error.cause instanceof Error ? error.cause : error;
  return new CommandError(
    exitCodes.unreachable,
    `Temporal stopped answering (${message}). That ends nothing; follow it again with \`remote-jobs watch ${shellWord(workflowId)}\`.`,
  );
}

const never = new Promise<never>(() => {});

/** Looks at the job until it closes, and ends by itself only where it doesn't get on. */
class Look {
  readonly log: LogFollower | undefined;
  private readonly workers: WorkerWatch;
  private readonly place: QueuePlace;
  private readonly pipeline: PipelineLook;
  private readonly begunAtMs = Date.now();
  private asksUsual = false;

  constructor(
    private readonly job: FollowedJob,
    private readonly settings: FollowSettings,
    private readonly talk: JobTalk,
  ) {
    const { logs, runId } = job;
    this.log = logs && runId ? new LogFollower(logs, job.workflowId, runId) : undefined;
    this.pipeline = new PipelineLook(job.client, job.workflowId);
    this.workers = new WorkerWatch(job.client, settings.output);
    this.place = new QueuePlace(job.client);
  }

  async run(signal: AbortSignal): Promise<FollowEnd<never>> {
    const { client, workflowId, runId } = this.job;
    for await (const job of followJob(client, workflowId, { runId, signal })) {
      this.settings.onLook?.(job);
      if (!this.asksUsual && this.settings.output.interactive) {
        this.asksUsual = true;
        void usualDurationMs(client, job).then((usualMs) => this.talk.usual(usualMs));
      }
      for await (const line of this.log?.newLines(job.job?.remoteId, signal) ?? []) {
        this.talk.log(line);
      }
      if (job.workflowType === pipelineWorkflowTypes.pipeline) {
        this.talk.pipeline(await this.pipeline.look(signal));
      }
      if (!isOpen(job.status)) break;
      if (job.refresh !== undefined && stageOf(job) === 'in the queue') {
        this.talk.queue(await this.place.look(job.refresh, signal));
      }
      this.talk.look(job);
      const missing = await this.workers.look(job, signal);
      if (missing !== undefined && missing.forMs >= (this.settings.workerWithinMs ?? Infinity)) {
        return { kind: 'noWorker', words: missing.words };
      }
      const hindrance = this.hindrance(job, missing);
      if (hindrance !== undefined) {
        await requestCancel(client, workflowId, runId);
        return { kind: 'neverBegan', ...hindrance };
      }
    }
    // How it ended is for the outcome to say.
    return never;
  }

  /** Why the job could not begin, once it has had its time. */
  private hindrance(job: JobDescription, missing: MissingWorker | undefined) {
    const { startWithinMs = Infinity } = this.settings;
    if (hasBegun(job) || Date.now() < this.begunAtMs + startWithinMs) return undefined;
    if (missing !== undefined) {
      const left = isBeingSubmitted(job) ? 'submitter' : 'worker';
      return { missing: left, words: missing.words } as const;
    }
    const words = serviceTrouble(job);
    return words === undefined ? undefined : ({ missing: 'service', words } as const);
  }
}

const beforeSubmit: ReadonlySet<Stage> = new Set([
  'waiting for a worker',
  'in the queue',
  'comparing files',
  'submitting',
]);

/** True once there may be a remote job. */
function hasBegun(job: JobDescription): boolean {
  return !beforeSubmit.has(stageOf(job)) || job.job?.remoteId !== undefined;
}

/** The service's trouble, where it can't be reached. */
function serviceTrouble({ activity }: JobDescription): string | undefined {
  const failure = activity?.lastFailure;
  return failure?.type === failureTypes.unreachable ? failure.message : undefined;
}
