import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { type S3ArtifactStore } from '../../src/artifacts/s3-store';
import type { ArtifactStore } from '../../src/artifacts/store';
import { testBucket } from '../s3/bucket';

const folders: string[] = [];
const stores: S3ArtifactStore[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A new empty folder, removed after the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'remote-jobs-test-'));
  folders.push(folder);
  return folder;
}

export async function makeStore(): Promise<FolderArtifactStore> {
  return new FolderArtifactStore({ root: await makeFolder() });
}

/** A store of its own; in `npm run test:s3` one in a bucket. */
export async function makeAnyStore(): Promise<FolderArtifactStore | S3ArtifactStore> {
  const bucket = testBucket();
  if (bucket === undefined) return makeStore();
  const store = bucket.store();
  stores.push(store);
  return store;
}

/** Another one in the same place, as another process has it. */
export async function sameStore(
  store: FolderArtifactStore | S3ArtifactStore,
): Promise<ArtifactStore> {
  if (store instanceof FolderArtifactStore) return new FolderArtifactStore({ root: store.root });
  return store;
}

/** What writes that didn't come to their end have left. */
export async function leftovers(store: FolderArtifactStore | S3ArtifactStore): Promise<string[]> {
  if (store instanceof FolderArtifactStore) return readdir(path.join(store.root, '.unfinished'));
  return testBucket()?.uploads(store) ?? [];
}

/** A signal that is never aborted. */
export const noAbort: AbortSignal = new AbortController().signal;

export async function* bodyOf(...pieces: (string | Uint8Array)[]) {
  yield* pieces;
}

export async function readText(store: ArtifactStore, key: string): Promise<string> {
  return text(await store.open(`artifact:${key}`, noAbort));
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** A zip of names and texts. A name may be one that no zip tool writes: `../x.sql`. */
export async function zipOf(
  entries: Readonly<Record<string, string | Buffer>>,
  mode?: number,
): Promise<Buffer> {
  const zip = new ZipFile();
  const written: string[] = [];
  for (const [index, [name, content]] of Object.entries(entries).entries()) {
    // Of the same length, and put back in both headers afterwards.
    const plain = `${String(index).padStart(3, '0')}${'x'.repeat(name.length)}`.slice(
      0,
      name.length,
    );
    written.push(plain);
    zip.addBuffer(Buffer.from(content), plain, { compress: true, mode });
  }
  zip.end();
  let bytes = (await buffer(zip.outputStream)).toString('latin1');
  for (const [index, name] of Object.keys(entries).entries()) {
    bytes = bytes.replaceAll(written[index] ?? '', name);
  }
  return Buffer.from(bytes, 'latin1');
}
