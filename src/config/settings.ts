import { defaultLimits, type Limits } from '../contracts/limits';
import { connectionName, vendors, type Vendor } from '../contracts/names';
import type { ArtifactSettings } from './artifact-options';
import { isGroup, shown, type Group, type SettingsOrigin } from './fields';
import type { LogSettings } from './log-settings';
import { mistakesOf, type Mistake, type SettingsPath } from './mistakes';
import { nearest } from './nearest';
import { readNotifyTargets, type NotifyTargetSettings } from './notify-schema';
import { readOpenLineageTargets, type OpenLineageTargetSettings } from './openlineage-schema';
import type { ConfigDefaults } from './connection-options';
import { connectionSchemas, rootSchema, type ConnectionSettings } from './schema';
import type { DeclaredSchedule } from './schedules';
import type { SecretSource } from './secret-source';

/** Settings as a file or a program gave them, checked; paths are absolute. */
export interface Settings {
  readonly installation?: string;
  readonly connections: Readonly<Record<string, ConnectionSettings>>;
  readonly secrets: Readonly<Record<string, SecretSource>>;
  readonly artifacts: ArtifactSettings;
  readonly inputRoots: readonly string[];
  readonly defaults: ConfigDefaults;
  /** Those that were set, over the defaults. */
  readonly limits: Limits;
  /** Schedules by name, as declared. */
  readonly schedules: Readonly<Record<string, DeclaredSchedule>>;
  /** Where a worker shows its metrics, `host:port`. */
  readonly metricsAddress?: string;
  /** Where a worker answers an orchestrator's probes, `host:port`. */
  readonly healthAddress?: string;
  readonly log: LogSettings;
  /** Where lineage may be published, by name. */
  readonly openlineage: Readonly<Record<string, OpenLineageTargetSettings>>;
  /** Webhooks by name. */
  readonly notify: Readonly<Record<string, NotifyTargetSettings>>;
}

/** Of which exactly one is given. */
const credentials: Readonly<Record<Vendor, readonly [string, ...string[]]>> = {
  sqlflow: ['secretKey', 'token'],
  linkis: ['password', 'token'],
};

/** Checks settings as a whole; the answer is the settings, or every mistake in them. */
export function readSettings(raw: unknown, origin: SettingsOrigin): Settings | Mistake[] {
  const root = rootSchema(origin);
  const mistakes = mistakesOf(root, raw ?? {});
  const connections = readConnections(raw, origin, mistakes);
  const openlineage = readOpenLineageTargets(
    isGroup(raw) ? raw['openlineage'] : undefined,
    origin,
    mistakes,
  );
  const notify = readNotifyTargets(isGroup(raw) ? raw['notify'] : undefined, origin, mistakes);
  mistakes.push(...unknownDefaults(raw, connections));
  const parsed = root.safeParse(raw ?? {});
  if (!parsed.success || mistakes.length > 0) return mistakes;
  const {
    installation,
    secrets,
    artifacts,
    inputs,
    defaults,
    limits,
    metrics,
    health,
    log,
    schedules,
  } = parsed.data;
  return {
    installation,
    connections: connections as Record<string, ConnectionSettings>,
    secrets: secrets ?? {},
    artifacts: artifacts ?? {},
    inputRoots: inputs?.roots ?? [],
    defaults: defaults ?? {},
    limits: withDefaults(limits ?? {}),
    schedules: schedules ?? {},
    metricsAddress: metrics?.address,
    healthAddress: health?.address,
    log: log ?? {},
    openlineage,
    notify,
  };
}

function withDefaults(set: { readonly [Name in keyof Limits]?: number | undefined }): Limits {
  const given = Object.entries(set).filter(([, value]) => value !== undefined);
  return { ...defaultLimits, ...Object.fromEntries(given) };
}

function readConnections(raw: unknown, origin: SettingsOrigin, mistakes: Mistake[]) {
  const found: Record<string, ConnectionSettings | { readonly type?: unknown }> = {};
  const connections = isGroup(raw) ? raw['connections'] : undefined;
  for (const [name, value] of Object.entries(isGroup(connections) ? connections : {})) {
    const path = ['connections', name];
    if (!connectionName.test(name)) {
      mistakes.push({
        path,
        problem: 'is no name for a connection: take up to 63 letters, digits, "_" and "-"',
        atKey: true,
      });
    }
    const read = readConnection(path, value, origin);
    if (Array.isArray(read)) mistakes.push(...read);
    found[name] = Array.isArray(read)
      ? { type: isGroup(value) ? vendorOf(path, value).vendor : undefined }
      : read;
  }
  return found;
}

