import type { LineagePublishInput, PublishedLineage } from '../../src/contracts/lineage-publish';
import { publishLineage } from '../../src/lineage/openlineage/publish';
import { readLineage } from '../../src/lineage/read-lineage';
import type { ActivityResources } from '../resources';

/** @throws ConfigurationError for an unknown target; LineageError; what {@link publishLineage} throws */
export async function publishToTarget(
  { artifacts: store, openlineage }: ActivityResources,
  { target: name, lineage: artifact, ...input }: LineagePublishInput,
  signal: AbortSignal,
): Promise<PublishedLineage> {
  const target = await openlineage.get(name);
  const lineage = await readLineage(await store.open(artifact.uri, signal), { signal });
  const { sha256 } = artifact;
  return publishLineage(lineage, { ...input, sha256 }, { store, target, signal });
}
