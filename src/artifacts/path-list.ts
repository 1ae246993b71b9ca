import { buffer } from 'node:stream/consumers';
import type { Limits } from '../contracts/limits';
import { openInput } from './input-file';

const maxListBytes = 64 * 2 ** 20;

/**
 * The paths in a file: one a line, or NUL-separated as `git ls-files -z` and `find -print0` write
 * them. Blank lines are passed over; nothing in a path has a special meaning.
 *
 * @returns a sentence where it can't be read
 */
export async function readPathList(
  file: string,
  roots: readonly string[] | undefined,
  limits: Limits,
  signal: AbortSignal,
): Promise<readonly string[] | string> {
  const opened = await openInput(file, roots, { ...limits, maxFileBytes: maxListBytes });
  if (typeof opened === 'string') return opened;
  const text = (await buffer(opened.createReadStream({ signal }))).toString('utf8');
  const paths = text.includes('\0') ? text.split('\0') : text.split(/\r?\n/);
  const named = paths.filter((one) => one.trim() !== '');
  // Taken for no list at all, it would mean everything in the folder.
  return named.length === 0 ? `${file} names no files: write a path on each line` : named;
}
