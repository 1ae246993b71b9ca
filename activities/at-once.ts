/** A call that takes longer goes on, but gives its place up: eight that hang must not hold all others. */
const placeForMs = 5000;
/** As many may go on without a place at most: each holds a connection, of which there are 32. */
const mostWithoutPlace = 16;
/** More are not kept in mind; the one that hung longest ago is forgotten first. */
const mostKnownToHang = 1000;

/**
 * Lets so many run at a time; the others wait their turn in the order in which they came. Whoever
 * hung the last time comes after all who didn't.
 */
export class AtOnce {
  private running = 0;
  private withoutPlace = 0;
  private readonly hung = new Set<string>();
  private readonly waiting = { first: new Set<() => void>(), last: new Set<() => void>() };

  constructor(private readonly most: number) {}

  /**
   * Rejects with the signal's reason where that comes before the turn.
   *
   * @param who the same for all runs of one job
   */
  async run<Answer>(
    who: string,
    work: () => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    if (this.running >= this.most) await this.turn(who, signal);
    else this.running += 1;
    const place = this.takePlace(who);
    try {
      return await work();
    } finally {
      place.leave();
    }
  }

  private takePlace(who: string) {
    let hangs = false;
    let hasPlace = true;
    const timer = setTimeout(() => {
      hangs = true;
      this.remember(who);
      if (this.withoutPlace >= mostWithoutPlace) return;
      hasPlace = false;
      this.withoutPlace += 1;
      this.handOn();
    }, placeForMs);
    const leave = () => {
      clearTimeout(timer);
      if (!hangs) this.hung.delete(who);
      if (hasPlace) this.handOn();
      else this.withoutPlace -= 1;
    };
    return { leave };
  }

  private remember(who: string): void {
    this.hung.delete(who);
    this.hung.add(who);
    const [oldest] = this.hung;
    if (this.hung.size > mostKnownToHang && oldest !== undefined) this.hung.delete(oldest);
  }

  private turn(who: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const queue = this.hung.has(who) ? this.waiting.last : this.waiting.first;
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        queue.delete(go);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      queue.add(go);
    });
  }

  /** The place goes to the next one, without being free in between. */
  private handOn(): void {
    const { first, last } = this.waiting;
    const queue = first.size > 0 ? first : last;
    const [next] = queue;
    if (next === undefined) {
      this.running -= 1;
      return;
    }
    queue.delete(next);
    next();
  }
}
