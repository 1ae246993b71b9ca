import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder and the missing ones above it, and answers the topmost that had to be made. Others
 * may make the same ones meanwhile.
 *
 * Node's own recursive `mkdir` never returns (seen on 20.20) where a file system refuses a folder
 * with ENOENT, as /proc does.
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  const target = path.resolve(folder);
  try {
    return await makeOne(target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const topmost = await makeFolder(path.dirname(target));
  // The folder above is there now, so an ENOENT here is the file system's refusal.
  const made = await makeOne(target);
  return topmost ?? made;
}

/** The folder, or undefined where it is there already. */
async function makeOne(target: string): Promise<string | undefined> {
  try {
    await mkdir(target);
    return target;
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    if (isThere && (await stat(target)).isDirectory()) return undefined;
    throw error;
  }
}
