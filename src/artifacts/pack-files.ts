import type { ManifestFile } from '../contracts/chain';
import type { StagedFile } from '../contracts/artifact';
import { InputError } from '../clients/http/errors';
import { deflatedBytes, entryBytes, mostDeflatedBytes, zipBody, zipEndBytes } from './deflate-zip';
import { compare } from './manifest';
import { isSqlName } from './sql-names';
import type { ArtifactStore } from './store';

export interface PackOptions {
  /** Begins the names of the zips: the chain's. */
  readonly name: string;
  /** What the service takes in one submit, in bytes: the connection's `maxUploadBytes`. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** The form around the uploads has to find its place below the service's limit as well. */
const shareOfUploads = 0.99;

/** A file and the most that it adds to an upload. */
interface Sized {
  readonly file: ManifestFile;
  readonly bytes: number;
}

/**
 * Packs files into as few submits as the service's limit allows: each a list of uploads.
 *
 * Files of SQL go into a zip under their path, so that equal names in different folders don't
 * collide; a zip that was given, and a file that no service would look for in a zip, go beside it as
 * they are. The same files make the same bytes, and the zip is named by them
 * (`<name>-<hash>.zip`): a service that knows uploads by their name never takes one for a newer
 * form of another.
 *
 * Repeating it stores the same again. Everything streams from the store to the store.
 *
 * @throws InputError one file alone is beyond `maxBytes`
 * @throws ArtifactError a file is missing from the store, or not what its reference tells
 */
export async function packFiles(
  store: ArtifactStore,
  files: readonly ManifestFile[],
  options: PackOptions,
): Promise<StagedFile[][]> {
  const sorted = [...files].sort((a, b) => compare(a.name, b.name));
  const parts = await split(store, sorted, options);
  const packed: StagedFile[][] = [];
  for (const part of parts) packed.push(await pack(store, part, options));
  return packed;
}

/** Text shrinks to a fraction, so sizes are measured only where the files don't fit as they are. */
async function split(
  store: ArtifactStore,
  files: readonly ManifestFile[],
  { maxBytes, signal }: PackOptions,
): Promise<ManifestFile[][]> {
  const room = Math.floor(maxBytes * shareOfUploads) - zipEndBytes;
  const atMost = files.map((file) => ({ file, bytes: mostBytes(file) }));
  if (atMost.reduce((sum, { bytes }) => sum + bytes, 0) <= room) {
    return files.length === 0 ? [] : [[...files]];
  }
  const sized: Sized[] = [];
  for (const file of files) {
    const bytes = isPacked(file)
      ? entryBytes(file.name) + (await deflatedBytes(store, file.artifact, signal))
      : file.artifact.sizeBytes;
    if (bytes > room) throw tooLarge(file, bytes, maxBytes);
    sized.push({ file, bytes });
  }
  return grouped(sized, room);
}

/** In the order of their names: what belongs together mostly lies together. */
function grouped(files: readonly Sized[], room: number): ManifestFile[][] {
  const groups: ManifestFile[][] = [];
  let usedBytes = Infinity;
  for (const { file, bytes } of files) {
    if (usedBytes + bytes > room) {
      groups.push([]);
      usedBytes = 0;
    }
    groups.at(-1)?.push(file);
    usedBytes += bytes;
  }
  return groups;
}

async function pack(
  store: ArtifactStore,
  files: readonly ManifestFile[],
  { name, signal }: PackOptions,
): Promise<StagedFile[]> {
  const packed = files.filter(isPacked);
  const beside = files.filter((file) => !isPacked(file));
  if (packed.length === 0) return beside;
  const artifact = await store.putByHash(zipBody(store, packed, signal), {
    format: 'zip',
    signal,
  });
  return [{ name: `${name}-${artifact.sha256.slice(0, 12)}.zip`, artifact }, ...beside];
}

function isPacked({ name }: ManifestFile): boolean {
  return isSqlName(name);
}

function mostBytes(file: ManifestFile): number {
  const { sizeBytes } = file.artifact;
  return isPacked(file) ? entryBytes(file.name) + mostDeflatedBytes(sizeBytes) : sizeBytes;
}

function tooLarge({ name }: ManifestFile, bytes: number, maxBytes: number): InputError {
  return new InputError(
    'files',
    `hold ${name}, which is ${bytes} bytes to upload and doesn't fit into the ${maxBytes} of one submit: split the file, or raise the connection's maxUploadBytes as far as the service's own limit goes`,
  );
}
