import { setTimeout as sleep } from 'node:timers/promises';

/** Waits so long, or until the time is over by somebody's word. @throws the signal's reason */
export type Pass = (timeMs: number, signal: AbortSignal) => Promise<void>;

/** Time that jobs and calls were asked to take: it passes by itself, or at once where `end` says so. */
export class Delays {
  readonly #lasting = new Set<AbortController>();

  /** Whatever `take` waits for with its `pass` is over once `end` is called, also what comes later. */
  async during<T>(take: (pass: Pass) => Promise<T>): Promise<T> {
    const over = new AbortController();
    this.#lasting.add(over);
    try {
      return await take(async (timeMs, signal) => {
        const either = AbortSignal.any([over.signal, signal]);
        await sleep(timeMs, undefined, { signal: either }).catch(() => signal.throwIfAborted());
      });
    } finally {
      this.#lasting.delete(over);
    }
  }

  /** How many last now. */
  get count(): number {
    return this.#lasting.size;
  }

  /** For all that last now. */
  end(): void {
    for (const over of this.#lasting) over.abort();
  }
}
