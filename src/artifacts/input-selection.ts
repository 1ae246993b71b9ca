import { stat } from 'node:fs/promises';
import path from 'node:path';
import picomatch from 'picomatch';
import { isSqlName } from './sql-names';

/** What a caller asks for: which files, and below which folder they are named. */
export interface InputChoice {
  /**
   * Files, folders and globs, seen from the current folder; `!glob` leaves out what it matches, by
   * name. Of a folder: what looks like SQL, in its subfolders too; hidden ones are left out.
   * @default ['.']
   */
  readonly paths?: readonly string[];
  /**
   * The folder below which files are named. @default the folder, where one folder is all that is
   * asked for; the current folder in every other case
   */
  readonly base?: string;
}

/** A path that was asked for. Absolute. */
export interface Place {
  /** As it was given. */
  readonly value: string;
  readonly kind: 'file' | 'folder' | 'glob';
  /** The file or folder; of a glob, the folder that its pattern begins in. */
  readonly path: string;
  /** How many folders deep it reaches below its path, from 1. */
  readonly depth: number;
  /** Whether a path below it, relative and with `/`, is meant. */
  readonly takes: (below: string) => boolean;
}

/**
 * What was asked for, before anybody has looked which files there are.
 *
 * Names depend on the question alone, never on what is there today: a chain compares snapshots by
 * name, and a folder that lost a file must not rename the others.
 */
export class InputSelection {
  private constructor(
    readonly base: string,
    readonly places: readonly Place[],
    private readonly isLeftOut: (name: string) => boolean,
  ) {}

  /**
   * @param cwd what relative paths begin at
   * @param listed paths that are taken literally, such as those of a list
   */
  static async of(
    choice: InputChoice,
    cwd: string,
    listed: readonly string[] = [],
  ): Promise<InputSelection> {
    const given = choice.paths ?? [];
    const chosen = given.filter((value) => !value.startsWith('!'));
    const leftOut = given.filter((value) => value.startsWith('!')).map((value) => value.slice(1));
    const values = chosen.length === 0 && listed.length === 0 ? ['.'] : chosen;
    const places = [
      ...(await Promise.all(values.map((value) => placeOf(value, cwd)))),
      ...listed.map((value) => filePlace(value, cwd)),
    ];
    const [only] = places;
    const isOneFolder = places.length === 1 && only?.kind === 'folder';
    const base =
      choice.base === undefined ? (isOneFolder ? only.path : cwd) : path.resolve(cwd, choice.base);
    return new InputSelection(path.resolve(base), places, leavesOut(leftOut));
  }

  /** A file's name in the snapshot, with `/`; undefined where it doesn't lie below the base. */
  nameOf(file: string): string | undefined {
    return below(this.base, file);
  }

  /** Whether a file or folder is left out with all that is in it. */
  leavesOut(found: string): boolean {
    const name = this.nameOf(found);
    return name !== undefined && this.isLeftOut(name);
  }

  /** Whether a file is meant, by its path: there may be none there. */
  takes(file: string): boolean {
    const name = this.nameOf(file);
    return (
      name !== undefined &&
      !this.isLeftOut(name) &&
      this.places.some((place) => {
        if (place.path === file) return place.kind !== 'glob';
        const rest = below(place.path, file);
        return rest !== undefined && place.takes(rest);
      })
    );
  }
}

async function placeOf(value: string, cwd: string): Promise<Place> {
  const resolved = path.resolve(cwd, value);
  const found = await stat(resolved).catch(() => undefined);
  if (found?.isDirectory()) {
    return { value, kind: 'folder', path: resolved, depth: Infinity, takes: isShownSql };
  }
  if (found === undefined && picomatch.scan(value).isGlob) {
    const { base, glob } = picomatch.scan(value);
    const depth = glob.includes('**') ? Infinity : glob.split('/').length;
    return {
      value,
      kind: 'glob',
      path: path.resolve(cwd, base),
      depth,
      takes: picomatch(glob),
    };
  }
  return filePlace(value, cwd);
}

/** Taken whatever it is called. */
function filePlace(value: string, cwd: string): Place {
  return { value, kind: 'file', path: path.resolve(cwd, value), depth: 0, takes: () => false };
}

function isShownSql(name: string): boolean {
  return isSqlName(name) && !name.split('/').some((segment) => segment.startsWith('.'));
}

/** A folder that is left out is left out with all that is in it. */
function leavesOut(globs: readonly string[]): (name: string) => boolean {
  if (globs.length === 0) return () => false;
  return picomatch([...globs, ...globs.map((glob) => `${glob.replace(/\/+$/, '')}/**`)], {
    dot: true,
  });
}

function below(folder: string, file: string): string | undefined {
  const relative = path.relative(folder, file);
  if (relative === '' || relative === '..' || relative.startsWith(`..${path.sep}`))
    return undefined;
  return path.isAbsolute(relative) ? undefined : relative.split(path.sep).join('/');
}
