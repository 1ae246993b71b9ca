export interface RunBound {
  readonly looks: number;
  readonly forMs: number;
}

/** Equal answers in a row, until there are enough of them over enough time to be believed. */
export class RunOfLooks {
  private count = 0;
  private sinceMs = 0;

  constructor(private readonly bound: RunBound) {}

  /** Counts one more; true once they are believed. */
  believed(): boolean {
    if (this.count === 0) this.sinceMs = Date.now();
    this.count += 1;
    return this.count >= this.bound.looks && Date.now() - this.sinceMs >= this.bound.forMs;
  }

  /** An answer said otherwise. */
  end(): void {
    this.count = 0;
  }
}
