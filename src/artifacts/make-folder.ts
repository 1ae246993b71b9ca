import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder and the missing ones above it, and answers the topmost that had to be made.
 *
 * Node's own recursive `mkdir` never returns (seen on 20.20) where a file system refuses a folder
 * with ENOENT, as /proc does.
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  const target = path.resolve(folder);
  try {
    await mkdir(target);
    return target;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(target)).isDirectory()) return undefined;
    const parent = path.dirname(target);
    if (code !== 'ENOENT' || (await exists(parent))) throw error;
    const topmost = await makeFolder(parent);
    return (await makeFolder(target)) === undefined ? topmost : (topmost ?? target);
  }
}

async function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
