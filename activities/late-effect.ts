import { setTimeout as sleep } from 'node:timers/promises';
import type { KillReport } from '../src/contracts/job';
import type { KillSession } from './kill-budget';

/** A job that an answer misses is looked for again after these waits, in milliseconds. */
const looksAfterMs = [0, 500, 1500, 3000];
/** Between later looks, in milliseconds. */
const laterLooksEveryMs = 5000;

/**
 * So long after a kill by key began, jobs of the key may still appear, in milliseconds. The worker
 * of a submit that the server gave up hears of it with a heartbeat, up to 12 s late, and waits
 * another 10 s for the reply under way; the rest is for the service, which may take effect later.
 */
export const lateEffectMs = 30_000;

/** Looks a few times for a job that may still appear; undefined where it never did. */
export async function lookForLateEffect<Job>(
  look: () => Promise<Job | undefined>,
  signal: AbortSignal,
): Promise<Job | undefined> {
  for (const waitMs of looksAfterMs) {
    await sleep(waitMs, undefined, { signal });
    const job = await look();
    if (job !== undefined) return job;
  }
  return undefined;
}

export interface ComingJob {
  readonly remoteId: string;
  readonly end: (session: KillSession) => Promise<KillReport>;
}

/**
 * Ends every job that `find` shows until the time is up, each once and all at the same time: the
 * next one may come while the end of the first is still waited for.
 *
 * @throws the first error of a look or of an end, once nothing of it is under way any more
 */
export async function endAllThatCome(
  session: KillSession,
  find: (signal: AbortSignal) => Promise<readonly ComingJob[]>,
  withinMs: number,
): Promise<readonly KillReport[]> {
  const failed = new AbortController();
  const signal = AbortSignal.any([session.signal, failed.signal]);
  const bounded: KillSession = {
    signal,
    untilMs: session.untilMs,
    lastDetails: () => session.lastDetails(),
    remember: (more) => session.remember(more),
  };
  const ends = new Map<string, Promise<KillReport>>();
  const untilMs = Date.now() + withinMs;
  try {
    for (let look = 0; ; look++) {
      for (const { remoteId, end } of await find(signal)) {
        if (ends.has(remoteId)) continue;
        const ended = end(bounded);
        ended.catch((error: unknown) => failed.abort(error));
        ends.set(remoteId, ended);
      }
      const leftMs = untilMs - Date.now();
      if (leftMs <= 0) return await Promise.all(ends.values());
      const waitMs = looksAfterMs[look + 1] ?? laterLooksEveryMs;
      await sleep(Math.min(waitMs, leftMs), undefined, { signal });
    }
  } catch (error) {
    const first: unknown = failed.signal.aborted ? failed.signal.reason : error;
    failed.abort(first);
    await Promise.allSettled(ends.values());
    throw first;
  }
}
