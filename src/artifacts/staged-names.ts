import path from 'node:path';

/**
 * Names for distinct absolute paths: each below the folder that all have in common, with `/`.
 * Distinct paths make distinct names.
 */
export function stagedNames(files: readonly string[]): readonly string[] {
  const split = files.map((file) => file.split(path.sep).filter((segment) => segment !== ''));
  const folders = split.map((segments) => segments.slice(0, -1));
  const [first = [], ...others] = folders;
  let common = 0;
  while (common < first.length && others.every((segments) => segments[common] === first[common])) {
    common += 1;
  }
  return split.map((segments) => segments.slice(common).join('/'));
}
