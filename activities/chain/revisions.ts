import type { ArtifactStore } from '../../src/artifacts/store';

/** The revisions that a chain's folder holds, and the keys of each. Nothing else in it is touched. */
export async function revisionsOf(
  store: ArtifactStore,
  folder: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = new Map<number, string[]>();
  for (const key of await store.list(`${folder}/`, signal)) {
    const number = /^([1-9]\d{0,14})\//.exec(key.slice(folder.length + 1))?.[1];
    if (number === undefined) continue;
    found.set(Number(number), [...(found.get(Number(number)) ?? []), key]);
  }
  return found;
}
