import { setTimeout as sleep } from 'node:timers/promises';

/** A request whose client gave up can still take effect: looked for at these moments, in milliseconds. */
const looksAfterMs = [0, 500, 1500, 3000];

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
