import type { JobProgress } from '../../contracts/job';
import { formatDuration } from '../durations';

/** Before that an estimate says nothing but noise. */
const leastShare = 0.05;
const leastMs = 5_000;

export interface KnownTimes {
  readonly startedAtMs: number;
  readonly nowMs: number;
  /** How long earlier runs of the same took, in milliseconds. */
  readonly usualMs?: number;
}

/**
 * "about 2:10 left", by how far it is; "usually about 3:07", by earlier runs; undefined where
 * neither is known.
 */
export function timeLeftWords(
  progress: Pick<JobProgress, 'progress' | 'observedAtMs'> | undefined,
  { startedAtMs, nowMs, usualMs }: KnownTimes,
): string | undefined {
  const share = progress?.progress ?? 0;
  // By when it was seen so far: between two looks the share stands still.
  const observedAtMs = progress?.observedAtMs ?? nowMs;
  const elapsedMs = observedAtMs - startedAtMs;
  if (share >= leastShare && share < 1 && elapsedMs >= leastMs) {
    const leftMs = (elapsedMs / share) * (1 - share) - (nowMs - observedAtMs);
    if (leftMs > 0) return `about ${formatDuration(leftMs)} left`;
  }
  return usualMs === undefined ? undefined : `usually about ${formatDuration(usualMs)}`;
}
