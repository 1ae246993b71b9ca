import { setTimeout as sleep } from 'node:timers/promises';
import type { KillReport, RemovedTwins } from '../src/contracts/job';
import type { ActivitySession } from './session';

/** Waits between two looks, in milliseconds; the last one is repeated. */
const waitsMs = [1000, 2000, 4000, 8000];
/** A service that makes more of them is not read on: the report must fit into history. */
const mostTwins = 20;

interface Found {
  readonly remoteId: string;
  end(): Promise<KillReport>;
}

export interface TwinSearch {
  /** The job that stays. */
  readonly keep: string;
  /** Looks go on until then, epoch milliseconds; at least one is taken. */
  readonly untilMs: number;
  /** Every job that bears the submission's key. */
  find(signal: AbortSignal): Promise<readonly Found[]>;
  /** Called once for each twin. */
  ended(report: KillReport): void;
}

interface TwinCheckpoint {
  readonly twins?: readonly KillReport[];
}

/**
 * A request can take effect after its client gave up, and after the next attempt had looked for it.
 * Nothing tells when, so the jobs of the submission's key are looked for again and again for a while.
 */
export async function removeTwins(
  session: ActivitySession,
  search: TwinSearch,
): Promise<RemovedTwins> {
  const { signal } = session;
  let twins = session.lastDetails<TwinCheckpoint>()?.twins ?? [];
  try {
    for (let look = 0; ; look++) {
      for (const twin of await search.find(signal)) {
        const known = twins.some(({ remoteId }) => remoteId === twin.remoteId);
        if (twin.remoteId === search.keep || known || twins.length >= mostTwins) continue;
        const report = await twin.end();
        twins = [...twins, report];
        await session.remember({ twins } satisfies TwinCheckpoint);
        search.ended(report);
      }
      const waitMs = waitsMs[Math.min(look, waitsMs.length - 1)] ?? 0;
      const leftMs = search.untilMs - Date.now();
      if (leftMs <= 0) return { twins };
      await sleep(Math.min(waitMs, leftMs), undefined, { signal });
    }
  } catch (error) {
    // The workflow doesn't want any more looks, but what they found.
    if (signal.aborted && !session.handsOver) return { twins };
    throw error;
  }
}
