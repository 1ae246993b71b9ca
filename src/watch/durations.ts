/** Kinds of jobs that are remembered; beyond them the one that was used least lately is forgotten. */
const mostKinds = 1000;
const lastOfKind = 20;

interface Kind {
  readonly lastMs: number[];
  medianMs: number;
}

/** How long the last jobs of each kind took: their median is the estimate for the next one. */
export class Durations {
  private readonly kinds = new Map<string, Kind>();

  add(name: string, tookMs: number): void {
    const kind = this.kinds.get(name) ?? { lastMs: [], medianMs: 0 };
    kind.lastMs.push(tookMs);
    if (kind.lastMs.length > lastOfKind) kind.lastMs.shift();
    const sorted = [...kind.lastMs].sort((a, b) => a - b);
    kind.medianMs = sorted[sorted.length >> 1] ?? tookMs;
    this.use(name, kind);
    const [oldest] = this.kinds.keys();
    if (this.kinds.size > mostKinds && oldest !== undefined) this.kinds.delete(oldest);
  }

  /** In milliseconds; undefined for a kind of which no job has ended here. */
  medianMs(name: string): number | undefined {
    const kind = this.kinds.get(name);
    if (kind !== undefined) this.use(name, kind);
    return kind?.medianMs;
  }

  /** A map keeps its keys in the order in which they were set. */
  private use(name: string, kind: Kind): void {
    this.kinds.delete(name);
    this.kinds.set(name, kind);
  }
}
