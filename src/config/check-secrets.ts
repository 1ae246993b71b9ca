import { ConfigurationError } from './errors';
import type { ConnectionSettings } from './schema';
import type { SecretSource } from './secret-source';
import type { SecretResolver } from './secrets';

/**
 * Reads every secret once: of the connections, and those that inputs may name. For a worker's start
 * and `config check`, which would rather fail at once than at the first job.
 *
 * @returns a sentence for each that is missing
 */
export async function secretProblems(
  config: {
    readonly connections: Readonly<Record<string, ConnectionSettings>>;
    readonly secrets: Readonly<Record<string, SecretSource>>;
  },
  secrets: SecretResolver,
): Promise<readonly string[]> {
  const sources = Object.entries(config.secrets).map(
    ([name, source]): [string, SecretSource | undefined] => [`secrets.${name}`, source],
  );
  for (const [name, connection] of Object.entries(config.connections)) {
    const credentials =
      connection.type === 'sqlflow'
        ? { secretKey: connection.secretKey, token: connection.token }
        : { password: connection.password, token: connection.token };
    for (const [setting, source] of Object.entries(credentials)) {
      sources.push([`connections.${name}.${setting}`, source]);
    }
  }
  const problems: string[] = [];
  for (const [setting, source] of sources) {
    if (source === undefined) continue;
    try {
      await secrets.read(source, setting);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      problems.push(...error.problems);
    }
  }
  return problems;
}
