import type { ArtifactStore } from '../../src/artifacts/store';
import { chainFolder, revisionFolder } from '../../src/contracts/chain';

interface Retention {
  readonly connection: string;
  readonly chain: string;
  /** How many of the newest stay; at least one does. */
  readonly keepRevisions: number;
  /** The latest good one; it stays, whatever its number. */
  readonly revision: number | undefined;
}

/** Says in words what kept it from clearing: that costs no refresh. */
export async function clearOldRevisions(
  store: ArtifactStore,
  { connection, chain, keepRevisions, revision }: Retention,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const newestFirst = await revisionsIn(store, chainFolder(connection, chain), signal);
    for (const number of newestFirst.slice(Math.max(1, keepRevisions))) {
      if (number === revision) continue;
      await store.removeFolder(revisionFolder(connection, chain, number), signal);
    }
    return [];
  } catch (error) {
    signal.throwIfAborted();
    const words = error instanceof Error ? error.message : String(error);
    return [`old revisions could not be removed: ${words}`];
  }
}

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
