/** What one check of `doctor` found. */
export interface Finding {
  /** `Temporal`, `connection lineage`, … */
  readonly check: string;
  /**
   * - `warning`: jobs run, but something is missing.
   * - `wrong`: a setting must be changed. - `unreachable`: something isn't there, or not now.
   */
  readonly status: 'ok' | 'warning' | 'wrong' | 'unreachable';
  /** What was found, without a full stop. */
  readonly found: string;
  /** How to mend it; with everything that isn't `ok`. */
  readonly cure?: string;
  /** True where `doctor --fix` mends it, without harm to anything. */
  readonly fixable?: true;
  /** What `--fix` did. */
  readonly fixed?: string;
}

/** A finding, and how it is mended from here. */
export interface Examined extends Finding {
  readonly fix?: Fix;
}

export interface Fix {
  /** What would be done, without a full stop: `register the search attribute X`. */
  readonly what: string;
  /** Answers what was done. */
  readonly run: () => Promise<string>;
}

/** A check takes no longer than this, in milliseconds. */
export const checkTimeoutMs = 15_000;

export function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
