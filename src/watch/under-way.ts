import type { Look, Patience } from './look';

/** Looks at some jobs each that are under way at a time; those at all jobs go one by one. */
const sideBySide = 4;
/** A look that takes longer holds up no other, */
const slowMs = 2000;
/** as long as there are few such. */
const mostLooks = 16;

/** The looks that are under way, and when there is room for another. */
export class UnderWay<Snapshot> {
  private readonly looks = new Set<Look<Snapshot>>();
  /** What a service can't take side by side it is given one by one, and twice as many after each answer. */
  private most = sideBySide;

  constructor(private readonly patience: Patience) {}

  add(look: Look<Snapshot>): void {
    this.looks.add(look);
  }

  delete(look: Look<Snapshot>): void {
    this.looks.delete(look);
  }

  failed(): void {
    this.most = 1;
  }

  answered(): void {
    this.most = Math.min(sideBySide, 2 * this.most);
  }

  /** Nobody waits for anything any more. */
  abandon(): void {
    for (const look of this.looks) look.abandon();
  }

  /** Infinity while a probe is under way: its end tells. */
  get probeRoomMs(): number {
    for (const look of this.looks) if (look.terms.isProbe === true) return Infinity;
    return -Infinity;
  }

  /** When there will be room, if no look ends before; Infinity where one must. */
  roomMs(nowMs: number, takesAll: boolean): number {
    if (this.looks.size >= mostLooks) return Infinity;
    // A long list may take its time.
    const slowAfterMs = takesAll ? Math.max(slowMs, this.patience.timeoutMs / 2) : slowMs;
    let quick = 0;
    let firstMs = Infinity;
    for (const { beganMs } of this.looks) {
      if (beganMs + slowAfterMs <= nowMs) continue;
      quick += 1;
      firstMs = Math.min(firstMs, beganMs);
    }
    return quick < (takesAll ? 1 : this.most) ? nowMs : firstMs + slowAfterMs;
  }
}
