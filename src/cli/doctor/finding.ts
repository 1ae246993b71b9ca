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
}

/** A check takes no longer than this, in milliseconds. */
export const checkTimeoutMs = 15_000;

export function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
