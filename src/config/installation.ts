import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigurationError } from './errors';

/** Beside the artifacts, so that all who share them share it. */
const fileName = '.installation';

/**
 * The name of a deployment that is configured none: drawn once, and kept in the artifact folder.
 * Workers of one deployment share that folder, so they share the name, whatever hosts they run on;
 * a developer's machine and production, which may share an account, don't.
 *
 * @throws ConfigurationError where the folder can't be written
 */
export function installationOf(artifactFolder: string): string {
  const file = path.join(artifactFolder, fileName);
  const known = read(file);
  if (known !== undefined) return known;
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(artifactFolder, { recursive: true });
    writeFileSync(draft, `i-${randomBytes(5).toString('hex')}\n`, { flag: 'wx' });
    try {
      // Fails where another worker was faster, whose name then holds.
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  } catch (error) {
    throw unusable(file, (error as NodeJS.ErrnoException).code ?? 'unwritable');
  }
  const drawn = read(file);
  if (drawn === undefined) throw unusable(file, 'it vanished');
  return drawn;
}

function read(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw unusable(file, code ?? 'unreadable');
  }
  if (/^[a-z0-9-]{1,32}$/.test(text)) return text;
  throw unusable(file, 'it holds something else');
}

function unusable(file: string, reason: string): ConfigurationError {
  return new ConfigurationError([
    `The installation's name can't be kept in ${file} (${reason}): set "installation", or name another artifacts.folder.`,
  ]);
}
