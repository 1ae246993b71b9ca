import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { ArtifactNotFoundError } from '../artifacts/errors';
import { artifactUri, type ArtifactStore } from '../artifacts/store';
import {
  chainFolder,
  latestPointer,
  revisionArtifacts,
  revisionFolder,
  type LatestRevision,
  type RefreshResult,
} from '../contracts/chain';
import { LineageError } from './errors';

/** A chain in an artifact store. */
export interface ChainPlace {
  readonly store: ArtifactStore;
  readonly connection: string;
  readonly chain: string;
  readonly signal: AbortSignal;
}

/**
 * What the chain's `latest.json` says.
 *
 * @throws LineageError `Lineage.NoSuchRevision` where the chain has no good revision in this store
 */
export async function latestRevision(place: ChainPlace): Promise<LatestRevision> {
  const key = `${chainFolder(place.connection, place.chain)}/${latestPointer}`;
  const found = await smallJson<LatestRevision>(place, key);
  if (found !== undefined) return found;
  throw new LineageError(
    'Lineage.NoSuchRevision',
    `The chain ${place.chain} on the connection ${place.connection} has no revision in this artifact store: refresh it first, or look at the artifacts setting.`,
  );
}

/** The `result.json` of a good revision; undefined for one that failed, was removed or never was. */
export function revisionResult(
  place: ChainPlace,
  revision: number,
): Promise<RefreshResult | undefined> {
  const folder = revisionFolder(place.connection, place.chain, revision);
  return smallJson<RefreshResult>(place, `${folder}/${revisionArtifacts.result}`);
}

/**
 * A revision's `lineage.json`, of a good one or of one that a gate stopped.
 *
 * @throws LineageError `Lineage.NoSuchRevision`, naming those that are there
 */
export async function openRevision(place: ChainPlace, revision: number): Promise<Readable> {
  const folder = revisionFolder(place.connection, place.chain, revision);
  const uri = artifactUri(`${folder}/${revisionArtifacts.json}`);
  try {
    return await place.store.open(uri, place.signal);
  } catch (error) {
    if (!(error instanceof ArtifactNotFoundError)) throw error;
    const there = await listRevisions(place);
    const known = there.length === 0 ? 'none is' : `these are: ${there.slice(-20).join(', ')}`;
    throw new LineageError(
      'Lineage.NoSuchRevision',
      `The chain ${place.chain} on the connection ${place.connection} has no lineage of revision ${revision} in this artifact store; ${known}.`,
    );
  }
}

/** The revisions whose lineage is there, the oldest first; those that a gate stopped among them. */
async function listRevisions(place: ChainPlace): Promise<readonly number[]> {
  const folder = `${chainFolder(place.connection, place.chain)}/`;
  const keys = await place.store.list(folder, place.signal);
  const end = `/${revisionArtifacts.json}`;
  return keys
    .filter((key) => key.endsWith(end))
    .map((key) => Number(key.slice(folder.length, -end.length)))
    .filter(Number.isSafeInteger)
    .sort((one, other) => one - other);
}

async function smallJson<T>({ store, signal }: ChainPlace, key: string): Promise<T | undefined> {
  try {
    return JSON.parse(await text(await store.open(artifactUri(key), signal))) as T;
  } catch (error) {
    if (error instanceof ArtifactNotFoundError) return undefined;
    throw error;
  }
}
