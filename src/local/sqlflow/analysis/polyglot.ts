import { createRequire } from 'node:module';

/** The parts of `@polyglot-sql/sdk` that the lineage engine stands on. */
export interface Polyglot {
  init(): Promise<void>;
  parse(sql: string, dialect: string): PolyglotParse;
  generate(tree: unknown, dialect: string): { success: boolean; sql?: string[] | null };
}

export interface PolyglotParse {
  readonly success: boolean;
  /** One tree for each statement. */
  readonly ast?: unknown;
  readonly error?: string | null;
  /** In code points from the start of the text. */
  readonly errorStart?: number | null;
}

/** The SQL parser is an optional peer dependency, and it isn't there. */
export class LineageEngineMissingError extends Error {
  constructor(options?: ErrorOptions) {
    super(
      'The local SQLFlow needs @polyglot-sql/sdk to read SQL. Install it: npm install @polyglot-sql/sdk',
      options,
    );
    this.name = 'LineageEngineMissingError';
  }
}

let loaded: Promise<Polyglot> | undefined;

/**
 * Loads the parser once and makes it ready.
 *
 * @throws LineageEngineMissingError when `@polyglot-sql/sdk` isn't installed
 */
export function loadPolyglot(): Promise<Polyglot> {
  return (loaded ??= load());
}

async function load(): Promise<Polyglot> {
  let sdk: Polyglot;
  try {
    // Not by import(): Jest, in which applications test against this, can't do that in a CommonJS module.
    sdk = createRequire(__filename)('@polyglot-sql/sdk') as Polyglot;
  } catch (cause) {
    loaded = undefined;
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new LineageEngineMissingError({ cause });
  }
  await sdk.init();
  return sdk;
}
