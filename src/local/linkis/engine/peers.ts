import type * as duckDb from '@duckdb/node-api';
import type * as polyglot from '@polyglot-sql/sdk';
import { createRequire } from 'node:module';

/** A package that the local Linkis needs isn't there; the message names the install command. */
export class MissingPeerError extends Error {
  override readonly name = 'MissingPeerError';
}

const requireHere = createRequire(__filename);

/** @throws MissingPeerError */
export function loadDuckDb(): typeof duckDb {
  return load<typeof duckDb>('@duckdb/node-api');
}

/** Ready to use: its WebAssembly is initialised. @throws MissingPeerError */
export async function loadPolyglot(): Promise<typeof polyglot> {
  const translator = load<typeof polyglot>('@polyglot-sql/sdk');
  await translator.init();
  return translator;
}

/** Both are optional peer dependencies, so that the plugin stays light: loaded when first needed. */
function load<T>(name: string): T {
  try {
    return requireHere(name) as T;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' || !message.includes(`'${name}'`)) throw error;
    throw new MissingPeerError(
      `The local Linkis needs the package ${name}, which isn't installed: ` +
        'npm install @duckdb/node-api @polyglot-sql/sdk',
    );
  }
}
