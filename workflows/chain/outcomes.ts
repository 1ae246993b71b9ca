import {
  mostQueuedRequests,
  mostRememberedRefreshes,
  type ChainRequest,
  type RefreshAnswer,
  type RefreshOutcome,
} from '../../src/contracts/chain';
import { cutTexts, jsonBytes } from '../../src/contracts/history-size';
import type { AnswerDetails, CarriedChain } from './carried';

/** Carried from run to run, all of this together must stay far below what Temporal takes at once. */
const mostWarnings = 10;
const warningCharacters = 300;
const messageCharacters = 1000;
/** So many refreshes are told in full; of older ones a few words are enough. */
const toldInFull = 10;
const wordsOfOldOnes = 3;
/**
 * A paused chain is asked night after night; what it skipped must not push out what it did. But
 * everybody whose request a pause skips at once, and who comes with it, still reads its answer.
 */
const mostSkipped = mostQueuedRequests + 2;
const mostDetails = 10;
const detailsBytes = 32 * 1024;

/** The chain with one more refresh behind it, which is running and waiting no more. */
export function withOutcome(
  chain: CarriedChain,
  outcome: RefreshOutcome,
  details: Omit<RefreshAnswer, 'outcome'> = {},
): CarriedChain {
  const { requestId } = outcome;
  const { running } = chain;
  const told: AnswerDetails = { requestId, ...cutTexts(details, messageCharacters) };
  const worthIt = Object.keys(details).length > 0 && jsonBytes(told) <= detailsBytes;
  return {
    ...chain,
    ...(running?.requestId === requestId && { running: undefined, told: undefined }),
    queue: chain.queue.filter((request) => request.requestId !== requestId),
    refreshes: remembered([short(outcome), ...chain.refreshes]),
    details: worthIt ? [told, ...chain.details].slice(0, mostDetails) : chain.details,
  };
}

/** The outcome of a request that never began. */
export function notBegun(
  chain: CarriedChain,
  { requestId, scheduledAtMs }: Pick<ChainRequest, 'requestId' | 'scheduledAtMs'>,
  end: 'skipped' | 'cancelled',
  why: { readonly type?: string; readonly message: string },
): CarriedChain {
  const nowMs = Date.now();
  const outcome: RefreshOutcome = {
    requestId,
    end,
    startedAtMs: nowMs,
    endedAtMs: nowMs,
    scheduledAtMs,
    generation: chain.current?.generation ?? 0,
    jobId: chain.current?.jobId,
    warnings: end === 'skipped' ? [why.message] : [],
    error: end === 'cancelled' ? why : undefined,
  };
  if (end === 'skipped') return withOutcome(chain, outcome);
  return withOutcome(chain, outcome, {
    kill: { outcome: 'nothingToKill', evidence: 'the refresh had not begun; nothing was sent' },
  });
}

/** What is known of a request that has ended; undefined for any other. */
export function answerTo(chain: CarriedChain, requestId: string): RefreshAnswer | undefined {
  const outcome = chain.refreshes.find((refresh) => refresh.requestId === requestId);
  if (outcome === undefined) return undefined;
  const found = chain.details.find((details) => details.requestId === requestId);
  return { outcome, report: found?.report, kill: found?.kill };
}

function remembered(refreshes: readonly RefreshOutcome[]): readonly RefreshOutcome[] {
  let skipped = 0;
  return refreshes
    .filter(({ end }) => end !== 'skipped' || ++skipped <= mostSkipped)
    .slice(0, mostRememberedRefreshes)
    .map((refresh, index) => (index < toldInFull ? refresh : brief(refresh)));
}

function short(outcome: RefreshOutcome): RefreshOutcome {
  const { warnings, error, ...rest } = outcome;
  return {
    ...rest,
    warnings: cutTexts(warnings.slice(0, mostWarnings), warningCharacters),
    error: cutTexts(error, messageCharacters),
  };
}

function brief(outcome: RefreshOutcome): RefreshOutcome {
  const { warnings, error, ...rest } = outcome;
  return {
    ...rest,
    warnings: warnings.slice(0, wordsOfOldOnes),
    error: cutTexts(error, warningCharacters),
  };
}
