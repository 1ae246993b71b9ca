import { constants, type Stats } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Limits } from '../contracts/limits';
import { zipMistake } from './zip-file';

/**
 * Opens an input file, so that what is read is what was checked; or says in a sentence why it can't
 * be used.
 *
 * @param roots real paths of folders; undefined allows every place
 */
export async function openInput(
  value: string,
  roots: readonly string[] | undefined,
  limits: Limits,
): Promise<FileHandle | string> {
  if (value.trim() === '' || value.includes('\0')) {
    return `${JSON.stringify(value)} is no file name: name an SQL file or a zip`;
  }
  try {
    const real = await realpath(value);
    if (roots && !roots.some((root) => isInside(real, root))) {
      return `${value} is outside the folders that inputs may come from (${roots.join(', ') || 'none'}): move it there, or add its folder to inputs.roots`;
    }
    // Not waiting for a writer, should it be a pipe.
    const handle = await open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const mistake =
      mistakeOf(value, await handle.stat(), limits.maxFileBytes) ??
      (isZip(value) ? await zipMistake(value, handle, limits) : undefined);
    if (mistake === undefined) return handle;
    await handle.close();
    return mistake;
  } catch (error) {
    return unreadable(value, error as NodeJS.ErrnoException);
  }
}

/** By its name, as the service does. */
function isZip(value: string): boolean {
  return path.extname(value).toLowerCase() === '.zip';
}

function mistakeOf(value: string, found: Stats, maxFileBytes: number): string | undefined {
  if (found.isDirectory()) return `${value} is a folder: give its files or a zip of it`;
  if (!found.isFile()) return `${value} is no regular file: give an SQL file or a zip`;
  if (found.size === 0) return `${value} is empty: leave it out, or give it content`;
  if (found.size > maxFileBytes) {
    return `${value} has ${found.size} bytes, and limits.maxFileBytes allows ${maxFileBytes}: split it, or raise the limit as far as the service's own goes`;
  }
  return undefined;
}

/** Why a path can't be read, in a sentence. */
export function unreadable(value: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `${value} doesn't exist: check the path`;
    case 'EACCES':
    case 'EPERM':
      return `${value} can't be read, permission is denied: change its mode, or run as somebody who may`;
    default:
      return `${value} can't be read (${error.code ?? error.message}): check the path`;
  }
}

/** Whether a real path lies below a folder's. */
export function isInside(file: string, root: string): boolean {
  return file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
}
