import path from 'node:path';

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

  /** A path as the service shows it, with its scheme. */
  shown(shown: string): string {
    return this.#scheme + absolute(shown);
  }
}

function absolute(shown: string): string {
  const bare = shown.replace(/^[a-z][a-z\d+.-]*:\/\//i, '');
  return path.posix.normalize(`/${bare}`).replace(/(?<=.)\/$/, '');
}
