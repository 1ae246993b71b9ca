import type { Vendor } from '../contracts/names';
import type { SettingsOrigin } from './fields';
import type { ConnectionSettings } from './schema';
import { readConnection } from './settings';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting of a connection, and the environment variable that holds it. */
const variables: Readonly<Record<Vendor, { readonly [setting: string]: string }>> = {
  sqlflow: {
    url: 'SQLFLOW_URL',
    userId: 'SQLFLOW_USER_ID',
    secretKey: 'SQLFLOW_SECRET_KEY',
    token: 'SQLFLOW_TOKEN',
  },
  linkis: {
    url: 'LINKIS_URL',
    user: 'LINKIS_USER',
    password: 'LINKIS_PASSWORD',
    token: 'LINKIS_TOKEN',
  },
};
const secretSettings = ['secretKey', 'password', 'token'];

/**
 * The connection that the environment describes, under its vendor's name; undefined where the
 * URL's variable is not set. A blank variable counts as not set.
 *
 * @param problems gets a sentence for each mistake
 */
export function environmentConnection(
  vendor: Vendor,
  env: Environment,
  origin: SettingsOrigin,
  problems: string[],
): ConnectionSettings | undefined {
  const names = variables[vendor];
  const raw: Record<string, unknown> = { type: vendor };
  for (const [setting, variable] of Object.entries(names)) {
    const value = env[variable];
    if (value === undefined || value.trim() === '') continue;
    raw[setting] = secretSettings.includes(setting) ? { env: variable } : value;
  }
  if (raw['url'] === undefined) return undefined;
  const read = readConnection([vendor], raw, origin);
  if (!Array.isArray(read)) return read;
  for (const { path, problem } of read) {
    const setting = String(path[1] ?? '');
    problems.push(`${names[setting] ?? setting} ${inVariables(problem, names)}`);
  }
  return undefined;
}

/** Speaks of variables where the problem speaks of settings. */
function inVariables(problem: string, names: Readonly<Record<string, string>>): string {
  return problem
    .replace(/, as \{ env: NAME \}.*$/, '')
    .replace(/\b(secretKey|password|token)\b/g, (setting) => names[setting] ?? setting);
}
