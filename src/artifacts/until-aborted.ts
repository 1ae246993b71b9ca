import { Readable } from 'node:stream';

/**
 * Hands on what a source yields and throws `signal.reason` as soon as the signal says so, even
 * while the source hangs. Whatever the end, the source is closed, without waiting for one that
 * hangs.
 */
export async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let finished = false;
  // One rejecter a step: racing every step against one long-lived promise would leak memory.
  let reject: ((reason: unknown) => void) | undefined;
  const stop = () => reject?.(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    for (;;) {
      signal.throwIfAborted();
      const step = await new Promise<IteratorResult<T>>((resolve, rejectStep) => {
        reject = rejectStep;
        iterator.next().then(resolve, rejectStep);
      });
      if (step.done) {
        finished = true;
        return;
      }
      yield step.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    if (!finished) close(source, iterator);
  }
}

function close<T>(source: AsyncIterable<T>, iterator: AsyncIterator<T>): void {
  if (source instanceof Readable) source.destroy();
  else iterator.return?.().catch(() => undefined);
}
