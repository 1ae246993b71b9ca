import { setMaxListeners } from 'node:events';
import path from 'node:path';
import type { ManifestFile, ManifestRef } from '../contracts/chain';
import { defaultLimits, type Limits } from '../contracts/limits';
import { relativePathMistake } from '../contracts/relative-path';
import { changedInputs } from './changed-inputs';
import { findInputs } from './find-inputs';
import { InputProblems } from './input-problems';
import { InputSelection, type InputChoice } from './input-selection';
import { writeManifest } from './manifest';
import { readPathList } from './path-list';
import { realRoots, stageFile, type StageFileOptions } from './stage-file';
import type { ArtifactStore } from './store';

/** Which files a snapshot is made of. */
export interface InputsToGather extends InputChoice {
  /** Files with a path a line, or NUL-separated, each taken literally, seen from the current folder. */
  readonly filesFrom?: readonly string[];
  /**
   * Only what differs from this revision of the git checkout that the base lies in: a `partial`
   * snapshot, to be put on a chain's last one.
   */
  readonly changedSince?: string;
}

/** Which files `gatherInputs` may read, and how many. */
export interface GatherOptions {
  /** Folders that files may come from; a link that leads out of them is refused. @default any */
  readonly roots?: readonly string[];
  /** Those of the configuration. @default the defaults of `Limits` */
  readonly limits?: Partial<Limits>;
  /** What relative paths begin at. @default the process's */
  readonly cwd?: string;
  readonly signal: AbortSignal;
  /** Told after each file; for heartbeats and progress bars. */
  readonly onProgress?: (files: number, of: number) => void;
}

/** Files that are read at once: the disk's flushes overlap, and few are open. */
const filesAtOnce = 16;

/**
 * Takes a snapshot of input files: each is read once and stored by its hash, and the list of them,
 * the manifest, beside them. Repeating it stores the same again.
 *
 * A file's name is its path below the base, see {@link InputChoice.base}; a chain compares snapshots
 * by it.
 *
 * @throws StagingError no files, or too many; one lies outside the base; or what `stageFiles` refuses
 */
export async function gatherInputs(
  store: ArtifactStore,
  what: InputsToGather,
  options: GatherOptions,
): Promise<ManifestRef> {
  const { signal } = options;
  const cwd = path.resolve(options.cwd ?? '.');
  const limits = { ...defaultLimits, ...options.limits };
  const problems = new InputProblems();
  const roots = await realRoots(options.roots);
  const listed: string[] = [];
  for (const list of what.filesFrom ?? []) {
    const read = await readPathList(path.resolve(cwd, list), roots, limits, signal);
    if (typeof read === 'string') problems.add(list, read);
    else listed.push(...read);
  }
  problems.throwIfAny();
  const selection = await InputSelection.of(what, cwd, listed);

  const { files, partial } =
    what.changedSince === undefined
      ? {
          files: await findInputs(selection, {
            roots,
            signal,
            onProblem: (value, message) => problems.add(value, message),
          }),
          partial: undefined,
        }
      : await changedInputs(selection, what.changedSince, problems, { roots, signal });
  problems.throwIfAny();
  if (files.length === 0 && partial === undefined) {
    problems.add(
      '',
      `no files: nothing in ${selection.base} is meant by what was asked for; of a folder only SQL files are taken (.sql, .hql, .ddl, …), and nothing hidden`,
    );
  }
  if (files.length > limits.maxFiles) {
    problems.add(
      '',
      `${files.length} files are meant, and limits.maxFiles allows ${limits.maxFiles}: give fewer, or raise the limit`,
    );
  }
  problems.throwIfAny();

  const staged = await stageAll(store, files, selection, problems, { ...options, roots, limits });
  problems.throwIfAny();
  return writeManifest(store, staged, signal, partial);
}

async function stageAll(
  store: ArtifactStore,
  files: readonly string[],
  selection: InputSelection,
  problems: InputProblems,
  { roots, limits, signal, onProgress }: GatherOptions & StageFileOptions,
): Promise<readonly ManifestFile[]> {
  const staged: ManifestFile[] = [];
  const next = files.values();
  const stopped = new AbortController();
  const either = AbortSignal.any([signal, stopped.signal]);
  // Each file under way listens.
  setMaxListeners(0, either);
  const stageSome = async () => {
    for (const file of next) {
      if (problems.isFull) return;
      const name = selection.nameOf(file) ?? '';
      const wrongName = relativePathMistake(name);
      const artifact =
        wrongName === undefined
          ? await stageFile(store, file, { roots, limits, signal: either })
          : `${JSON.stringify(name)} ${wrongName}, so no service gets it: rename it`;
      if (typeof artifact === 'string') problems.add(file, artifact);
      else staged.push({ name, artifact });
      onProgress?.(staged.length, files.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: filesAtOnce }, stageSome));
  } finally {
    // One that failed for good: the others would fill the store for nobody.
    stopped.abort();
  }
  return staged;
}
