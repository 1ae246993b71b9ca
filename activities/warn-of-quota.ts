import type { Logger } from '@temporalio/common';
import type { ConnectionRegistry } from '../src/config/connections';
import { vendors } from '../src/contracts/names';

/** How much of `2026-05-01T…` names the period. */
const nameLength = { day: '2026-05-01'.length, month: '2026-05'.length };

/**
 * Tells the log, once a period, of a connection whose calls go beyond a quota that nobody has set:
 * the account's plan may allow more, and then its looks are slow for nothing.
 */
export function warnOfAssumedQuotas(
  connections: ConnectionRegistry,
  log: Pick<Logger, 'warn'>,
): void {
  for (const connection of vendors.flatMap((vendor) => connections.names(vendor))) {
    const quota = connections.assumedQuota(connection);
    if (quota === undefined) continue;
    let period = '';
    let calls = 0;
    connections.budget(connection).listen(() => {
      const now = new Date(Date.now()).toISOString().slice(0, nameLength[quota.per]);
      calls = now === period ? calls + 1 : 1;
      period = now;
      if (calls !== quota.calls + 1) return;
      log.warn(
        `this worker has asked ${connection} ${calls} times this ${quota.per}, and its quota is assumed to be ${quota.calls} calls a ${quota.per}, for none is set: set connections.${connection}.quota to what the account's plan allows, such as { calls: 100000, per: day }`,
        { connection },
      );
    });
  }
}
