import { createRequire } from 'node:module';

type DuckDb = typeof import('@duckdb/node-api');
type Polyglot = typeof import('@polyglot-sql/sdk');

/** A package that the local Linkis needs isn't there; the message names the install command. */
export class MissingPeerError extends Error {
  override readonly name = 'MissingPeerError';
}

const requireHere = createRequire(__filename);

/** @throws MissingPeerError */
export function loadDuckDb(): DuckDb {
  return load<DuckDb>('@duckdb/node-api');
}

/** Ready to use: its WebAssembly is initialised. @throws MissingPeerError */
export async function loadPolyglot(): Promise<Polyglot> {
  const polyglot = load<Polyglot>('@polyglot-sql/sdk');
  await polyglot.init();
  return polyglot;
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
