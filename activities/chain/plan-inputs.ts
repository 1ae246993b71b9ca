import { ArtifactError } from '../../src/artifacts/errors';
import { readManifest, writeManifest } from '../../src/artifacts/manifest';
import type { ArtifactStore } from '../../src/artifacts/store';
import { InputError } from '../../src/clients/http/errors';
import type { Manifest, ManifestRef, RefreshInput } from '../../src/contracts/chain';
import { compareManifests, mergeManifests, type Baseline } from './compare-manifests';

export interface PlannedInputs {
  /** The whole snapshot, also where the request brought only what had changed. */
  readonly now: Manifest;
  readonly ref: ManifestRef;
  readonly baseline: Baseline;
  readonly warnings: readonly string[];
}

/**
 * @throws InputError for no files, and for a partial snapshot that there is nothing to add to, or
 *   that leaves out what a refresh since may have changed
 */
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
  const since: (Manifest | undefined)[] = [];
  for (const open of unsettled === 'all' ? [] : unsettled) {
    const snapshot = await known(open);
    since.push(snapshot && whole(snapshot, before));
  }
  const now = given.partial ? onTopOf(before, given, unsettled === 'all' ? 'all' : since) : given;
  if (now.files.length === 0) {
    throw new InputError('files', 'hold nothing that could be submitted: give SQL files or zips');
  }
  const ref = now === given ? request.inputs : await writeManifest(store, now.files, signal);

  // Another generation's job holds nothing of the latest snapshot.
  const isPresent = latest !== undefined && latest.generation === current?.generation;
  const snapshots = [isPresent ? before : undefined, ...since];
  const held = snapshots.filter((snapshot) => snapshot !== undefined);
  const complete = unsettled !== 'all' && held.length === snapshots.length;
  return { now, ref, baseline: { held, complete }, warnings };
}

const lostCodes: ReadonlySet<string> = new Set(['Artifacts.NotFound', 'Artifacts.Damaged']);

/** Undefined where a partial one has lost what it was put on: what it brought is not all that there was. */
function whole(snapshot: Manifest, before: Manifest | undefined): Manifest | undefined {
  if (snapshot.partial === undefined) return snapshot;
  return before && mergeManifests(before, snapshot);
}

/**
 * The files that a partial snapshot doesn't name are taken as the last good refresh had them. Where
 * a refresh since had one otherwise, nobody can tell whether that was meant to last.
 */
function onTopOf(
  before: Manifest | undefined,
  given: Manifest,
  since: readonly (Manifest | undefined)[] | 'all',
): Manifest {
  const named = `name only what changed since ${given.partial?.since}`;
  if (before === undefined) {
    throw new InputError(
      'inputs',
      `${named}, and the chain has no good revision to add that to: refresh it once with all files`,
    );
  }
  const now = mergeManifests(before, given);
  const left = since === 'all' ? undefined : leftOut(before, given, since);
  if (left?.length === 0) return now;
  const [first] = left ?? [];
  const more = left && left.length > 1 ? ` and of ${left.length - 1} more` : '';
  const what = first === undefined ? 'what they leave out' : `${first.slice(0, 200)}${more}`;
  throw new InputError(
    'inputs',
    `${named}, and a refresh since the last good one may have brought other content of ${what}: refresh once with all files`,
  );
}

/** Names outside the given changes that are otherwise in a later snapshot; undefined where that can't be known. */
function leftOut(
  before: Manifest,
  given: Manifest,
  since: readonly (Manifest | undefined)[],
): readonly string[] | undefined {
  const known = since.filter((snapshot) => snapshot !== undefined);
  if (known.length < since.length) return undefined;
  const named = new Set([
    ...given.files.map(({ name }) => name),
    ...(given.partial?.removed ?? []),
  ]);
  const otherwise = known.flatMap((snapshot) => {
    const { unlike, removed } = compareManifests(snapshot, { held: [before], complete: true });
    return [...unlike.map(({ name }) => name), ...removed];
  });
  return [...new Set(otherwise)].filter((name) => !named.has(name));
}
