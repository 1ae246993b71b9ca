import { readFile } from 'node:fs/promises';
import path from 'node:path';

let script: Promise<string> | undefined;

/** The program of the page, in one piece: as the build made it, or made now when run from source. */
export function pageScript(): Promise<string> {
  script ??= readFile(path.join(__dirname, 'page.js'), 'utf8').catch(bundled);
  return script;
}

function bundled(error: unknown): Promise<string> {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a script of the build: the package doesn't have it, and gets here only from source
  const { bundlePage } = require('../../../scripts/bundle-page') as {
    bundlePage: () => Promise<string>;
  };
  return bundlePage();
}
