import type { EndedJob } from './job';

/**
 * Which ends of a task are worth another one.
 *
 * - `failed`: any failure.
 * - `canRetry`: a failure that the service itself marks as worth a retry.
 * - `timedOut`: the service ended it for its own time limits.
 * - `lost`: the service lost track of it. Its engine may still be at work.
 * - `code:PATTERN`: a failure whose error code matches; `*` stands for any characters.
 */
export type ResubmitReason = 'failed' | 'canRetry' | 'timedOut' | 'lost' | `code:${string}`;

/** Whether a failed task is submitted again, and how often. */
export interface ResubmitPolicy {
  /** Submissions altogether, the first included; 2 to 10. */
  readonly maxAttempts: number;
  /** @default ['canRetry'] */
  readonly when?: readonly ResubmitReason[];
}

export const mostSubmissions = 10;

/** What a policy decides by; a lost job has no end of its own. */
export type JobEnd = Pick<EndedJob, 'canRetry' | 'errorCode'> & {
  readonly outcome: EndedJob['outcome'] | 'lost';
};

/** Whether the policy wants another submission after this end. */
export function wantsResubmit(
  policy: ResubmitPolicy | undefined,
  ended: JobEnd,
  submissions: number,
): boolean {
  if (policy === undefined || submissions >= Math.min(policy.maxAttempts, mostSubmissions)) {
    return false;
  }
  return (policy.when ?? ['canRetry']).some((reason) => isReason(reason, ended));
}

function isReason(reason: ResubmitReason, { outcome, canRetry, errorCode }: JobEnd): boolean {
  if (reason === outcome) return true;
  if (outcome !== 'failed') return false;
  if (reason === 'canRetry') return canRetry === true;
  return reason.startsWith('code:') && matches(reason.slice('code:'.length), errorCode ?? '');
}

function matches(pattern: string, code: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(code);
}

/** Waits before another submission: what made the task fail may pass. In milliseconds. */
export function resubmitDelayMs(submissions: number): number {
  return Math.min(5000 * 2 ** (submissions - 1), 5 * 60_000);
}
