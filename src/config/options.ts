import { z } from 'zod';
import { ConnectionRegistry } from './connections';
import { ConfigurationError } from './errors';
import {
  connectionsSchema,
  installationSchema,
  secretSourceSchema,
  type ConnectionSettings,
  type SecretSource,
} from './schema';
import { SecretResolver } from './secrets';

/** What jobs need of the configuration, whether it comes from a file or from code. */
export interface JobSettings {
  /** Connections by name. */
  readonly connections: Readonly<Record<string, ConnectionSettings>>;
  /** What `{ secret: NAME }` in an input may name. @default none */
  readonly secrets?: Readonly<Record<string, SecretSource>>;
  /**
   * Names this deployment in the keys of its jobs: all its workers share it, and no other
   * deployment on the same account may have it. @default 'default'
   */
  readonly installation?: string;
}

export const defaultInstallation = 'default';

const jobSettingsSchema = z.strictObject({
  connections: connectionsSchema,
  secrets: z.record(z.string(), secretSourceSchema).optional(),
  installation: installationSchema.optional(),
});

export interface OpenedSettings {
  readonly connections: ConnectionRegistry;
  readonly secrets: SecretResolver;
  readonly installation: string;
}

/**
 * Checks settings that come from code, and makes what the activities stand on. Nothing is connected
 * and no secret is read yet.
 *
 * @throws ConfigurationError with every mistake
 */
export function openSettings(
  settings: JobSettings,
  env: Readonly<Record<string, string | undefined>> = process.env,
): OpenedSettings {
  const checked = jobSettingsSchema.safeParse(settings);
  if (!checked.success) {
    throw new ConfigurationError(
      checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    );
  }
  const { connections, secrets = {}, installation = defaultInstallation } = checked.data;
  const resolver = new SecretResolver(secrets, env);
  return {
    connections: new ConnectionRegistry(connections, resolver),
    secrets: resolver,
    installation,
  };
}
