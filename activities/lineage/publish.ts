import { ConfigurationError } from '../../src/config/errors';
import type { LineagePublishInput, PublishedLineage } from '../../src/contracts/lineage-publish';
import type { ActivityResources } from '../resources';

/** @throws ConfigurationError for an unknown target */
export function publishLineage(
  _resources: ActivityResources,
  input: LineagePublishInput,
  signal: AbortSignal,
): Promise<PublishedLineage> {
  signal.throwIfAborted();
  return Promise.reject(
    new ConfigurationError([`There is no OpenLineage target "${input.target}".`]),
  );
}
