import { defaultMaxListeners, getMaxListeners, setMaxListeners } from 'node:events';

/**
 * Waits for work, or for the signal, whose reason it rethrows. The work itself goes on, and its
 * failure after an abort is nobody's business.
 */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  signal.throwIfAborted();
  // Many calls under one signal are no leak; Node would warn at the eleventh.
  if (getMaxListeners(signal) === defaultMaxListeners) setMaxListeners(10_000, signal);
  let leave: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason as Error);
  });
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
