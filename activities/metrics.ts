import { Context } from '@temporalio/activity';
import type { ArtifactRef } from '../src/contracts/artifact';
import type { KillReport, LogRef, SubmittedJob } from '../src/contracts/job';
import { metricNames } from '../src/contracts/metric-names';
import type { Vendor } from '../src/contracts/names';
import type { NotifyEvent } from '../src/contracts/notify';

/**
 * What the activities count, through the meter of the application's own Temporal runtime. What is
 * told once a job is logged too.
 */
export function countSubmit(vendor: Vendor, job: SubmittedJob): void {
  const { connection, decision, remoteId } = job;
  count(metricNames.submits, 1, { vendor, connection, decision });
  const { log } = Context.current();
  log.info('the job is submitted', { vendor, connection, remoteId, decision });
}

export function countKill(vendor: Vendor, connection: string, kill: KillReport): void {
  const { outcome, remoteId, evidence } = kill;
  count(metricNames.kills, 1, { vendor, connection, outcome });
  const { log } = Context.current();
  const fields = { vendor, connection, remoteId, outcome, evidence };
  if (outcome === 'unconfirmed') log.warn('a kill could not be proven', fields);
  else log.info('the job is ended', fields);
}

export function countTwin(vendor: Vendor, connection: string, twin: KillReport): void {
  const { outcome, remoteId, evidence } = twin;
  count(metricNames.twins, 1, { vendor, connection, outcome });
  const { log } = Context.current();
  log.warn('another job of the same submission was found', {
    vendor,
    connection,
    remoteId,
    outcome,
    evidence,
  });
}

/** What a job left in the artifact store. */
export function countOutputs(
  vendor: Vendor,
  connection: string,
  { log, results }: { readonly log?: LogRef; readonly results: readonly ArtifactRef[] },
): void {
  const tags = { vendor, connection };
  if (log !== undefined) {
    count(metricNames.logLines, log.lines, tags);
    count(metricNames.storedBytes, log.sizeBytes, { ...tags, kind: 'log' });
  }
  for (const { format, rows = 0, sizeBytes } of results) {
    count(metricNames.results, 1, { ...tags, format });
    count(metricNames.resultRows, rows, { ...tags, format });
    count(metricNames.storedBytes, sizeBytes, { ...tags, kind: 'result' });
  }
}

export function countNotification(event: NotifyEvent, outcome: 'sent' | 'failed'): void {
  count(metricNames.notifications, 1, { event, outcome });
}

function count(name: string, more: number, tags: Readonly<Record<string, string>>): void {
  if (more > 0) Context.current().metricMeter.createCounter(name).add(more, tags);
}
