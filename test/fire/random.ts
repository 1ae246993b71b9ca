/** mulberry32: small, and the same on every machine, so that a seed replays a run's choices. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<Value>(weighted: readonly (readonly [number, Value])[]): Value {
    let left = this.next() * weighted.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of weighted) {
      left -= weight;
      if (left < 0) return value;
    }
    return weighted[0]![1];
  }
}

/** `SEED=n` or `--seed n` replays a run; else one is drawn, and printed. */
export function seedOf(given: string | undefined): number {
  const seed = Number(given ?? process.env.SEED ?? 1 + Math.floor(Math.random() * 1_000_000));
  if (!Number.isInteger(seed) || seed < 0)
    throw new Error(`a seed is a whole number, not ${given}`);
  return seed;
}
