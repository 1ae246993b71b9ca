import type { ArtifactStore } from '../../src/artifacts/store';
import { chainFolder, revisionFolder, type LatestRevision } from '../../src/contracts/chain';
import { LineageError } from '../../src/lineage/errors';
import { latestRevision } from '../../src/lineage/revisions';

interface Place {
  readonly connection: string;
  readonly chain: string;
}

interface Retention extends Place {
  /** How many of the newest stay; at least one does. */
  readonly keepRevisions: number;
  /** The latest good one; it stays, whatever its number, and so does the one that the pointer names. */
  readonly revision: number | undefined;
}

/** Says in words what kept it from clearing: that costs no refresh. */
export async function clearOldRevisions(
  store: ArtifactStore,
  { keepRevisions, revision, ...place }: Retention,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { connection, chain } = place;
  try {
    const kept = [revision, await pointedRevision(store, place, signal)];
    const newestFirst = await revisionsIn(store, place, signal);
    for (const number of newestFirst.slice(Math.max(1, keepRevisions))) {
      if (kept.includes(number)) continue;
      await store.removeFolder(revisionFolder(connection, chain, number), signal);
    }
    return [];
  } catch (error) {
    signal.throwIfAborted();
    const words = error instanceof Error ? error.message : String(error);
    return [`old revisions could not be removed: ${words}`];
  }
}

/** The highest number that the chain's folder knows; 0 where it knows none. */
export async function newestRevision(
  store: ArtifactStore,
  place: Place,
  signal: AbortSignal,
): Promise<number> {
  const [newest = 0] = await revisionsIn(store, place, signal);
  return Math.max(newest, (await pointedRevision(store, place, signal)) ?? 0);
}

/** The revision that `latest.json` names; undefined where there is none, or it is damaged. */
export async function pointedRevision(
  store: ArtifactStore,
  place: Place,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const found: Partial<LatestRevision> | null = await latestRevision({ store, ...place, signal });
    const number = found?.revision;
    return Number.isSafeInteger(number) ? number : undefined;
  } catch (error) {
    if (error instanceof LineageError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The revisions that a chain's folder holds, the newest first. Nothing else in it is the chain's. */
async function revisionsIn(
  store: ArtifactStore,
  { connection, chain }: Place,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const folder = chainFolder(connection, chain);
  const found = new Set<number>();
  for (const key of await store.list(`${folder}/`, signal)) {
    const number = /^([1-9]\d{0,14})\//.exec(key.slice(folder.length + 1))?.[1];
    if (number !== undefined) found.add(Number(number));
  }
  return [...found].sort((a, b) => b - a);
}
