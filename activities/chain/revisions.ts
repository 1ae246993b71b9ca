import type { ArtifactStore } from '../../src/artifacts/store';
import {
  chainFolder,
  revisionArtifacts,
  revisionFolder,
  type LatestRevision,
} from '../../src/contracts/chain';
import { LineageError } from '../../src/lineage/errors';
import { latestRevision, revisionResult } from '../../src/lineage/revisions';

interface Place {
  readonly connection: string;
  readonly chain: string;
}

interface Retention extends Place {
  /**
   * How many of the newest stay, at least one: so many good ones, and so many of those behind the
   * oldest of them that failed after their export. Apart, since a month of closed gates must not
   * cost the good ones.
   */
  readonly keepRevisions: number;
  /**
   * The latest good one. It stays, whatever its number, and so does the one that the pointer names,
   * each with the one that it was compared with.
   */
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
    const kept = new Set<number>();
    for (const number of [revision, await pointedRevision(store, place, signal)]) {
      if (number === undefined) continue;
      kept.add(number);
      const before = await comparedWith(store, place, number, signal);
      if (before !== undefined) kept.add(before);
    }
    const newestFirst = await revisionsIn(store, place, signal);
    const most = Math.max(1, keepRevisions);
    const good = newestFirst.filter(({ isGood }) => isGood).slice(0, most);
    const oldest = good[most - 1]?.number ?? 0;
    const failed = newestFirst.filter(({ number, isGood }) => !isGood && number > oldest);
    for (const { number } of [...good, ...failed.slice(0, most)]) kept.add(number);
    for (const { number } of newestFirst) {
      if (kept.has(number)) continue;
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
  const [newest] = await revisionsIn(store, place, signal);
  return Math.max(newest?.number ?? 0, (await pointedRevision(store, place, signal)) ?? 0);
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

/** What a good revision's result says that it was compared with. */
async function comparedWith(
  store: ArtifactStore,
  place: Place,
  revision: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    return (await revisionResult({ store, ...place, signal }, revision))?.comparedWith;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

interface FoundRevision {
  readonly number: number;
  /** True where it has a `result.json`: it became the latest, or was about to. */
  readonly isGood: boolean;
}

/** The revisions that a chain's folder holds, the newest first. Nothing else in it is the chain's. */
async function revisionsIn(
  store: ArtifactStore,
  { connection, chain }: Place,
  signal: AbortSignal,
): Promise<readonly FoundRevision[]> {
  const folder = chainFolder(connection, chain);
  const found = new Map<number, boolean>();
  for (const key of await store.list(`${folder}/`, signal)) {
    const [, digits, name] = /^([1-9]\d{0,14})\/(.*)$/s.exec(key.slice(folder.length + 1)) ?? [];
    if (digits === undefined) continue;
    const number = Number(digits);
    found.set(number, found.get(number) === true || name === revisionArtifacts.result);
  }
  return [...found]
    .map(([number, isGood]) => ({ number, isGood }))
    .sort((one, other) => other.number - one.number);
}
