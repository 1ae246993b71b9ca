import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import path from 'node:path';
import type { ReloadedConnections } from '../config/reload';
import type { CliContext } from './context';

/** What became of a reload. */
export interface ReloadReport extends ReloadedConnections {
  /** Counts the reloads of one worker. */
  readonly number: number;
  /** When it was done, epoch milliseconds. */
  readonly atMs: number;
}

/** A worker that runs on this machine, so that `config reload` finds it. */
export interface WorkerState {
  readonly pid: number;
  /** The machine: several may share a home folder. */
  readonly host: string;
  /** The configuration file, absolute; absent where there is none. */
  readonly config?: string;
  readonly temporal: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly lastReload?: ReloadReport;
}

type Place = Pick<CliContext, 'env'>;

function stateFolder({ env }: Place): string {
  const given = env.XDG_CACHE_HOME;
  const cache =
    given && path.isAbsolute(given) ? given : path.join(env.HOME ?? homedir(), '.cache');
  return path.join(cache, 'temporal-remote-jobs', 'workers');
}

function stateFile(place: Place, pid: number): string {
  return path.join(stateFolder(place), `${hostname()}-${pid}.json`);
}

/** The workers that run on this machine now; what dead ones left is removed. */
export async function findWorkersHere(place: Place): Promise<readonly WorkerState[]> {
  const folder = stateFolder(place);
  const names = await readdir(folder).catch(() => []);
  const states = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map((name) => readState(path.join(folder, name))),
  );
  return states.filter((state) => state !== undefined);
}

export async function workerState(place: Place, pid: number): Promise<WorkerState | undefined> {
  return readState(stateFile(place, pid));
}

async function readState(file: string): Promise<WorkerState | undefined> {
  let state: WorkerState;
  try {
    state = JSON.parse(await readFile(file, 'utf8')) as WorkerState;
  } catch {
    return undefined;
  }
  if (state.host !== hostname()) return undefined;
  try {
    // Signal 0 only asks whether the process is there.
    process.kill(state.pid, 0);
    return state;
  } catch {
    await rm(file, { force: true }).catch(() => undefined);
    return undefined;
  }
}

/** Where it can't be kept (a read-only home, say), `config reload` doesn't find the worker; a signal does. */
export async function announceWorker(
  place: Place,
  state: Omit<WorkerState, 'host'>,
): Promise<void> {
  const file = stateFile(place, state.pid);
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(draft, `${JSON.stringify({ ...state, host: hostname() }, null, 2)}\n`);
    await rename(draft, file);
  } catch {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

export async function withdrawWorker(place: Place, pid: number): Promise<void> {
  await rm(stateFile(place, pid), { force: true }).catch(() => undefined);
}
