import { isDeepStrictEqual } from 'node:util';
import type { ConnectionSettings } from './schema';

/** What a reload took, and what it left for the next start. */
export interface ReloadedConnections {
  /** Connections that go on with another credential. */
  readonly renewed: readonly string[];
  /** Settings that have changed and are only read at a start. */
  readonly ignored: readonly string[];
  /** Credentials that could not be read, in sentences; those before them stay. */
  readonly problems: readonly string[];
}

const credentials = ['secretKey', 'token', 'password'] as const;

/** The settings with the credentials of others, and what else differs between them. */
export function withCredentialsOf(
  settings: Readonly<Record<string, ConnectionSettings>>,
  newer: Readonly<Record<string, ConnectionSettings>>,
): {
  readonly taken: Readonly<Record<string, ConnectionSettings>>;
  readonly ignored: readonly string[];
} {
  const ignored: string[] = [];
  const taken: Record<string, ConnectionSettings> = {};
  for (const [name, now] of Object.entries(settings)) {
    const next = newer[name];
    if (next === undefined || next.type !== now.type) {
      ignored.push(`connections.${name}`);
      taken[name] = now;
      continue;
    }
    const [bare] = divided(now);
    const [nextBare, nextSecret] = divided(next);
    for (const key of new Set([...Object.keys(bare), ...Object.keys(nextBare)])) {
      if (!isDeepStrictEqual(bare[key], nextBare[key])) ignored.push(`connections.${name}.${key}`);
    }
    taken[name] = { ...bare, ...nextSecret } as unknown as ConnectionSettings;
  }
  for (const name of Object.keys(newer)) {
    if (settings[name] === undefined) ignored.push(`connections.${name}`);
  }
  return { taken, ignored };
}

function divided(settings: ConnectionSettings): [Record<string, unknown>, Record<string, unknown>] {
  const bare: Record<string, unknown> = { ...settings };
  const secret: Record<string, unknown> = {};
  for (const key of credentials) {
    if (bare[key] !== undefined) secret[key] = bare[key];
    delete bare[key];
  }
  return [bare, secret];
}
