import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';

/**
 * Ends the calls to Temporal that `ask` makes when the signal aborts. One that is left under way
 * would be tried again by the SDK, on a connection that may be closed by then.
 *
 * The SDK never takes its listeners off a signal again, so each use gets a signal of its own.
 */
export async function abortableCalls<T>(
  client: Client,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  setMaxListeners(0, own.signal);
  const abort = () => own.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await client.withAbortSignal(own.signal, ask);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
