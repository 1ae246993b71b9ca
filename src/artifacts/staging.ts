import path from 'node:path';
import type { StagedFile } from '../contracts/artifact';
import { defaultLimits, type Limits } from '../contracts/limits';
import { relativePathMistake } from '../contracts/relative-path';
import type { ArtifactStore } from './store';
import { openInput } from './input-file';
import { realRoots, stageFile } from './stage-file';
import { stagedNames } from './staged-names';

/** Which files `stageFiles` may read, and how many. */
export interface StageOptions {
  /** Folders that files may come from; a link that leads out of them is refused. @default any */
  readonly roots?: readonly string[];
  /** Those of the configuration. @default the defaults of `Limits` */
  readonly limits?: Partial<Limits>;
  readonly signal: AbortSignal;
}

/** One input that can't be used. */
export interface StagingProblem {
  readonly field: string;
  /** The path as it was given. */
  readonly value: string;
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

/** Input files that can't be staged, every one of them named; nothing can be submitted. */
export class StagingError extends Error {
  override readonly name = 'StagingError';
  readonly code = 'Staging.BadInput';

  constructor(readonly problems: readonly StagingProblem[]) {
    super(problems.map((problem) => problem.message).join('\n'));
  }
}

/**
 * Takes snapshots of input files: each is stored by its content hash, so that later changes to the
 * file change nothing, and the same file costs its space once.
 *
 * What the service will see is the file's path below the folder that all files have in common
 * (`a/x.sql` and `b/x.sql` stay apart; a single file is just its name). A path that is given twice
 * is staged once.
 *
 * @throws StagingError no files, or too many; or one is missing, unreadable, empty, a folder, too
 *   large, outside the roots, of a name that no service should get, or a zip that can't be unpacked
 *   or that would be unpacked outside its folder
 */
export async function stageFiles(
  store: ArtifactStore,
  paths: readonly string[],
  options: StageOptions,
): Promise<StagedFile[]> {
  const { signal } = options;
  if (paths.length === 0) {
    throw new StagingError([problem('', 'no files: name at least one SQL file or zip')]);
  }
  const limits = { ...defaultLimits, ...options.limits };
  const given = new Map(paths.map((file) => [path.resolve(file), file]));
  if (given.size > limits.maxFiles) {
    const message = `${given.size} files are given, and limits.maxFiles allows ${limits.maxFiles}: give them as one zip, or raise the limit`;
    throw new StagingError([problem('', message)]);
  }
  const names = stagedNames([...given.keys()]);
  const roots = await realRoots(options.roots);
  // All are looked at before the first is stored, so that every mistake is told at once.
  const problems: StagingProblem[] = [];
  for (const [index, value] of [...given.values()].entries()) {
    const opened = await openInput(value, roots, limits);
    const wrongName = relativePathMistake(names[index] ?? '');
    if (typeof opened === 'string') {
      problems.push(problem(value, opened));
      continue;
    }
    await opened.close();
    if (wrongName !== undefined) {
      problems.push(
        problem(value, `${JSON.stringify(value)} ${wrongName}, so no service gets it: rename it`),
      );
    }
  }
  if (problems.length > 0) throw new StagingError(problems);

  const staged: StagedFile[] = [];
  for (const value of given.values()) {
    const artifact = await stageFile(store, value, { roots, limits, signal });
    if (typeof artifact === 'string') throw new StagingError([problem(value, artifact)]);
    staged.push({ name: names[staged.length] ?? path.basename(value), artifact });
  }
  return staged;
}

function problem(value: string, message: string): StagingProblem {
  return { field: 'files', value, message };
}
