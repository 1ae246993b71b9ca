import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from '../contracts/chain';
import { findInputs, type FindOptions } from './find-inputs';
import { gitRange } from './git-range';
import type { InputProblems } from './input-problems';
import type { InputSelection } from './input-selection';

/**
 * Of what is asked for, the files that may differ from a git revision, and the names of those that
 * are gone. A file that git can't tell of is a mistake: taken as unchanged, its change would be lost.
 */
export async function changedInputs(
  selection: InputSelection,
  revision: string,
  problems: InputProblems,
  where: Pick<FindOptions, 'roots' | 'signal'>,
): Promise<{ files: readonly string[]; partial: NonNullable<Manifest['partial']> }> {
  const range = await gitRange(selection.base, revision, where.signal);
  if (typeof range === 'string') {
    problems.add(revision, range);
    problems.throwIfAny();
    throw new Error(range);
  }
  for (const place of selection.places) {
    const isKnown =
      (await exists(place.path)) || range.names.has(selection.nameOf(place.path) ?? '');
    if (!isKnown) problems.add(place.value, `${place.value} doesn't exist: check the path`);
  }
  const there = new Set(
    await findInputs(selection, {
      ...where,
      onProblem: (value, message) => problems.add(value, message),
    }),
  );
  const untold: string[] = [];
  for (const file of there) {
    const name = selection.nameOf(file) ?? '';
    // One that doesn't exist was told of above.
    if (!range.known.has(name) && (await exists(file))) untold.push(name);
  }
  if (untold.length > 0) problems.add(revision, whyUntold(untold.sort()));
  const files: string[] = [];
  const removed: string[] = [];
  for (const name of range.names) {
    const file = path.join(selection.base, name);
    if (!selection.takes(file)) continue;
    // What became a folder is gone as a file; what is in it stands for itself.
    if (there.has(file) && (await exists(file))) files.push(file);
    else removed.push(name);
  }
  return { files, partial: { since: range.since, removed } };
}

function whyUntold([first = '', ...others]: readonly string[]): string {
  const more = others.length === 0 ? '' : `, nor ${others.length} more`;
  return `git doesn't tell whether ${first} changed${more}: it ignores them, or they belong to another repository such as a submodule; leave them out ("!${first}"), or give the files without a revision`;
}

/** Also a link that leads nowhere. */
async function exists(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined)) !== undefined;
}
