import type { KillOutcome, KillReport } from '../src/contracts/job';

/** What a caller must know first, first: one job that may still run outweighs ten that were killed. */
const gravest: readonly KillOutcome[] = [
  'unconfirmed',
  'abandoned',
  'confirmed',
  'removed',
  'alreadyFinished',
  'nothingToKill',
];

/**
 * One report of the kills of all jobs that bear one submission's key: a request that took effect
 * late leaves more than one of them.
 */
export function oneReport(reports: readonly KillReport[]): KillReport | undefined {
  const [first, ...others] = [...reports].sort(
    (a, b) => gravest.indexOf(a.outcome) - gravest.indexOf(b.outcome),
  );
  if (first === undefined || others.length === 0) return first;
  const more = others.map(({ remoteId, outcome }) => `${remoteId ?? '?'} ${outcome}`).join(', ');
  const evidence = `${first.evidence}; the same submission had made more: ${more}`.slice(0, 500);
  return { ...first, evidence };
}
