import type { MetricMeter } from '@temporalio/common';
import type { CallEnd, CallObserver } from '../src/clients/http/call-observer';
import { metricNames } from '../src/contracts/metric-names';
import type { Vendor } from '../src/contracts/names';

/** A path that nobody foresaw must not make labels without end. */
const mostEndpoints = 60;

/** Measures the calls of one connection, by endpoint. */
export function meteredCalls(vendor: Vendor, connection: string, meter: MetricMeter): CallObserver {
  const seconds = meter.createHistogram(metricNames.requestSeconds, 'float');
  const endpoints = new Set<string>();

  function bounded(endpoint: string): string {
    if (endpoints.size >= mostEndpoints && !endpoints.has(endpoint)) return 'other';
    endpoints.add(endpoint);
    return endpoint;
  }

  return {
    began(call) {
      const beganMs = performance.now();
      const endpoint = bounded(call.endpoint);
      return {
        ended: (end) =>
          seconds.record((performance.now() - beganMs) / 1000, {
            vendor,
            connection,
            endpoint,
            outcome: outcomeOf(end),
          }),
      };
    },
  };
}

/** The words of {@link metricNames.requests}, and one for what the caller gave up. */
function outcomeOf(end: CallEnd): string {
  if (end.kind !== 'answered') return end.kind;
  const { status } = end;
  if (status === 429) return 'rateLimited';
  if (status >= 500) return 'unavailable';
  return status >= 400 ? 'refused' : 'answered';
}
