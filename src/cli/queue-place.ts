import type { Client } from '@temporalio/client';
import type { ChainState } from '../contracts/chain';
import { abortableCalls } from '../starter/abortable-calls';
import { chainState } from '../starter/chains';
import type { RefreshStanding } from '../starter/refresh-standing';
import { count } from './preview';

const askEveryMs = 2_000;
const answerWithinMs = 2_000;

/** Where a refresh stands in its chain's queue; asked of the chain, which costs no history. */
export class QueuePlace {
  private askedAtMs = -Infinity;
  private words: string | undefined;

  constructor(private readonly client: Client) {}

  /** In words; undefined where it can't be told. */
  async look(
    { connection, chain, requestId }: RefreshStanding,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (Date.now() < this.askedAtMs + askEveryMs) return this.words;
    this.askedAtMs = Date.now();
    this.words = await abortableCalls(this.client, signal, () =>
      chainState(this.client, connection, chain, { withinMs: answerWithinMs }),
    ).then(
      (state) => placeWords(state, requestId),
      () => undefined,
    );
    return this.words;
  }
}

function placeWords({ queue, running }: ChainState, requestId: string): string | undefined {
  const at = queue.findIndex((request) => request.requestId === requestId);
  const ahead = at + (running === undefined ? 0 : 1);
  if (at < 0 || ahead === 0) return undefined;
  return `waiting for its turn, ${count(ahead, 'refresh', 'refreshes')} before it`;
}
