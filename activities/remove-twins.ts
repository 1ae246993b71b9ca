import { setTimeout as sleep } from 'node:timers/promises';
import type { KillReport, RemovedTwins } from '../src/contracts/job';
import type { KillSession } from './kill-budget';
import type { ActivitySession } from './session';

/** Waits between two looks, in milliseconds; the last one is repeated. */
const waitsMs = [1000, 2000, 4000, 8000];
/** A service that makes more of them is not read on: the report must fit into history. */
const mostTwins = 20;

export interface Twin {
  readonly remoteId: string;
  end(session: KillSession): Promise<KillReport>;
}

export interface TwinSearch {
  /** The job that stays. */
  readonly keep: string;
  /** Looks go on until then, epoch milliseconds; at least one is taken. */
  readonly untilMs: number;
  /** What an earlier search found. */
  readonly known: readonly KillReport[] | undefined;
  /** Every job that bears the submission's key, and those that an earlier attempt sent a kill for. */
  find(signal: AbortSignal): Promise<readonly Twin[]>;
  /** Called once for each twin. */
  ended(report: KillReport): void;
}

interface TwinCheckpoint {
  readonly twins?: readonly KillReport[];
}

/**
 * A request can take effect after its client gave up, and after the next attempt had looked for it.
 * Nothing tells when, so the jobs of the submission's key are looked for again and again for a while.
 * One that could not be ended for certain is tried again with every look.
 */
export async function removeTwins(
  session: ActivitySession,
  search: TwinSearch,
): Promise<RemovedTwins> {
  const { signal } = session;
  const patient = untilHandOver(session);
  let twins = session.lastDetails<TwinCheckpoint>()?.twins ?? search.known ?? [];
  try {
    for (let look = 0; ; look++) {
      for (const twin of await search.find(signal)) {
        const before = twins.find(({ remoteId }) => remoteId === twin.remoteId);
        if (twin.remoteId === search.keep || !isOpen(before)) continue;
        if (before === undefined && twins.length >= mostTwins) continue;
        const now = await twin.end(patient);
        const report = before === undefined || isProof(now) ? now : before;
        twins = [...twins.filter((other) => other !== before), report];
        await session.remember({ twins } satisfies TwinCheckpoint);
        if (before === undefined) search.ended(report);
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

function isOpen(report: KillReport | undefined): boolean {
  return report === undefined || report.outcome === 'unconfirmed';
}

function isProof({ outcome }: KillReport): boolean {
  return outcome === 'confirmed' || outcome === 'removed';
}

/** The end of the job must not cut off a kill under way, whose proof nobody could tell later. */
function untilHandOver(session: ActivitySession): KillSession {
  const { signal } = session;
  const leaves = new AbortController();
  signal.addEventListener(
    'abort',
    () => {
      if (session.handsOver) leaves.abort(signal.reason);
    },
    { once: true },
  );
  return {
    signal: leaves.signal,
    lastDetails: () => session.lastDetails(),
    async remember(more) {
      try {
        await session.remember(more);
      } catch (error) {
        // The server takes no more checkpoints; the answer will tell.
        if (!signal.aborted || leaves.signal.aborted) throw error;
      }
    },
  };
}
