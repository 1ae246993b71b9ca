import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { CliContext } from './context';

export type Place = Pick<CliContext, 'env'>;

/**
 * Where running processes of this user tell each other of themselves, a file each. In the user's
 * cache, as the Temporal binary is: the working folder is left clean.
 */
export function stateFolder({ env }: Place, kind: 'dev' | 'workers'): string {
  const given = env.XDG_CACHE_HOME;
  const cache =
    given && path.isAbsolute(given) ? given : path.join(env.HOME ?? homedir(), '.cache');
  return path.join(cache, 'temporal-remote-jobs', kind);
}

/** Those of a folder that `read` finds to be of processes that still run. */
export async function readStates<State>(
  folder: string,
  read: (file: string) => Promise<State | undefined>,
): Promise<readonly State[]> {
  const names = await readdir(folder).catch(() => []);
  const states = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => read(path.join(folder, name))),
  );
  return states.filter((state) => state !== undefined);
}
