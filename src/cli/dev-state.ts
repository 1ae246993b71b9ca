import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { CliContext } from './context';

/** Where a running `remote-jobs dev` is, so that other terminals of the same user find it. */
export interface DevState {
  readonly pid: number;
  /** The folder that it was started in. */
  readonly cwd: string;
  readonly temporal: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly sqlflow: string;
  readonly linkis: string;
  /** The artifact folder of its worker. */
  readonly artifacts: string;
}

type Place = Pick<CliContext, 'env'>;

/** In the user's cache, as the Temporal binary is: the working folder is left clean. */
function stateFolder({ env }: Place): string {
  const given = env.XDG_CACHE_HOME;
  const cache =
    given && path.isAbsolute(given) ? given : path.join(env.HOME ?? homedir(), '.cache');
  return path.join(cache, 'temporal-remote-jobs', 'dev');
}

function stateFile(place: Place, cwd: string): string {
  const name = createHash('sha256').update(cwd).digest('hex').slice(0, 16);
  return path.join(stateFolder(place), `${name}.json`);
}

/** The dev stacks that run now. */
export async function findDevStacks(place: Place): Promise<readonly DevState[]> {
  const folder = stateFolder(place);
  const names = await readdir(folder).catch(() => []);
  const states = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map((name) => readState(path.join(folder, name))),
  );
  return states.filter((state) => state !== undefined);
}

async function readState(file: string): Promise<DevState | undefined> {
  try {
    const state = JSON.parse(await readFile(file, 'utf8')) as DevState;
    // Signal 0 only asks whether the process is there.
    process.kill(state.pid, 0);
    return state;
  } catch {
    return undefined;
  }
}

/** @returns false where it can't be kept; then others must be told the address */
export async function announceDev(place: Place, state: DevState): Promise<boolean> {
  const file = stateFile(place, state.cwd);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}.${state.pid}`, `${JSON.stringify(state, null, 2)}\n`);
    await rename(`${file}.${state.pid}`, file);
    return true;
  } catch {
    return false;
  }
}

/** Only its own: another one may have been started in the same folder since. */
export async function withdrawDev(place: Place, { cwd, pid }: DevState): Promise<void> {
  const file = stateFile(place, cwd);
  if ((await readState(file))?.pid === pid) await rm(file, { force: true });
}
