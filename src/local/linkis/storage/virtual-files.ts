import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { LocalRequest } from '../../http/exchange';
import { LinkisError } from '../envelope';
import { textOf } from '../parameters';

/**
 * The files that the service shows, below a folder of this machine. Paths may have any scheme or
 * none, and `../`, as on a real server; none of them leads out of the folder.
 */
export class VirtualFiles {
  readonly #root: string;
  readonly #scheme: string;

  constructor(root: string, scheme: string) {
    this.#root = root;
    this.#scheme = scheme;
  }

  /** Where a path of the service lies on disk. */
  onDisk(shown: string): string {
    return path.join(this.#root, absolute(shown));
  }

  /** @throws LinkisError where there is no such file */
  async check(shown: string): Promise<void> {
    const found = await stat(this.onDisk(shown)).catch(() => undefined);
    if (!found?.isFile()) throw missing(shown);
  }

  /** A path as the service shows it, with its scheme. */
  shown(shown: string): string {
    return this.#scheme + absolute(shown);
  }
}

function absolute(shown: string): string {
  const bare = shown.replace(/^[a-z][a-z\d+.-]*:\/\//i, '');
  return path.posix.normalize(`/${bare}`).replace(/(?<=.)\/$/, '');
}

/** @throws LinkisError */
export function pathIn(request: LocalRequest): string {
  const shown = textOf(request, 'path');
  if (shown) return shown;
  throw new LinkisError(80004, 'The parameter path is empty');
}

export function missing(shown: string): LinkisError {
  return new LinkisError(80004, `The file ${shown} does not exist`);
}
