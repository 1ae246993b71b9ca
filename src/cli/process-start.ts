import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * When a process began, in its system's own words: with it, an id that another process has by now is
 * told from the one that was meant. Undefined where there is no such process, or nobody can say.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  try {
    if (process.platform !== 'linux') return await askedOfPs(pid);
    const line = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name in parentheses, may hold anything; the 22nd is the start.
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

async function askedOfPs(pid: number): Promise<string | undefined> {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', `${pid}`], { env });
  return stdout.trim() || undefined;
}
