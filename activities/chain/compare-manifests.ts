import type { FileCounts, Manifest, ManifestFile } from '../../src/contracts/chain';

/** What the server may hold of a chain's files. */
export interface Baseline {
  /** The latest good snapshot, where its job is still the present one, and those of failed refreshes since. */
  readonly held: readonly Manifest[];
  /** False where that isn't all: no file counts as unchanged then. */
  readonly complete: boolean;
}

export interface FileComparison {
  /** Files that the server may hold otherwise, or not at all. */
  readonly unlike: readonly ManifestFile[];
  /** Names that the server may hold, and that are gone. */
  readonly removed: readonly string[];
  readonly counts: Omit<FileCounts, 'sent'>;
}

/**
 * Which files differ from what the server is known to hold. A refresh that failed may have reached
 * it all the same, so a file is alike only if it is so in every snapshot since the latest good one.
 */
export function compareManifests(now: Manifest, { held, complete }: Baseline): FileComparison {
  const known = held.map(hashes);
  const isAlike = ({ name, artifact }: ManifestFile) =>
    known.every((snapshot) => snapshot.get(name) === artifact.sha256);
  const isNew = ({ name }: ManifestFile) => !known.some((snapshot) => snapshot.has(name));
  const present = new Set(now.files.map(({ name }) => name));
  const gone = known.flatMap((snapshot) =>
    [...snapshot.keys()].filter((name) => !present.has(name)),
  );
  const removed = [...new Set(gone)].sort();
  const added = now.files.filter(isNew).length;
  const changed = now.files.filter((file) => !isNew(file) && !isAlike(file)).length;
  return {
    unlike: complete ? now.files.filter((file) => !isAlike(file)) : now.files,
    removed,
    counts: { total: now.files.length, added, changed, removed: removed.length },
  };
}

/** The whole snapshot that a partial one makes of an earlier one. */
export function mergeManifests(before: Manifest, changes: Manifest): Manifest {
  const left = new Set(changes.files.map(({ name }) => name));
  for (const name of changes.partial?.removed ?? []) left.add(name);
  const files = [...before.files.filter(({ name }) => !left.has(name)), ...changes.files];
  return { version: 1, files };
}

function hashes({ files }: Manifest): ReadonlyMap<string, string> {
  return new Map(files.map(({ name, artifact }) => [name, artifact.sha256]));
}
