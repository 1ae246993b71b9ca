import type { MetricMeter } from '@temporalio/common';
import type { ConnectionRegistry } from '../src/config/connections';
import { vendors } from '../src/contracts/names';
import { metricNames } from '../src/contracts/metric-names';

/**
 * Counts what the connections are asked, and shows what is left of their quotas.
 *
 * @param meter of the process, since most looks belong to no single activity
 */
export function meterBudgets(connections: ConnectionRegistry, meter: MetricMeter): void {
  const requests = meter.createCounter(metricNames.requests);
  const quotaLeft = meter.createGauge(metricNames.quotaLeft);
  const quietUntil = meter.createGauge(metricNames.quietUntil);
  for (const vendor of vendors) {
    for (const connection of connections.names(vendor)) {
      const budget = connections.budget(connection);
      const tags = { vendor, connection };
      budget.listen(({ background, outcome }) => {
        requests.add(1, { ...tags, class: background ? 'background' : 'foreground', outcome });
        quietUntil.set(Math.ceil(budget.quietUntilMs / 1000), tags);
        // The meter takes nothing below 0.
        const { quotaLeft: left } = budget;
        if (left !== undefined) quotaLeft.set(Math.max(0, Math.floor(left)), tags);
      });
    }
  }
}
