import path from 'node:path';
import type { Limits } from '../contracts/limits';
import type { ArtifactSettings, S3Options, S3Settings } from './artifact-options';
import type { ConfigDefaults, ConnectionOptions } from './connection-options';
import { ConnectionRegistry } from './connections';
import type { Environment } from './environment';
import { ConfigurationError } from './errors';
import { pathText } from './mistakes';
import type { NotifyTargetOptions, NotifyTargetSettings } from './notify-schema';
import { NotifyTargets } from './notify-targets';
import type { OpenLineageTargetOptions } from './openlineage-options';
import type { OpenLineageTargetSettings } from './openlineage-schema';
import { OpenLineageTargets } from './openlineage-targets';
import type { ConnectionSettings } from './schema';
import type { SecretOption, SecretSource } from './secret-source';
import { SecretResolver } from './secrets';
import { readSettings } from './settings';

/** What jobs need of the configuration, whether it comes from a file or from code. */
export interface JobSettings {
  /** Connections by name. */
  readonly connections: Readonly<Record<string, ConnectionOptions | ConnectionSettings>>;
  /** What `{ secret: NAME }` in an input may name. @default none */
  readonly secrets?: Readonly<Record<string, SecretOption | SecretSource>>;
  /**
   * Names this deployment in the keys of its jobs: all its workers share it, and no other
   * deployment on the same account may have it. 1 to 32 of a-z, 0-9 and "-".
   * @default drawn once and kept in the artifact folder; the plugin asks for it with another store
   */
  readonly installation?: string;
  readonly defaults?: ConfigDefaults;
  /** How much a job may bring and take; see `Limits` for the defaults. */
  readonly limits?: Partial<Limits>;
  /** Folders that a worker may read input files from, for scheduled runs. @default none */
  readonly inputs?: { readonly roots?: readonly string[] };
  /** Where lineage may be published, by name. @default nowhere */
  readonly openlineage?: Readonly<
    Record<string, OpenLineageTargetOptions | OpenLineageTargetSettings>
  >;
  /** Webhooks that are told of failures, gates and approvals, by name. @default none */
  readonly notify?: Readonly<Record<string, NotifyTargetOptions | NotifyTargetSettings>>;
}

/** A folder, or a bucket. */
export type ArtifactOptions = { readonly folder: string } | { readonly s3: S3Options | S3Settings };

/** Where there is no artifact folder to keep a drawn name in, see `installationOf`. */
const defaultInstallation = 'default';

export interface OpenedSettings {
  readonly connections: ConnectionRegistry;
  readonly secrets: SecretResolver;
  readonly installation: string;
  readonly limits: Limits;
  /** Absolute. */
  readonly inputRoots: readonly string[];
  readonly openlineage: OpenLineageTargets;
  readonly notify: NotifyTargets;
  /** As they were given, checked; empty where they weren't. */
  readonly artifacts: ArtifactSettings;
}

/**
 * Checks settings that come from code, as strictly as a file's, and makes what the activities stand
 * on. Nothing is connected and no secret is read yet. Here, and not in a file, a secret may be
 * `{ value: … }`; files' relative paths begin at the working folder.
 *
 * @throws ConfigurationError with every mistake
 */
export function openSettings(
  settings: JobSettings & { readonly artifacts?: ArtifactOptions },
  env: Environment = process.env,
): OpenedSettings {
  const checked = readSettings(settings, { kind: 'code', folder: path.resolve() });
  if (Array.isArray(checked)) {
    throw new ConfigurationError(
      checked.map(({ path: at, problem }) => `${pathText(at) || 'the options'} ${problem}`),
    );
  }
  const secrets = new SecretResolver(checked.secrets, env);
  return {
    connections: new ConnectionRegistry(checked.connections, secrets, checked.defaults),
    secrets,
    installation: checked.installation ?? defaultInstallation,
    limits: checked.limits,
    inputRoots: checked.inputRoots,
    openlineage: new OpenLineageTargets(checked.openlineage, secrets),
    notify: new NotifyTargets(checked.notify, secrets),
    artifacts: checked.artifacts,
  };
}
