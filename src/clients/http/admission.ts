/**
 * What a call is for: `urgent` ends work that costs as long as it runs, or is what all others wait
 * for; somebody waits for a `foreground` call; `background` is a sweep, which can wait; nothing but
 * what is shown of a running job depends on a `live` call.
 */
export type CallPriority = 'urgent' | 'foreground' | 'background' | 'live';

/**
 * Who decides when a call may leave. A transport that has one asks before each call, and tells what
 * became of it, however it ended.
 */
export interface Admission {
  /** Resolves when the call may be sent; rejects with the signal's reason, and frees its place then. */
  admit(priority: CallPriority, signal: AbortSignal): Promise<void>;
  /** The headers of an answer are there, whatever their status. */
  answered(priority: CallPriority, status: number, retryAfterMs?: number): void;
  /** An admitted call ended without an answer: it broke, took too long, or was given up. */
  failed(priority: CallPriority): void;
}
