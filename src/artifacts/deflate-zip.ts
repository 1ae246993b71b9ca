import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createDeflateRaw } from 'node:zlib';
import { ZipFile } from 'yazl';
import type { ArtifactRef } from '../contracts/artifact';
import type { ManifestFile } from '../contracts/chain';
import { ArtifactError } from './errors';
import type { ArtifactStore } from './store';

const compressionLevel = 6;

/** A fixed time and mode, and no time zone: the same files make the same bytes. */
const entry = {
  mtime: new Date(2000, 0, 1),
  mode: 0o100644,
  forceDosTimestamp: true,
  compressionLevel,
};

/** What an entry takes beside its data, in both of the zip's lists, with the fields of large ones. */
export function entryBytes(name: string): number {
  return 128 + 2 * Buffer.byteLength(name);
}

/** The end of a zip, in the form for large ones. */
export const zipEndBytes = 98;

/** The most that data can become by deflating it: it is then kept in blocks as it is. */
export function mostDeflatedBytes(sizeBytes: number): number {
  return sizeBytes + Math.ceil(sizeBytes / 1000) + 64;
}

/** What an artifact becomes in a zip. */
export async function deflatedBytes(
  store: ArtifactStore,
  artifact: ArtifactRef,
  signal: AbortSignal,
): Promise<number> {
  let deflated = 0;
  const deflate = createDeflateRaw({ level: compressionLevel });
  await pipeline(checked(store, artifact, signal), deflate, async (source) => {
    for await (const chunk of source) deflated += (chunk as Buffer).length;
  });
  return deflated;
}

/** A zip of stored files under their paths, made while it is read: one file is open at a time. */
export async function* zipBody(
  store: ArtifactStore,
  files: readonly ManifestFile[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const fail = (error: Error) => output.destroy(error);
  zip.on('error', fail);
  let open: Readable | undefined;
  for (const { name, artifact } of files) {
    zip.addReadStreamLazy(name, { ...entry, size: artifact.sizeBytes }, (give) => {
      open = Readable.from(checked(store, artifact, signal), { objectMode: false });
      open.on('error', fail);
      give(null, open);
    });
  }
  zip.end();
  try {
    yield* output as AsyncIterable<Uint8Array>;
  } finally {
    open?.destroy();
  }
}

/** The bytes of an artifact; throws where they aren't those that were stored. */
async function* checked(
  store: ArtifactStore,
  { uri, sha256 }: ArtifactRef,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of (await store.open(uri, signal)) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== sha256) {
    throw new ArtifactError(
      'Artifacts.Damaged',
      `${uri} is not what was stored, its hash differs: remove it from the artifact store, and stage the file again`,
    );
  }
}
