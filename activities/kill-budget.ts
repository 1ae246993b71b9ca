import type { KillReport } from '../src/contracts/job';
import type { ActivitySession } from './session';

/** What a kill needs of its activity. */
export interface KillSession extends Pick<ActivitySession, 'signal' | 'lastDetails' | 'remember'> {
  /** A kill that waits for something to kill answers by then, epoch milliseconds. */
  readonly untilMs?: number;
}

/** A kill holds what can't be cancelled meanwhile: no Retry-After keeps it longer, in milliseconds. */
export const killRetry = { longestDelayMs: 10_000 };

/** Time that all attempts of one kill may spend together, in milliseconds. */
export const killBudgetMs = 5 * 60_000;
/** What is left of the time for the answer of a kill that waited in vain, in milliseconds. */
const answerWithinMs = 5000;
/** How exact the count is. A crash loses at most what the last heartbeat didn't tell. */
const countEveryMs = 1000;

interface BudgetCheckpoint {
  /** Milliseconds that attempts have spent so far, this one included. */
  readonly spentMs?: number;
  /** What the last attempt failed with, in its words. */
  readonly trouble?: string;
}

/**
 * Runs a kill, and ends it as `unconfirmed` once its attempts have spent their time: a service that
 * hangs would hold the workflow, which can't be cancelled meanwhile, for as long as it likes. Only
 * the time of attempts counts, since time in which no worker lives proves nothing.
 *
 * @param redact takes secrets out of what a failed attempt leaves in its heartbeat
 */
export async function withinKillBudget(
  session: ActivitySession,
  redact: (text: string) => string,
  run: (session: KillSession) => Promise<KillReport>,
  budgetMs = killBudgetMs,
): Promise<KillReport> {
  const left = session.lastDetails<BudgetCheckpoint>();
  const spentBeforeMs = left?.spentMs ?? 0;
  if (spentBeforeMs >= budgetMs) return outOfTime(budgetMs, left?.trouble);
  const sinceMs = Date.now();
  const count = (more: BudgetCheckpoint = {}) =>
    session.beat({
      ...session.lastDetails<object>(),
      spentMs: spentBeforeMs + Date.now() - sinceMs,
      ...more,
    });
  const timer = setInterval(count, countEveryMs);
  const spent = AbortSignal.timeout(budgetMs - spentBeforeMs);
  try {
    return await run({
      signal: AbortSignal.any([session.signal, spent]),
      untilMs: sinceMs + budgetMs - spentBeforeMs - answerWithinMs,
      lastDetails: () => session.lastDetails(),
      remember: (more) => session.remember(more),
    });
  } catch (error) {
    if (session.signal.aborted) throw error;
    if (spent.aborted) return outOfTime(budgetMs, left?.trouble);
    const words = error instanceof Error ? error.message : String(error);
    count({ trouble: redact(words).slice(0, 200) });
    throw error;
  } finally {
    clearInterval(timer);
  }
}

function outOfTime(budgetMs: number, trouble: string | undefined): KillReport {
  const said = trouble === undefined ? 'it only hung' : `the last thing heard was: ${trouble}`;
  return {
    outcome: 'unconfirmed',
    evidence: `the service let no kill come to its proof within ${Math.round(budgetMs / 1000)} s of attempts; ${said}`,
  };
}
