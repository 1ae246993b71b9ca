import { createHash } from 'node:crypto';
import { realpath, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ArtifactFormat, ArtifactRef } from '../contracts/artifact';
import type { Limits } from '../contracts/limits';
import { openInput } from './input-file';
import type { ArtifactStore, PutOptions } from './store';

/** How often a file is read that is being written to. */
const mostReads = 3;

export interface StageFileOptions {
  /** Real paths of folders; undefined allows every place. */
  readonly roots: readonly string[] | undefined;
  readonly limits: Limits;
  readonly signal: AbortSignal;
}

/** Files up to this size, in bytes, are held in memory: most are, and most are stored already. */
const smallBytes = 256 * 1024;
const pieceBytes = 256 * 1024;

/**
 * Stores one input file under its hash, read in one pass and as it was at one moment; or says in a
 * sentence why it can't be used. Repeating it stores the same again.
 */
export async function stageFile(
  store: ArtifactStore,
  value: string,
  { roots, limits, signal }: StageFileOptions,
): Promise<ArtifactRef | string> {
  for (let reads = 0; reads < mostReads; reads += 1) {
    const opened = await openInput(value, roots, limits);
    if (typeof opened === 'string') return opened;
    const before = await stamp(opened);
    const [sizeBytes = 0n] = before;
    try {
      const options = { format: formatOf(value), signal };
      const artifact = await storeBytes(store, opened, Number(sizeBytes), options);
      const after = await stamp(opened);
      const isOne = before.every((part, index) => part === after[index]);
      if (isOne && BigInt(artifact.sizeBytes) === sizeBytes) return artifact;
    } finally {
      await opened.close();
    }
  }
  return `${value} changed each time while it was read: wait until it is written, then ask again`;
}

/** Most files of a snapshot are stored already: what fits into memory is hashed before it is stored. */
async function storeBytes(
  store: ArtifactStore,
  opened: FileHandle,
  sizeBytes: number,
  options: PutOptions,
): Promise<ArtifactRef> {
  const body = bytesOf(opened, sizeBytes);
  if (sizeBytes > smallBytes) return store.putByHash(body, options);
  const content = await buffer(body);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const known = await store.findByHash(sha256, options.format, options.signal);
  return known?.sizeBytes === content.length
    ? known
    : store.putByHash(Readable.from([content]), options);
}

/**
 * A file's bytes, and at most one more than it had: that shows that it grew, and one that grows
 * without an end is not read without an end. The file stays open.
 */
async function* bytesOf(opened: FileHandle, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let position = 0; position <= sizeBytes;) {
    const room = Buffer.allocUnsafe(Math.min(pieceBytes, sizeBytes + 1 - position));
    const { bytesRead } = await opened.read(room, 0, room.length, position);
    if (bytesRead === 0) return;
    yield room.subarray(0, bytesRead);
    position += bytesRead;
  }
}

/** Roots that don't exist hold no file. */
export async function realRoots(
  roots: readonly string[] | undefined,
): Promise<readonly string[] | undefined> {
  if (roots === undefined) return undefined;
  const found = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  return found.filter((root) => root !== undefined);
}

async function stamp(handle: FileHandle): Promise<readonly bigint[]> {
  const { size, mtimeNs, ctimeNs } = await handle.stat({ bigint: true });
  return [size, mtimeNs, ctimeNs];
}

function formatOf(file: string): ArtifactFormat {
  const extension = path.extname(file).toLowerCase();
  return extension === '.zip' ? 'zip' : extension === '.sql' ? 'sql' : 'file';
}
