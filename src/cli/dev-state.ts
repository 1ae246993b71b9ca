import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { processStart } from './process-start';
import { readStates, stateFolder, type Place } from './state-files';

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

/** As it is kept: another process may have the id of one that was killed. */
interface KeptState extends DevState {
  readonly processStart?: string;
}

function stateFile(place: Place, cwd: string): string {
  const name = createHash('sha256').update(cwd).digest('hex').slice(0, 16);
  return path.join(stateFolder(place, 'dev'), `${name}.json`);
}

/** The dev stacks that run now. */
export async function findDevStacks(place: Place): Promise<readonly DevState[]> {
  return readStates(stateFolder(place, 'dev'), readState);
}

async function readState(file: string): Promise<DevState | undefined> {
  try {
    const { processStart: start, ...state } = JSON.parse(await readFile(file, 'utf8')) as KeptState;
    // Signal 0 only asks whether the process is there.
    process.kill(state.pid, 0);
    return (await processStart(state.pid)) === start ? state : undefined;
  } catch {
    return undefined;
  }
}

/** @returns false where it can't be kept; then others must be told the address */
export async function announceDev(place: Place, state: DevState): Promise<boolean> {
  const file = stateFile(place, state.cwd);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const kept: KeptState = { ...state, processStart: await processStart(state.pid) };
    await writeFile(`${file}.${state.pid}`, `${JSON.stringify(kept, null, 2)}\n`);
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
