import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ArtifactRef } from '../contracts/artifact';
import type { Manifest, ManifestFile, ManifestRef } from '../contracts/chain';
import { artifactUriMistake, relativePathMistake } from '../contracts/relative-path';
import { ArtifactError } from './errors';
import type { ArtifactStore } from './store';

/** A manifest is read as a whole: about a million files. */
const maxManifestBytes = 256 * 2 ** 20;
const sha256Form = /^[0-9a-f]{64}$/;

/**
 * Stores a snapshot's list of files under its own hash: the same files make the same reference, in
 * whatever order they come.
 *
 * @param partial where only what changed since a revision is in it
 * @throws ArtifactError `Artifacts.Damaged`: two files bear one name, or a name leads elsewhere
 */
export async function writeManifest(
  store: ArtifactStore,
  files: readonly ManifestFile[],
  signal: AbortSignal,
  partial?: Manifest['partial'],
): Promise<ManifestRef> {
  const manifest: Manifest = {
    version: 1,
    files: [...files].map(plainFile).sort((a, b) => compare(a.name, b.name)),
    ...(partial && { partial: { since: partial.since, removed: [...partial.removed].sort() } }),
  };
  const mistake = manifestMistake(manifest);
  if (mistake !== undefined) throw damaged('the manifest', mistake);
  const artifact = await store.putByHash(Readable.from(pieces(manifest)), {
    format: 'json',
    signal,
  });
  return {
    artifact,
    files: manifest.files.length,
    sizeBytes: sizeOf(manifest.files),
    ...(partial && { partial: true }),
  };
}

/**
 * The manifest that a reference points to, its files sorted by name.
 *
 * @throws ArtifactError `Artifacts.NotFound` · `Artifacts.Damaged`: what is stored is not what the
 *   reference tells, or no manifest
 */
export async function readManifest(
  store: ArtifactStore,
  ref: ManifestRef,
  signal: AbortSignal,
): Promise<Manifest> {
  const { uri, sizeBytes, sha256 } = ref.artifact;
  if (sizeBytes > maxManifestBytes) {
    throw damaged(uri, `has ${sizeBytes} bytes, more than the ${maxManifestBytes} of a manifest`);
  }
  const bytes = await boundedBytes(store, ref.artifact, signal);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw damaged(uri, 'is not what was stored: its hash differs');
  }
  const manifest = parsed(bytes);
  const mistake =
    manifest === undefined
      ? 'is no manifest of files'
      : (manifestMistake(manifest) ??
        (manifest.files.length === ref.files ? undefined : `has not the ${ref.files} files told`));
  if (manifest === undefined || mistake !== undefined) throw damaged(uri, mistake ?? '');
  return manifest;
}

function sizeOf(files: readonly ManifestFile[]): number {
  return files.reduce((sum, { artifact }) => sum + artifact.sizeBytes, 0);
}

/** By code units: the same on every machine, whatever its language. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Without what else a reference may bear, in one order: a manifest's hash must not depend on it. */
function plainFile({ name, artifact }: ManifestFile): ManifestFile {
  const { uri, format, sizeBytes, sha256 } = artifact;
  return { name, artifact: { uri, format, sizeBytes, sha256 } };
}

/** A line a file, so that two manifests can be compared by eye; some hundred lines a piece. */
function* pieces({ version, files, partial }: Manifest): Generator<string> {
  yield `${JSON.stringify({ version, ...(partial && { partial }) }).slice(0, -1)},"files":[\n`;
  for (let from = 0; from < files.length; from += 500) {
    const lines = files.slice(from, from + 500).map((file) => JSON.stringify(file));
    yield (from === 0 ? '' : ',\n') + lines.join(',\n');
  }
  yield '\n]}\n';
}

async function boundedBytes(
  store: ArtifactStore,
  { uri, sizeBytes }: ArtifactRef,
  signal: AbortSignal,
): Promise<Buffer> {
  const stream = await store.open(uri, signal);
  async function* bounded(): AsyncGenerator<Buffer> {
    let readBytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      readBytes += chunk.length;
      if (readBytes > sizeBytes) throw damaged(uri, 'is longer than what was stored');
      yield chunk;
    }
  }
  return buffer(bounded());
}

function parsed(bytes: Buffer): Manifest | undefined {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as Partial<Manifest> | null;
    const isManifest = value?.version === 1 && Array.isArray(value.files);
    return isManifest ? (value as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

function manifestMistake({ files, partial }: Manifest): string | undefined {
  let before: string | undefined;
  for (const file of files) {
    const mistake = fileMistake(file);
    if (mistake !== undefined) return mistake;
    if (before !== undefined && file.name <= before) {
      return `names ${JSON.stringify(file.name)} ${file.name === before ? 'twice' : 'out of order'}`;
    }
    before = file.name;
  }
  if (partial === undefined) return undefined;
  if (typeof partial.since !== 'string' || !Array.isArray(partial.removed)) {
    return 'does not tell what was removed since when';
  }
  const wrong = (partial.removed as readonly unknown[]).find(
    (name) => typeof name !== 'string' || relativePathMistake(name) !== undefined,
  );
  return wrong === undefined ? undefined : `removes ${JSON.stringify(wrong)}, which is no path`;
}

function fileMistake(file: Partial<ManifestFile> | null): string | undefined {
  const { name, artifact } = file ?? {};
  if (typeof name !== 'string' || artifact === undefined) return 'holds what is no file';
  const wrongName = relativePathMistake(name);
  if (wrongName !== undefined)
    return `holds ${JSON.stringify(name.slice(0, 200))}, which ${wrongName}`;
  const { uri, sizeBytes, sha256 } = artifact;
  const isWhole =
    typeof uri === 'string' &&
    artifactUriMistake(uri) === undefined &&
    Number.isSafeInteger(sizeBytes) &&
    sizeBytes >= 0 &&
    sha256Form.test(sha256);
  return isWhole ? undefined : `holds ${JSON.stringify(name)} without its size, hash and reference`;
}

function damaged(what: string, mistake: string): ArtifactError {
  return new ArtifactError('Artifacts.Damaged', `${what} ${mistake}: gather the files again`);
}
