import { z } from 'zod';
import {
  baseUrl,
  count,
  filePath,
  name,
  orUndefined,
  requestQuota,
  secretSource,
  shown,
  socketAddress,
  text,
  type SettingsOrigin,
} from './fields';
import { artifactSchema } from './artifact-options';
import { limitBounds, type LimitName } from '../contracts/limits';
import type {
  ConfigDefaults,
  LinkisConnectionOptions,
  SqlFlowConnectionOptions,
} from './connection-options';
import { logFormats, logLevels } from './log-settings';
import { schedules } from './schedules';
import type { SecretSource } from './secret-source';

export type SqlFlowConnectionSettings = SqlFlowConnectionOptions<SecretSource>;
export type LinkisConnectionSettings = LinkisConnectionOptions<SecretSource>;
export type ConnectionSettings = SqlFlowConnectionSettings | LinkisConnectionSettings;

const day = 24 * 60 * 60 * 1000;
const milliseconds = () => count('milliseconds', day);

const transport = {
  connectTimeoutMs: milliseconds(),
  headersTimeoutMs: milliseconds(),
  bodyTimeoutMs: milliseconds(),
  maxBodyBytes: count('bytes', 1024 ** 3),
  maxConnections: count('connections', 1024),
};

const budget = {
  maxRequestsPerSecond: count('requests', 10_000),
  quota: requestQuota(),
};

const limits = Object.fromEntries(
  Object.entries(limitBounds).map(([limit, [unit, most]]) => [limit, count(unit, most)]),
) as Record<LimitName, ReturnType<typeof count>>;

/** The settings of one connection of each kind. That exactly one credential is given is checked apart. */
export function connectionSchemas(origin: SettingsOrigin) {
  const credential = secretSource(origin).optional();
  return {
    sqlflow: z.strictObject({
      type: z.literal('sqlflow'),
      url: baseUrl(
        'give the base address with its prefix, such as https://api.gudusoft.com/gspLive_backend',
        /\/sqlflow(\/.*)?$/,
      ),
      userId: name("the account's user id", 'gudu|0123456789'),
      secretKey: credential,
      token: credential,
      maxUploadBytes: count('bytes', 1024 ** 4),
      ...budget,
      ...transport,
    }) satisfies z.ZodType<SqlFlowConnectionSettings>,
    linkis: z.strictObject({
      type: z.literal('linkis'),
      url: baseUrl(
        "give the gateway's address, such as http://host:9001",
        /\/api\/rest_[js](\/.*)?$/,
      ),
      user: name('the Linkis user', 'hadoop'),
      password: credential,
      token: credential,
      users: z
        .array(name('a Linkis user', 'alice'), list('users'))
        .nullish()
        .transform(orUndefined),
      creator: name('a creator', 'remotejobs').nullish().transform(orUndefined),
      submitTimeoutMs: milliseconds(),
      lostAfterMs: milliseconds(),
      downloadTimeoutMs: milliseconds(),
      liveBudget: count('tasks', 10_000),
      ...budget,
      ...transport,
    }) satisfies z.ZodType<LinkisConnectionSettings>,
  };
}

/** Everything but the connections, which {@link connectionSchemas} check one by one. */
export function rootSchema(origin: SettingsOrigin) {
  return z.strictObject(
    {
      installation: z
        .custom<string>((value) => typeof value === 'string' && /^[a-z0-9-]{1,32}$/.test(value), {
          error: ({ input }) => `must have 1 to 32 of a-z, 0-9 and "-", not ${shown(input)}`,
        })
        .nullish()
        .transform(orUndefined),
      connections: group('connections').nullish(),
      secrets: z
        .record(z.string(), secretSource(origin), { error: 'must be secrets by their names' })
        .nullish(),
      artifacts: artifactSchema(origin).nullish(),
      inputs: settings({
        roots: z
          .array(filePath(origin, 'name a folder'), list('folders'))
          .nullish()
          .transform(orUndefined),
      }),
      defaults: settings({
        sqlflow: text('name a connection').nullish().transform(orUndefined),
        linkis: text('name a connection').nullish().transform(orUndefined),
        taskQueue: name('a task queue', 'remote-jobs').nullish().transform(orUndefined),
      } satisfies Record<keyof ConfigDefaults, z.ZodType>),
      limits: settings(limits),
      metrics: settings({ address: socketAddress('127.0.0.1:9464') }),
      health: settings({ address: socketAddress('127.0.0.1:8090') }),
      log: settings({ format: choice(logFormats), level: choice(logLevels) }),
      schedules,
      openlineage: group('targets').nullish(),
      notify: group('targets').nullish(),
    },
    { error: 'must be settings by their names, such as "connections:"' },
  );
}

function settings<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .strictObject(shape, {
      error: `must be settings by their names (${Object.keys(shape).join(', ')})`,
    })
    .nullish();
}

function choice<const Words extends readonly string[]>(words: Words) {
  return z
    .enum(words, {
      error: ({ input }) => `must be one of ${words.join(', ')}, not ${shown(input)}`,
    })
    .nullish()
    .transform(orUndefined);
}

function group(of: string) {
  return z.record(z.string(), z.unknown(), { error: `must be ${of} by their names` });
}

function list(of: string) {
  return { error: `must be a list of ${of}` };
}
