import { mkdir, open, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log';

/** Where a binary that was fetched or built is kept: `$XDG_CACHE_HOME`, else `~/.cache`. */
export function cachedBinary(environment: NodeJS.ProcessEnv): string {
  const given = environment.XDG_CACHE_HOME;
  const home = environment.HOME ?? homedir();
  const cacheHome = given && path.isAbsolute(given) ? given : path.join(home, '.cache');
  const name = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  return path.join(cacheHome, 'temporal-remote-jobs', 'bin', name);
}

/** A lock that its holder hasn't touched for so long belongs to a process that died. */
const staleLockMs = 20_000;
const touchEveryMs = 2_000;

/**
 * Runs `work` while no other process does, so that a build of minutes isn't done twice at once.
 * Where the lock fails all the same, the work is only done twice: its result is renamed into place.
 */
export async function withCacheLock<T>(
  environment: NodeJS.ProcessEnv,
  log: Log,
  work: () => Promise<T>,
): Promise<T> {
  const lock = `${cachedBinary(environment)}.lock`;
  await mkdir(path.dirname(lock), { recursive: true });
  for (let round = 0; !(await take(lock)); round += 1) {
    if (round === 0) log('Another process is getting a Temporal server; waiting for it.');
    await sleep(250);
    const age = await stat(lock).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > staleLockMs) await rm(lock, { force: true });
  }
  const touching = setInterval(() => {
    utimes(lock, new Date(), new Date()).catch(() => undefined);
  }, touchEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
