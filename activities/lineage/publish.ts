import type { LineagePublishInput, PublishedLineage } from '../../src/contracts/lineage-publish';
import { publishLineage } from '../../src/lineage/openlineage/publish';
import type { ActivityResources } from '../resources';

/** @throws ConfigurationError for an unknown target, and what {@link publishLineage} throws */
export async function publishToTarget(
  { artifacts: store, openlineage, installation }: ActivityResources,
  { target: name, ...input }: LineagePublishInput,
  signal: AbortSignal,
): Promise<PublishedLineage> {
  const target = await openlineage.get(name);
  return await publishLineage(input, { store, target, installation, signal });
}
