import type { ArtifactStore } from '../../src/artifacts/store';

/** The revisions that a chain's folder holds, the newest first. Nothing else in it is the chain's. */
export async function revisionsIn(
  store: ArtifactStore,
  folder: string,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const found = new Set<number>();
  for (const key of await store.list(`${folder}/`, signal)) {
    const number = /^([1-9]\d{0,14})\//.exec(key.slice(folder.length + 1))?.[1];
    if (number !== undefined) found.add(Number(number));
  }
  return [...found].sort((a, b) => b - a);
}
