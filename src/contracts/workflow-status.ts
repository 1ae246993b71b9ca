/** A workflow that hasn't ended. One that somebody paused in Temporal goes on when it is unpaused. */
export function isOpen(status: string): boolean {
  return status === 'RUNNING' || status === 'PAUSED';
}

const over = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);

/**
 * A workflow that is over for good. A word that is new to this package is neither this nor open: ask
 * for whichever is the safe answer.
 */
export function isOver(status: string): boolean {
  return over.has(status);
}

/** {@link isOpen} for a list; a server that knows no pause would refuse the word. */
export const openQuery =
  "ExecutionStatus NOT IN ('Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut', 'ContinuedAsNew')";
