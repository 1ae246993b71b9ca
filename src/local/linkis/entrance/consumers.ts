/** All tasks of one creator, user and engine. */
interface Consumer {
  nextIndex: number;
  unfinished: number;
  usedAtMs: number;
  /** ExecIDs of the finished tasks that are still remembered, oldest first. */
  readonly ring: string[];
}

/** Numbers tasks per group, and decides which finished ones the entrance still remembers. */
export class Consumers {
  readonly #consumers = new Map<string, Consumer>();
  readonly #ringSize: number;
  readonly #idleMs: number;
  readonly #forget: (execID: string) => void;

  constructor(ringSize: number, idleMs: number, forget: (execID: string) => void) {
    this.#ringSize = ringSize;
    this.#idleMs = idleMs;
    this.#forget = forget;
  }

  /** The next index of a group; after a long idle time it is 0 again, and execIDs are reused. */
  takeIndex(group: string): number {
    const consumer = this.#of(group);
    consumer.usedAtMs = Date.now();
    consumer.unfinished += 1;
    consumer.nextIndex += 1;
    return consumer.nextIndex - 1;
  }

  finish(group: string, execID: string): void {
    const consumer = this.#of(group);
    consumer.unfinished -= 1;
    consumer.usedAtMs = Date.now();
    consumer.ring.push(execID);
    if (consumer.ring.length > this.#ringSize) this.#forget(consumer.ring.shift() ?? '');
  }

  #of(group: string): Consumer {
    const known = this.#consumers.get(group);
    const isIdle = known?.unfinished === 0 && Date.now() - known.usedAtMs > this.#idleMs;
    if (known !== undefined && !isIdle) return known;
    known?.ring.forEach(this.#forget);
    const fresh = { nextIndex: 0, unfinished: 0, usedAtMs: 0, ring: [] };
    this.#consumers.set(group, fresh);
    return fresh;
  }
}
