import { quotaOf } from '../config/quota';
import type { ConnectionSettings } from '../config/schema';

export function figure(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** "10,000 calls a month (the free plan's, for none is set)"; undefined where there is no quota. */
export function quotaWords(settings: ConnectionSettings): string | undefined {
  const quota = quotaOf(settings);
  if (quota === undefined) return undefined;
  const { calls, per, share = 1 } = quota;
  const part = share === 1 ? '' : `, of which a worker takes ${figure(share * 100)} %`;
  const assumed = settings.quota === undefined ? " (the free plan's, for none is set)" : '';
  return `${figure(calls)} calls a ${per}${part}${assumed}`;
}
