import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defaultLimits, type Limits } from '../contracts/limits';
import { vendors } from '../contracts/names';
import type { ArtifactSettings } from './artifact-options';
import { environmentConnection, type Environment } from './environment';
import { ConfigurationError } from './errors';
import type { LogSettings } from './log-settings';
import { pathText } from './mistakes';
import type { ConfigDefaults } from './connection-options';
import type { ConnectionSettings } from './schema';
import type { NotifyTargetSettings } from './notify-schema';
import type { OpenLineageTargetSettings } from './openlineage-schema';
import type { DeclaredSchedule } from './schedules';
import type { SecretSource } from './secret-source';
import { readSettings, type Settings } from './settings';
import { YamlSettings } from './yaml-settings';

/** Everything a worker or the CLI is configured with; no secret is read yet. */
export interface RemoteJobsConfig {
  /** The file it was read from, absolute; undefined where there is none. */
  readonly file?: string;
  /** Undefined: drawn once and kept in the artifact store. */
  readonly installation?: string;
  readonly connections: Readonly<Record<string, ConnectionSettings>>;
  /** What `{ secret: NAME }` in an input may name. */
  readonly secrets: Readonly<Record<string, SecretSource>>;
  /** A bucket where one is named; else, and for a dev stack, the folder. */
  readonly artifacts: ArtifactSettings & { readonly folder: string };
  /** Absolute folders that a worker may read input files from. */
  readonly inputs: { readonly roots: readonly string[] };
  readonly defaults: ConfigDefaults;
  readonly limits: Limits;
  /** Schedules by name, for `schedule apply`. */
  readonly schedules: Readonly<Record<string, DeclaredSchedule>>;
  /** Where a worker shows its metrics, `host:port`; undefined where it shows none. */
  readonly metrics?: { readonly address: string };
  /** Where a worker answers an orchestrator's probes, `host:port`; undefined where nowhere. */
  readonly health?: { readonly address: string };
  /** What a worker tells on stderr. */
  readonly log: LogSettings;
  /** Where lineage may be published, by name. */
  readonly openlineage: Readonly<Record<string, OpenLineageTargetSettings>>;
  /** Webhooks that are told what happens, by name. */
  readonly notify: Readonly<Record<string, NotifyTargetSettings>>;
}

/** Where a configuration is looked for. */
export interface LoadConfigOptions {
  /** `--config FILE`. @default `REMOTE_JOBS_CONFIG`, else `remote-jobs.yaml` in `cwd` if there is one */
  readonly file?: string;
  readonly env: Environment;
  readonly cwd: string;
}

const defaultFile = 'remote-jobs.yaml';
const defaultArtifactFolder = 'remote-jobs-artifacts';

/**
 * Reads the configuration: a YAML (or JSON) file, and for a vendor that it names no connection of,
 * the environment. Relative paths begin at the file's folder, without a file at `cwd`.
 *
 * @throws ConfigurationError with every mistake at its `file:line:column`
 */
export function loadConfig({ file, env, cwd }: LoadConfigOptions): RemoteJobsConfig {
  const found = findFile(file, env, cwd);
  if (found === undefined) return withEnvironment(emptySettings, env, cwd);
  const shown = path.relative(cwd, found).startsWith('..') ? found : path.relative(cwd, found);
  const yaml = new YamlSettings(readText(found, shown));
  const folder = path.dirname(found);
  if (yaml.syntaxMistakes.length > 0) {
    throw new ConfigurationError(
      yaml.syntaxMistakes.map(
        ({ line, column, problem }) => `${shown}:${line}:${column}: ${problem}`,
      ),
    );
  }
  const settings = readSettings(yaml.value, { kind: 'file', folder });
  if (!Array.isArray(settings)) {
    return { file: found, ...withEnvironment(settings, env, folder) };
  }
  const problems = settings
    .map((mistake) => ({ ...yaml.locate(mistake), mistake }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, mistake: { path: at, problem } }) => {
      const subject = at.length === 0 ? 'the file' : pathText(at);
      return `${shown}:${line}:${column}: ${subject} ${problem}`;
    });
  throw new ConfigurationError(problems);
}

const emptySettings: Settings = {
  connections: {},
  secrets: {},
  artifacts: {},
  inputRoots: [],
  defaults: {},
  limits: defaultLimits,
  schedules: {},
  openlineage: {},
  notify: {},
  log: {},
};

function findFile(file: string | undefined, env: Environment, cwd: string): string | undefined {
  const named = file ?? (env['REMOTE_JOBS_CONFIG'] || undefined);
  if (named !== undefined) return path.resolve(cwd, named);
  const usual = path.join(cwd, defaultFile);
  return existsSync(usual) ? usual : undefined;
}

function readText(file: string, shown: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? "doesn't exist"
        : code === 'EISDIR'
          ? 'is a folder'
          : `can't be read (${code})`;
    throw new ConfigurationError([
      `the configuration file ${shown} ${reason}: check --config and REMOTE_JOBS_CONFIG`,
    ]);
  }
}

/** Adds the environment's connections for the vendors that have none yet. */
function withEnvironment(settings: Settings, env: Environment, folder: string): RemoteJobsConfig {
  const problems: string[] = [];
  const connections: Record<string, ConnectionSettings> = { ...settings.connections };
  const named = new Set(Object.values(settings.connections).map(({ type }) => type));
  for (const vendor of vendors) {
    if (named.has(vendor) || connections[vendor] !== undefined) continue;
    const found = environmentConnection(vendor, env, { kind: 'file', folder }, problems);
    if (found !== undefined) connections[vendor] = found;
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return {
    installation: settings.installation,
    connections,
    secrets: settings.secrets,
    artifacts: { folder: path.join(folder, defaultArtifactFolder), ...settings.artifacts },
    inputs: { roots: settings.inputRoots },
    defaults: settings.defaults,
    limits: settings.limits,
    schedules: settings.schedules,
    openlineage: settings.openlineage,
    notify: settings.notify,
    log: settings.log,
    ...(settings.metricsAddress !== undefined && {
      metrics: { address: settings.metricsAddress },
    }),
    ...(settings.healthAddress !== undefined && {
      health: { address: settings.healthAddress },
    }),
  };
}
