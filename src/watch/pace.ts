export interface PaceOptions {
  /** Shortest time between two looks at a job, in milliseconds. @default 500 */
  readonly minIntervalMs?: number;
  /** Longest time between two looks at a job, in milliseconds. @default 15_000 */
  readonly maxIntervalMs?: number;
}

export interface Pace {
  /** Jobs due within this time join a sweep. */
  readonly slackMs: number;
  /** Time until the next look at a job of this age: a tenth of it, within the bounds, with jitter. */
  intervalMs(ageMs: number): number;
  /** Time to leave a failing service alone: doubles to a bound, with jitter. */
  backoffMs(failures: number): number;
}

const ageFraction = 0.1;
const longestBackoffMs = 30_000;

/** Up to ten percent either way, so that workers don't march in step. */
function jittered(valueMs: number): number {
  return valueMs * (0.9 + 0.2 * Math.random());
}

export function pace(options: PaceOptions): Pace {
  const minMs = options.minIntervalMs ?? 500;
  const maxMs = options.maxIntervalMs ?? 15_000;
  return {
    slackMs: minMs / 2,
    intervalMs: (ageMs) => jittered(Math.min(maxMs, Math.max(minMs, ageMs * ageFraction))),
    backoffMs: (failures) =>
      jittered(Math.min(longestBackoffMs, minMs * 2 ** Math.min(failures, 16))),
  };
}
