import type { Client } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store';
import { failureTypes } from '../contracts/failure-types';
import { watchTaskQueue } from '../contracts/names';
import type { JobDescription } from '../starter/describe';
import { abortableCalls } from '../starter/abortable-calls';
import { requestCancel } from '../starter/cancel';
import { followJob, LogFollower } from '../starter/follow';
import { awaitOutcome, type JobOutcome } from '../starter/outcome';
import { findWorkers } from '../starter/workers';
import { askKey } from './ask-key';
import type { CliContext } from './context';
import type { Interrupts } from './interrupts';
import { JobTalk } from './job-talk';
import { stageOf } from './job-words';
import type { Output } from './output';

export interface FollowedJob {
  readonly client: Client;
  readonly workflowId: string;
  readonly runId: string;
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
  /** Gives up a job that no worker, or no service, takes within this time. @default never */
  readonly startWithinMs?: number;
  /** Called for each look at the job. */
  readonly onLook?: (job: JobDescription) => void;
}

export type FollowEnd<Result> =
  | { readonly kind: 'closed'; readonly outcome: JobOutcome<Result>; readonly log?: LogFollower }
  /** It runs on by itself. */
  | { readonly kind: 'detached' }
  /** The cancel was asked for, but nobody waited for the proof. */
  | { readonly kind: 'left' }
  /** Nothing was submitted; the cancel was asked for. */
  | { readonly kind: 'neverBegan'; readonly reason: string };

const askAboutWorkersAfterMs = 2_000;
const askAboutWorkersEveryMs = 5_000;

/** Follows a job to its end, telling how it gets on, and obeys Ctrl-C. */
export async function followToEnd<Result>(
  job: FollowedJob,
  settings: FollowSettings,
): Promise<FollowEnd<Result>> {
  const { client, workflowId, runId } = job;
  const stop = new AbortController();
  const talk = new JobTalk(settings.output);
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
  } finally {
    stop.abort();
    talk.close();
    for (const left of [closed, looked, interrupted]) left.catch(() => undefined);
  }
}

const never = new Promise<never>(() => {});

/** Looks at the job until it closes, and ends by itself only where the job never begins. */
class Look {
  readonly log: LogFollower | undefined;
  private readonly begunAtMs = Date.now();
  private workersAskedAtMs = 0;
  private toldOfNoWorker = false;

  constructor(
    private readonly job: FollowedJob,
    private readonly settings: FollowSettings,
    private readonly talk: JobTalk,
  ) {
    this.log = job.logs && new LogFollower(job.logs, job.workflowId, job.runId);
  }

  async run(signal: AbortSignal): Promise<{ kind: 'neverBegan'; reason: string }> {
    const { client, workflowId, runId } = this.job;
    for await (const job of followJob(client, workflowId, { runId, signal })) {
      this.settings.onLook?.(job);
      for await (const line of this.log?.newLines(signal) ?? []) this.talk.log(line);
      if (job.status !== 'RUNNING') break;
      this.talk.look(job);
      const problem = (await this.noWorker(job, signal)) ?? noService(job);
      const { startWithinMs } = this.settings;
      const late = startWithinMs !== undefined && Date.now() >= this.begunAtMs + startWithinMs;
      if (problem !== undefined && late) {
        await requestCancel(client, workflowId, runId);
        return { kind: 'neverBegan', reason: problem };
      }
    }
    // How it ended is for the outcome to say.
    return never;
  }

  /** A sentence, where something waits for a worker and there is none. */
  private async noWorker(job: JobDescription, signal: AbortSignal): Promise<string | undefined> {
    const { activity, taskQueue } = job;
    const unclaimed = activity !== undefined && !activity.running && !activity.lastFailure;
    const waits = stageOf(job) === 'waiting for a worker' || unclaimed;
    const nowMs = Date.now();
    if (!waits) {
      if (this.toldOfNoWorker) this.settings.output.say('A worker has taken it.');
      this.toldOfNoWorker = false;
      return undefined;
    }
    if (nowMs < this.begunAtMs + askAboutWorkersAfterMs) return undefined;
    const known = this.toldOfNoWorker ? noWorkerWords(taskQueue) : undefined;
    if (nowMs < this.workersAskedAtMs + askAboutWorkersEveryMs) return known;
    this.workersAskedAtMs = nowMs;
    const { client } = this.job;
    const workers = await abortableCalls(client, signal, () => findWorkers(client, taskQueue));
    if (workers.workflows > 0 && workers.activities > 0 && workers.waiting > 0) return undefined;
    const queue =
      workers.workflows > 0 && workers.activities > 0 ? watchTaskQueue(taskQueue) : taskQueue;
    if (!this.toldOfNoWorker) this.settings.output.warn(noWorkerWords(queue));
    this.toldOfNoWorker = true;
    return noWorkerWords(queue);
  }
}

function noWorkerWords(taskQueue: string): string {
  return `no worker polls task queue ${taskQueue}; start one with \`remote-jobs worker\``;
}

/** The service's words, where not even the first step could be taken. */
function noService(job: JobDescription): string | undefined {
  const failure = job.activity?.lastFailure;
  const unreachable = failure?.type === failureTypes.unreachable;
  return stageOf(job) === 'submitting' && unreachable ? failure.message : undefined;
}

/** What the user answers to Ctrl-C, and what is done about it. */
class InterruptAnswers {
  private cancelling = false;

  constructor(
    private readonly job: FollowedJob,
    private readonly settings: FollowSettings,
    private readonly talk: JobTalk,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves only where the job is not waited for any more. */
  async next(): Promise<{ kind: 'detached' | 'left' }> {
    for (;;) {
      const interrupt = await this.settings.interrupts.next();
      if (this.cancelling) return { kind: 'left' };
      if (this.settings.onInterrupt === 'detach' || interrupt === 'SIGHUP') {
        return { kind: 'detached' };
      }
      const answer = interrupt === 'SIGINT' ? await this.ask() : 'cancel';
      if (answer === 'detach') return { kind: 'detached' };
      if (answer === 'cancel') await this.cancel();
    }
  }

  private async ask(): Promise<'detach' | 'cancel' | 'go on'> {
    const { context, output } = this.settings;
    if (context.stdin.isTTY !== true || !output.interactive) return 'cancel';
    this.talk.ask('[d]etach and let it run, [c]ancel it (or Ctrl-C again), any other key: go on ');
    const key = await askKey(context, ['d', 'c'], this.signal);
    this.talk.ask(undefined);
    if (key === 'd') return 'detach';
    return key === 'c' || key === 'ctrl-c' ? 'cancel' : 'go on';
  }

  private async cancel(): Promise<void> {
    const { client, workflowId, runId } = this.job;
    this.cancelling = true;
    this.settings.output.say('Cancelling; waiting for the proof that the remote job has ended…');
    await requestCancel(client, workflowId, runId);
  }
}