/** Checks one connection. */
export function readConnection(
  path: SettingsPath,
  value: unknown,
  origin: SettingsOrigin,
): ConnectionSettings | Mistake[] {
  if (!isGroup(value)) {
    return [{ path, problem: 'must be settings by their names: type, url, …' }];
  }
  const { vendor, mistakes } = vendorOf(path, value);
  if (vendor === undefined) return mistakes;
  const schema = connectionSchemas(origin)[vendor];
  // A wrong type has been told; the rest is checked as if it were right.
  mistakes.push(...mistakesOf(schema, { ...value, type: vendor }, path).filter(notOf(mistakes)));
  mistakes.push(...credentialMistakes(path, value, vendor, mistakes));
  const parsed = schema.safeParse(value);
  return parsed.success && mistakes.length === 0 ? parsed.data : mistakes;
}

function vendorOf(path: SettingsPath, value: Group): { vendor?: Vendor; mistakes: Mistake[] } {
  const type = value['type'];
  const vendor = vendors.find((known) => known === type);
  if (vendor !== undefined) return { vendor, mistakes: [] };
  const known = vendors.join(' or ');
  if (type === undefined || type === null) {
    const typo = Object.keys(value).find((key) => nearest(key, ['type']) === 'type');
    if (typo === undefined) {
      return { mistakes: [{ path: [...path, 'type'], problem: `is missing: give ${known}` }] };
    }
    const problem = 'is no setting: did you mean "type"?';
    const vendor = vendors.find((one) => one === value[typo]);
    return { vendor, mistakes: [{ path: [...path, typo], problem, atKey: true }] };
  }
  const near = typeof type === 'string' ? nearest(type, vendors) : undefined;
  const problem = `must be ${known}, not ${shown(type)}`;
  return {
    vendor: vendors.find((one) => one === near),
    mistakes: [{ path: [...path, 'type'], problem }],
  };
}

/** Leaves out what has been told about the same setting. */
function notOf(told: readonly Mistake[]): (mistake: Mistake) => boolean {
  const paths = new Set(told.map((mistake) => JSON.stringify(mistake.path)));
  return (mistake) => !paths.has(JSON.stringify(mistake.path));
}

function credentialMistakes(
  path: SettingsPath,
  value: Group,
  vendor: Vendor,
  told: readonly Mistake[],
): Mistake[] {
  const known = credentials[vendor];
  const [given, ...more] = known.filter((key) => value[key] !== undefined);
  const mistakes: Mistake[] = more.map((key) => ({
    path: [...path, key],
    problem: `stands beside ${given}: give only one of them`,
    atKey: true,
  }));
  const mistyped = told.some(({ problem }) =>
    known.some((key) => problem.endsWith(`did you mean "${key}"?`)),
  );
  if (given === undefined && !mistyped) {
    mistakes.push({
      path: [...path, known[0]],
      problem: `is missing: give ${known.join(' or ')}, as { env: NAME } or { file: PATH }`,
    });
  }
  const users = value['users'];
  if (Array.isArray(users) && users.length > 0 && value['password'] !== undefined) {
    mistakes.push({
      path: [...path, 'users'],
      problem: 'needs a token: a password lets a connection act for its own user only',
      atKey: true,
    });
  }
  return mistakes;
}

function unknownDefaults(
  raw: unknown,
  connections: Readonly<Record<string, { readonly type?: unknown }>>,
): Mistake[] {
  const defaults = isGroup(raw) && isGroup(raw['defaults']) ? raw['defaults'] : {};
  return vendors.flatMap((vendor) => {
    const name = defaults[vendor];
    if (typeof name !== 'string' || name.trim() === '') return [];
    const known = Object.keys(connections).filter((one) => connections[one]?.type === vendor);
    if (known.includes(name)) return [];
    const remedy = known.length === 0 ? 'there is none' : `there is ${known.join(', ')}`;
    return [
      {
        path: ['defaults', vendor],
        problem: `names ${JSON.stringify(name)}, which is no connection of type ${vendor}: ${remedy}`,
      },
    ];
  });
}
