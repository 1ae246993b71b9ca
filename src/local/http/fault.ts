/** One scripted fault; see docs/fault-scripts.md. Actions may ask for more fields of their own. */
export interface Fault {
  /** Name of the endpoint, or `*` for every call that comes in. */
  readonly endpoint: string;
  /** Which calls of that endpoint, counted from 1. Without `calls` and `share`: every call. */
  readonly calls?: readonly number[];
  /** Which share of the calls, above 0 and up to 1, drawn by `seed`. */
  readonly share?: number;
  /** @default 1 */
  readonly seed?: number;
  /** Whether the call takes effect first. @default 'before' */
  readonly when?: 'before' | 'after';
  /** Time to let pass first. @default 0 */
  readonly delayMs?: number;
  /** Name of the action. @default 'none': only the delay */
  readonly do?: string;
  readonly [field: string]: unknown;
}

/** What a stand-in is to do wrong; the first fault that is due for a call wins. */
export interface FaultScript {
  readonly faults: readonly Fault[];
}

/** A script can't be used; the message names the place, the value and what would do. */
export class FaultScriptError extends Error {
  override readonly name = 'FaultScriptError';
}
