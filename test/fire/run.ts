import { setTimeout as sleep } from 'node:timers/promises';
import { requestCancel } from '../../src/starter/cancel';
import { describeJob } from '../../src/starter/describe';
import { LogFollower } from '../../src/starter/follow';
import { awaitOutcome } from '../../src/starter/outcome';
import type { Outcome, Result } from './checks';
import type { StartedJob } from './scenarios';
import type { Stage } from './stage';

/** Cancels a job once the service runs it, or as soon as `now` says so. */
export async function cancelWhenRunning(
  stage: Stage,
  { workflowId }: StartedJob,
  now: () => boolean,
): Promise<void> {
  for (;;) {
    const { status, progress } = await describeJob(stage.client, workflowId);
    if (now() || ['Running', 'process'].includes(progress?.status ?? '')) break;
    if (status !== 'RUNNING') return;
    await sleep(100);
  }
  await requestCancel(stage.client, workflowId);
}

/** Collects a job's log as somebody sees it who follows it; ends with the signal. */
export async function followLog(
  stage: Stage,
  { workflowId, runId }: StartedJob,
  signal: AbortSignal,
): Promise<string[]> {
  const follower = new LogFollower(stage.store, workflowId, runId);
  const seen: string[] = [];
  let remoteId: string | undefined;
  for (;;) {
    const last = signal.aborted;
    remoteId ??= (await describeJob(stage.client, workflowId)).job?.remoteId;
    const lines = follower.newLines(remoteId, new AbortController().signal);
    for await (const line of lines) seen.push(line);
    if (last) return seen;
    await sleep(400, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Waits for a job's end.
 *
 * @throws Error with the job's own description, when it takes longer
 */
export async function outcomeWithin(
  stage: Stage,
  { workflowId }: StartedJob,
  limitMs: number,
): Promise<Outcome> {
  const waiting = new AbortController();
  const hung = sleep(limitMs, undefined, { signal: waiting.signal }).then(async () => {
    const { progress, activity, job, status } = await describeJob(stage.client, workflowId);
    const seen = JSON.stringify({ status, activity, progress, job });
    throw new Error(`no end after ${limitMs / 1000} s: ${seen}`);
  });
  hung.catch(() => undefined);
  try {
    return await Promise.race([awaitOutcome<Result>(stage.client, workflowId), hung]);
  } finally {
    waiting.abort();
  }
}
