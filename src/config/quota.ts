import type { QuotaSettings } from './connection-options';
import type { ConnectionSettings } from './schema';

/** SQLFlow's free plan; its answer beyond that is HTTP 429 (docs.gudusoft.com). */
const freePlan: QuotaSettings = { calls: 10_000, per: 'month' };

/** The calls that a connection's service allows; for SQLFlow's cloud the free plan's where none are set. */
export function quotaOf({ type, url, quota }: ConnectionSettings): QuotaSettings | undefined {
  if (quota !== undefined) return quota;
  return type === 'sqlflow' && isCloud(url) ? freePlan : undefined;
}

function isCloud(url: string): boolean {
  return /(^|\.)gudusoft\.com$/i.test(new URL(url).hostname);
}
