import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isInside, unreadable } from './input-file';
import type { InputSelection, Place } from './input-selection';

/** Entries of folders that are looked at: a mistaken `/` must not read the disk through. */
const mostEntries = 1_000_000;

/** Where inputs are looked for. */
export interface FindOptions {
  /** Real paths of folders; undefined allows every place. */
  readonly roots: readonly string[] | undefined;
  /** Told in a sentence what can't be read. */
  readonly onProblem: (value: string, message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The files that a selection means, as absolute paths, each once. Folders are read through; hidden
 * ones, and links to folders, are left out.
 */
export async function findInputs(
  selection: InputSelection,
  options: FindOptions,
): Promise<readonly string[]> {
  const files = new Set<string>();
  const walk = new Walk(selection, files, options);
  for (const place of selection.places) {
    if (place.kind !== 'file') await walk.from(place);
    else if (selection.takes(place.path)) files.add(place.path);
    else if (selection.nameOf(place.path) === undefined) {
      options.onProblem(place.value, outsideBase(place.value, selection.base));
    }
  }
  return [...files];
}

function outsideBase(value: string, base: string): string {
  return `${value} lies outside ${base}, below which files are named: give a folder that holds all of them as the base`;
}

class Walk {
  private entries = 0;

  constructor(
    private readonly selection: InputSelection,
    private readonly files: Set<string>,
    private readonly options: FindOptions,
  ) {}

  async from({ path: folder, value, depth }: Place): Promise<void> {
    const { roots, onProblem } = this.options;
    const { base } = this.selection;
    if (folder !== base && this.selection.nameOf(folder) === undefined) {
      return onProblem(value, outsideBase(value, base));
    }
    const real = await realpath(folder).catch((error: NodeJS.ErrnoException) => error);
    if (typeof real !== 'string') return onProblem(value, unreadable(value, real));
    if (roots && !roots.some((root) => real === root || isInside(real, root))) {
      return onProblem(
        value,
        `${value} is outside the folders that inputs may come from (${roots.join(', ') || 'none'}): move it there, or add its folder to inputs.roots`,
      );
    }
    await this.read(folder, depth);
  }

  private async read(folder: string, depth: number): Promise<void> {
    const { signal, onProblem } = this.options;
    signal.throwIfAborted();
    let entries;
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      return onProblem(folder, unreadable(folder, error as NodeJS.ErrnoException));
    }
    const folders: string[] = [];
    for (const entry of entries) {
      if ((this.entries += 1) > mostEntries) {
        // Told once.
        if (this.entries === mostEntries + 1) {
          onProblem(
            folder,
            `more than ${mostEntries} files and folders lie where inputs are looked for: name the folders that hold SQL`,
          );
        }
        return;
      }
      if (entry.name.startsWith('.')) continue;
      const found = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (depth > 1 && !this.selection.leavesOut(found)) folders.push(found);
      } else if (this.selection.takes(found) && (await isFile(found, entry.isFile()))) {
        this.files.add(found);
      }
    }
    for (const next of folders) await this.read(next, depth - 1);
  }
}

/** A link counts as what it leads to; whether it may lead there is asked when it is opened. */
async function isFile(file: string, isPlain: boolean): Promise<boolean> {
  return isPlain || ((await stat(file).catch(() => undefined))?.isFile() ?? true);
}
