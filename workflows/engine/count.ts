import { metricMeter } from '@temporalio/workflow';
import { metricNames } from '../../src/contracts/metric-names';
import type { Vendor } from '../../src/contracts/names';

export type CountedEnd = 'succeeded' | 'failed' | 'cancelled';

/** Counted once an end, not at a replay; it leaves nothing in the history. */
export function countEnd(vendor: Vendor, end: CountedEnd): void {
  metricMeter.createCounter(metricNames.ends).add(1, { vendor, end });
}

export function countRefresh(end: 'refreshed' | 'unchanged' | 'failed' | 'cancelled'): void {
  metricMeter.createCounter(metricNames.refreshes).add(1, { end });
}

/** @param kind of the step: `linkis`, `sqlflow`, `chain`, `approval` */
export function countPipelineStep(kind: string, end: string): void {
  metricMeter.createCounter(metricNames.pipelineSteps).add(1, { kind, end });
}
