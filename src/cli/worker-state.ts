import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import type { ReloadedConnections } from '../config/reload';
import { processStart } from './process-start';
import { readStates, stateFolder, type Place } from './state-files';

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
  /** When the process began; absent where the system can't say. */
  readonly processStart?: string;
}

function stateFile(place: Place, pid: number): string {
  return path.join(stateFolder(place, 'workers'), `${hostname()}-${pid}.json`);
}

/** The workers that run on this machine now; what dead ones left is removed. */
export async function findWorkersHere(place: Place): Promise<readonly WorkerState[]> {
  return readStates(stateFolder(place, 'workers'), readState);
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
  // A worker that was killed leaves its file, and another process may have its id by now.
  if (isThere(state.pid) && (await processStart(state.pid)) === state.processStart) return state;
  await rm(file, { force: true }).catch(() => undefined);
  return undefined;
}

function isThere(pid: number): boolean {
  try {
    // Signal 0 only asks.
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Where it can't be kept (a read-only home, say), `config reload` doesn't find the worker; a signal does. */
export async function announceWorker(
  place: Place,
  state: Omit<WorkerState, 'host' | 'processStart'>,
): Promise<void> {
  const { pid } = state;
  const file = stateFile(place, pid);
  const kept: WorkerState = { ...state, host: hostname(), processStart: await processStart(pid) };
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(draft, `${JSON.stringify(kept, null, 2)}\n`);
    await rename(draft, file);
  } catch {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

export async function withdrawWorker(place: Place, pid: number): Promise<void> {
  await rm(stateFile(place, pid), { force: true }).catch(() => undefined);
}
