/**
 * Who decides when a call may leave. A transport that has one asks before each call, and tells what
 * became of it, however it ended.
 */
export interface Admission {
  /**
   * Resolves when the call may be sent; rejects with the signal's reason, and frees its place then.
   *
   * @param background a sweep that can wait, not a call that somebody waits for
   */
  admit(background: boolean, signal: AbortSignal): Promise<void>;
  /** The headers of an answer are there, whatever their status. */
  answered(background: boolean, status: number, retryAfterMs?: number): void;
  /** An admitted call ended without an answer: it broke, took too long, or was given up. */
  failed(background: boolean): void;
}
