/** What a Linkis status word means. An unknown word is its own answer: never running, never done. */
export type LinkisStatus =
  'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'timedOut' | 'unknown';

/**
 * The service's states are capitalised (`Inited`, `Succeed`), the public page writes `FAILED`: both
 * are found. `Failed` is terminal in jobhistory; in an entrance's memory it can go on to
 * `WaitForRetry`, so only jobhistory tells the end of a task.
 */
const meanings = new Map<string, LinkisStatus>([
  ['inited', 'queued'],
  ['waitforretry', 'queued'],
  ['scheduled', 'queued'],
  ['running', 'running'],
  ['succeed', 'succeeded'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled'],
  ['timeout', 'timedOut'],
]);

/**
 * What a status word means.
 *
 * @param word the service's own, in any case
 */
export function linkisStatus(word: string): LinkisStatus {
  return meanings.get(word.trim().toLowerCase()) ?? 'unknown';
}

const terminal: ReadonlySet<LinkisStatus> = new Set([
  'succeeded',
  'failed',
  'cancelled',
  'timedOut',
]);

/** True for a status word after which the service's record of a task changes no more. */
export function isTerminalLinkisStatus(word: string): boolean {
  return terminal.has(linkisStatus(word));
}
