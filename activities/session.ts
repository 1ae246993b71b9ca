import { Context } from '@temporalio/activity';
import { ActivityCancelledError } from '@temporalio/client';
import { abortable } from '../src/clients/http/abortable';
import { jobFolder } from '../src/contracts/names';
import { guardHeartbeat } from './guard-heartbeat';

/** Beats within one heartbeat time-out where there is no news, so that a late one isn't taken for a death. */
const beatsPerTimeout = 4;
/** Within a long one: each beat is a write of the server's, thousands wait, and there is time to be late. */
const beatsPerLongTimeout = 2;
const longTimeoutMs = 60_000;
/** An activity without a heartbeat time-out needs no beat. */
const longestBeatMs = 60_000;

/** One attempt of one activity: its signal, its heartbeat, what an earlier attempt left behind. */
export class ActivitySession {
  private readonly context = Context.current();
  private timer: NodeJS.Timeout;
  private details: unknown;

  constructor() {
    this.details = this.context.info.heartbeatDetails as unknown;
    // 0 stands for none, too.
    const everyMs = beatEveryMs(this.context.info.heartbeatTimeoutMs || Infinity);
    // Waits that a worker took over together would beat together for hours, and each time the server
    // would do nothing else for seconds.
    this.timer = setTimeout(() => this.beatEvery(everyMs), Math.random() * everyMs);
  }

  private beatEvery(everyMs: number): void {
    this.context.heartbeat(this.details);
    this.timer = setTimeout(() => this.beatEvery(everyMs), everyMs);
  }

  /** Aborts on a workflow's cancel, on a closed workflow, on a worker's shutdown and on a time-out. */
  get signal(): AbortSignal {
    return this.context.cancellationSignal;
  }

  get attempt(): number {
    return this.context.info.attempt;
  }

  /** False too where somebody reset the activity, which counts its attempts from 1 again. */
  get isFirstAttempt(): boolean {
    const { attempt, currentAttemptScheduledTimestampMs, scheduledTimestampMs } = this.context.info;
    return attempt === 1 && currentAttemptScheduledTimestampMs <= scheduledTimestampMs;
  }

  /** How long the server still waits for this activity, all attempts together, in milliseconds. */
  get timeLeftMs(): number {
    const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = this.context.info;
    // 0 stands for none.
    return scheduledTimestampMs + (scheduleToCloseTimeoutMs || Infinity) - Date.now();
  }

  /** How long an attempt may take, in milliseconds. */
  get attemptTimeMs(): number {
    return this.context.info.startToCloseTimeoutMs || Infinity;
  }

  /** True when the abort means: this worker goes, the job goes on with another one. */
  get handsOver(): boolean {
    return this.context.cancellationDetails?.workerShutdown === true;
  }

  get workflowId(): string {
    return this.context.info.workflowExecution?.workflowId ?? 'standalone';
  }

  /** When this activity was first scheduled, epoch milliseconds: the lower bound of its effects. */
  get scheduledAtMs(): number {
    return this.context.info.scheduledTimestampMs;
  }

  /** The key prefix of this workflow run's artifacts. */
  get folder(): string {
    return jobFolder(this.workflowId, this.context.info.workflowExecution?.runId ?? 'run');
  }

  /** What the last heartbeat of this or of an earlier attempt said. */
  lastDetails<Details>(): Details | undefined {
    return this.details as Details | undefined;
  }

  /** Tells the details with the next heartbeat the SDK sends: cheap, and up to a heartbeat late. */
  beat(details: unknown): void {
    this.keep(details);
    this.context.heartbeat(this.details);
  }

  /** Leaves details to the next regular beat: thousands of waiting jobs have nothing new to tell. */
  keep(details: unknown): void {
    this.details = guardHeartbeat(details);
  }

  /**
   * Makes sure that the details are on the server before the next line runs. Both ways are needed:
   * a throttled older beat would overwrite the direct one later.
   */
  async record(details: unknown): Promise<{ readonly cancelled: boolean }> {
    this.beat(details);
    try {
      await this.untilAborted(
        this.context.client.activity.heartbeat(this.context.info.taskToken, this.details),
      );
      return { cancelled: false };
    } catch (error) {
      // The answer "cancelled" proves that the server has the details; the signal comes later.
      if (error instanceof ActivityCancelledError) return { cancelled: true };
      throw error;
    }
  }

  /** Adds to what an earlier step or attempt recorded, and makes sure that the server has it. */
  async remember(more: object): Promise<void> {
    await this.record({ ...(this.details as object | undefined), ...more });
  }

  /**
   * The SDK's client ignores abort signals, and a hanging call would hold up the worker's shutdown.
   * Not a race with `Context.cancelled`: that promise would keep each call of a wait of days.
   */
  untilAborted<Value>(promise: Promise<Value>): Promise<Value> {
    return abortable(promise, this.signal);
  }

  /** Rejects with the cause, once the signal has aborted. */
  cancelled(): Promise<never> {
    return this.context.cancelled;
  }

  close(): void {
    clearTimeout(this.timer);
  }
}

function beatEveryMs(timeoutMs: number): number {
  const beats = timeoutMs < longTimeoutMs ? beatsPerTimeout : beatsPerLongTimeout;
  return Math.min(longestBeatMs, timeoutMs / beats);
}
