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
