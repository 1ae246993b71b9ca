/** One way of doing a thing, and what it took; figures by name, with the unit last. */
export interface Side {
  readonly name: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** The same thing done in several ways, against the same service. The first side is the baseline. */
export interface Comparison {
  readonly case: string;
  readonly sides: readonly Side[];
  /** Where it stands in a plot of how the figures grow: a plot for each `of`. */
  readonly growth?: { readonly of: string; readonly size: number };
}

/**
 * `full`: everything. `bars`: only what the bars are measured by, as large as in `full`. `quick`:
 * small, to see that the bench works; the figures are no result.
 */
export type BenchSize = 'full' | 'bars' | 'quick';

export interface Bench {
  readonly name: string;
  /** What is compared, in a sentence. */
  readonly title: string;
  run(size: BenchSize): AsyncIterable<Comparison>;
  /** Whether a bar (docs/performance.md) is measured by it. @default false */
  readonly hasBars?: true;
  /** The figures whose growth is plotted. @default none */
  readonly plotted?: PlottedFigures;
}

export interface PlottedFigures {
  /** What a comparison's size counts. */
  readonly size: string;
  /** The title of each figure's plot. */
  readonly figures: Readonly<Record<string, string>>;
}

/** The value below which this part (0 to 1) of all values lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}
