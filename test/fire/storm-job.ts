import { setTimeout as sleep } from 'node:timers/promises';
import { requestCancel } from '../../src/starter/cancel';
import { awaitOutcome } from '../../src/starter/outcome';
import type { Outcome, Result } from './checks';
import { start, type PreparedJob, type StartedJob } from './scenarios';
import type { Stage } from './stage';

/** A job of the storm and when, in milliseconds after the storm's start, things are done to it. */
export interface PlannedJob {
  readonly job: PreparedJob;
  readonly startAtMs: number;
  /** Counted from its start; only jobs that are cancelled have one. */
  readonly cancelAfterMs?: number;
}

export interface LivedJob {
  readonly job: StartedJob;
  /** Undefined where it never closed. */
  readonly outcome?: Outcome;
}

/** Starts a job, maybe cancels it, and waits for its end, whatever becomes of Temporal meanwhile. */
export async function liveThrough(
  stage: Stage,
  { job, startAtMs, cancelAfterMs }: PlannedJob,
  taskQueue: string,
  signal: AbortSignal,
): Promise<LivedJob> {
  await sleep(startAtMs, undefined, { signal });
  const started = await insist(() => start(stage, job, taskQueue), signal);
  if (cancelAfterMs !== undefined) {
    await sleep(cancelAfterMs, undefined, { signal });
    await insist(() => requestCancel(stage.client, started.workflowId), signal);
  }
  const ended = awaited(stage, started, signal);
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return { job: started, outcome: await Promise.race([ended, aborted]) };
}

async function awaited(
  stage: Stage,
  { workflowId }: StartedJob,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  return insist(() => awaitOutcome<Result>(stage.client, workflowId), signal).catch(
    () => undefined,
  );
}

/** Tries until Temporal is there. */
async function insist<Value>(attempt: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch {
      await sleep(500, undefined, { signal });
    }
  }
}
