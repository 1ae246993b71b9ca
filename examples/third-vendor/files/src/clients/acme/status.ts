/** What a state of a run means. An unknown word is its own answer: never running, never done. */
export type AcmeStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'stopped' | 'unknown';

const meanings = new Map<string, AcmeStatus>([
  ['queued', 'queued'],
  ['running', 'running'],
  ['done', 'succeeded'],
  ['failed', 'failed'],
  ['stopped', 'stopped'],
]);

export function acmeStatus(word: string): AcmeStatus {
  return meanings.get(word.trim().toLowerCase()) ?? 'unknown';
}

/** True for a state after which the service's record of a run changes no more. */
export function hasEnded(word: string): boolean {
  return ['succeeded', 'failed', 'stopped'].includes(acmeStatus(word));
}
