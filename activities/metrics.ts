import { Context } from '@temporalio/activity';
import type { KillOutcome, SubmitDecision } from '../src/contracts/job';
import type { Vendor } from '../src/contracts/names';

/** What the activities count, through the meter of the application's own Temporal runtime. */
export const metricNames = {
  /** By vendor, connection and decision. */
  submits: 'remote_jobs_submits',
  /** By vendor, connection and outcome: the proof. */
  kills: 'remote_jobs_kills',
  /** By vendor, connection and outcome: extra jobs of one submission, and what became of them. */
  twins: 'remote_jobs_twins',
  /** By vendor, connection, class (`foreground` or `background`: looks at waiting jobs) and outcome. */
  requests: 'remote_jobs_requests',
  /** Calls that the connection's quota has left for now, by vendor and connection. */
  quotaLeft: 'remote_jobs_quota_left',
  /** Until when no look begins, in seconds since 1970, by vendor and connection: quota or Retry-After. */
  quietUntil: 'remote_jobs_quiet_until_seconds',
} as const;

export function countSubmit(vendor: Vendor, connection: string, decision: SubmitDecision): void {
  count(metricNames.submits, { vendor, connection, decision });
}

export function countKill(vendor: Vendor, connection: string, outcome: KillOutcome): void {
  count(metricNames.kills, { vendor, connection, outcome });
}

export function countTwin(vendor: Vendor, connection: string, outcome: KillOutcome): void {
  count(metricNames.twins, { vendor, connection, outcome });
}

function count(name: string, tags: Readonly<Record<string, string>>): void {
  Context.current().metricMeter.createCounter(name).add(1, tags);
}
