import { ArtifactError } from '../../src/artifacts/errors';
import { readManifest, writeManifest } from '../../src/artifacts/manifest';
import type { ArtifactStore } from '../../src/artifacts/store';
import { InputError } from '../../src/clients/http/errors';
import type { Manifest, ManifestRef, RefreshInput } from '../../src/contracts/chain';
import { mergeManifests, type Baseline } from './compare-manifests';

export interface PlannedInputs {
  /** The whole snapshot, also where the request brought only what had changed. */
  readonly now: Manifest;
  readonly ref: ManifestRef;
  readonly baseline: Baseline;
  readonly warnings: readonly string[];
}

/** @throws InputError for no files, and for a partial snapshot that there is nothing to add to */
export async function planInputs(
  store: ArtifactStore,
  { request, latest, unsettled, current }: RefreshInput,
  signal: AbortSignal,
): Promise<PlannedInputs> {
  const given = await readManifest(store, request.inputs, signal);
  const warnings: string[] = [];
  /** A snapshot that was cleared away must not stop the chain for ever: everything is sent instead. */
  async function known(ref: ManifestRef): Promise<Manifest | undefined> {
    try {
      return await readManifest(store, ref, signal);
    } catch (error) {
      if (!(error instanceof ArtifactError) || !lostCodes.has(error.code)) throw error;
      warnings.push(
        `an earlier snapshot can't be read, so every file counts as changed: ${error.message}`,
      );
      return undefined;
    }
  }

  const before = latest && (await known(latest.manifest));
  const now = whole(given, before);
  if (now.files.length === 0) {
    throw new InputError('files', 'hold nothing that could be submitted: give SQL files or zips');
  }
  const ref = now === given ? request.inputs : await writeManifest(store, now.files, signal);

  // Another generation's job holds nothing of the latest snapshot.
  const isPresent = latest !== undefined && latest.generation === current?.generation;
  const since: (Manifest | undefined)[] = [];
  for (const open of unsettled === 'all' ? [] : unsettled) since.push(await known(open));
  const snapshots = [isPresent ? before : undefined, ...since];
  const held = snapshots
    .filter((snapshot) => snapshot !== undefined)
    .map((snapshot) => (snapshot.partial === undefined ? snapshot : whole(snapshot, before)));
  const complete = unsettled !== 'all' && snapshots.every((snapshot) => snapshot !== undefined);
  return { now, ref, baseline: { held, complete }, warnings };
}

const lostCodes: ReadonlySet<string> = new Set(['Artifacts.NotFound', 'Artifacts.Damaged']);

function whole(given: Manifest, before: Manifest | undefined): Manifest {
  if (given.partial === undefined) return given;
  if (before !== undefined) return mergeManifests(before, given);
  throw new InputError(
    'inputs',
    `name only what changed since ${given.partial.since}, and the chain has no good revision to add that to: refresh it once with all files`,
  );
}
