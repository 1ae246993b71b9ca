import path from 'node:path';
import { usageError } from './errors';
import { ResultFolder } from './result-folder';
import type { RunOptions } from './run-options';
import type { Session } from './session';

/** The folder that `--out` names, made and proven writable; undefined without it. */
export async function outFolder(
  { context }: Session,
  { out, detach }: Pick<RunOptions, 'out' | 'detach'>,
): Promise<ResultFolder | undefined> {
  if (out === undefined) return undefined;
  if (detach === true) {
    throw usageError(
      "--out doesn't go with --detach: get the files later with `remote-jobs results ID --out DIR`.",
    );
  }
  if (out.trim() === '') throw usageError('--out is blank; name a folder.');
  return ResultFolder.prepare(path.resolve(context.cwd, out));
}
