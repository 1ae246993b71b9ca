import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface PackageFile {
  readonly version: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** This package's own package.json; undefined where it is not beside the code. */
export function ownPackage(): PackageFile | undefined {
  // From dist/src/cli as from src/cli.
  for (const up of ['../../..', '../..']) {
    const file = path.join(__dirname, up, 'package.json');
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as PackageFile;
  }
  return undefined;
}
