import type { ChainGeneration, ChainState, RefreshAnswer } from '../../src/contracts/chain';
import type { ChainIdentity, ChainMemo } from '../../src/contracts/chain-asking';
import type { KillReport } from '../../src/contracts/job';

/** What a chain knows, and hands to its next run when it continues as new. */
export interface CarriedChain extends ChainState {
  /** Requests that were taken back before they came; the newest first. */
  readonly withdrawn: readonly string[];
  /** What the latest refreshes answered besides their outcome; the newest first. */
  readonly details: readonly AnswerDetails[];
  /** What the refresh under way has told so far. */
  readonly told?: ToldByRefresh;
}

export interface ToldByRefresh {
  /** A job that it has made, and that counts once its exports have passed. */
  readonly candidate?: ChainGeneration;
  /** What became of the job's run, where the refresh left before its end. */
  readonly kill?: KillReport;
  readonly warnings?: readonly string[];
}

export type AnswerDetails = Omit<RefreshAnswer, 'outcome'> & { readonly requestId: string };

/** What the chain's workflow takes: a name for a new chain, everything for one that goes on. */
export type ChainStart = ChainIdentity & Partial<CarriedChain>;

export function openChain(start: ChainStart): CarriedChain {
  return {
    revision: 0,
    unsettled: [],
    replacedJobs: [],
    queue: [],
    refreshes: [],
    withdrawn: [],
    details: [],
    ...start,
  };
}

/** What the query tells: without what only the chain itself needs. */
export function stateOf(chain: CarriedChain): ChainState {
  const { withdrawn: _withdrawn, details: _details, told: _told, ...state } = chain;
  return state;
}

export function memoOf(chain: CarriedChain): ChainMemo {
  const { connection, name, current, latest, paused } = chain;
  const [last] = chain.refreshes;
  return {
    connection,
    name,
    generation: current?.generation,
    revision: latest?.revision,
    jobId: current?.jobId,
    last: last && { end: last.end, endedAtMs: last.endedAtMs },
    paused: paused && true,
  };
}

/** For the Temporal UI. */
export function wordsOf(chain: CarriedChain): string {
  const { connection, name, current, latest, paused, running, queue } = chain;
  const [last] = chain.refreshes;
  const generation =
    current && `generation ${current.generation}, job ${current.jobId ?? 'unknown'}`;
  return [
    `Chain ${name} on ${connection}: ${generation ?? 'no job yet'}`,
    latest && `Latest revision: ${latest.revision}`,
    running && `Under way: ${running.requestId}`,
    queue.length > 0 && `Waiting: ${queue.length}`,
    last && `Last refresh: ${last.end}${last.error ? `, ${last.error.message}` : ''}`,
    paused && `Paused${paused.note === undefined ? '' : `: ${paused.note}`}`,
  ]
    .filter((line) => typeof line === 'string')
    .join('\n\n');
}

/** Nothing that anybody could miss: such a chain need not stay. */
export function isBlank(chain: CarriedChain): boolean {
  const { current, revision, paused, running, queue, refreshes, withdrawn } = chain;
  const lists = [queue, refreshes, withdrawn];
  const bare = current === undefined && paused === undefined && running === undefined;
  return bare && revision === 0 && lists.every(({ length }) => length === 0);
}
