import { z } from 'zod';
import { connectionName } from '../contracts/names';
import {
  baseUrl,
  count,
  filePath,
  isGroup,
  name,
  orUndefined,
  secretSource,
  shown,
  type SettingsOrigin,
} from './fields';
import { mistakesOf, type Mistake } from './mistakes';
import type { OpenLineageEndpointOptions, OpenLineageFolderOptions } from './openlineage-options';
import type { SecretSource } from './secret-source';

export type OpenLineageTargetSettings =
  OpenLineageEndpointOptions<SecretSource> | OpenLineageFolderOptions;

const example = 'http://marquez:5000/api/v1/lineage';
const spellings = ['lower', 'upper', 'written'] as const;
/** The transport's own. */
const taken = /^(host|connection|content-length|content-type|transfer-encoding)$/i;
const day = 24 * 60 * 60 * 1000;

function schemas(origin: SettingsOrigin) {
  const naming = {
    names: z
      .enum(spellings, {
        error: ({ input }) => `must be one of ${spellings.join(', ')}, not ${shown(input)}`,
      })
      .nullish()
      .transform(orUndefined),
    datasetNamespace: name('the namespace of the datasets', 'hive://metastore:9083')
      .nullish()
      .transform(orUndefined),
    jobNamespace: name('the namespace of the jobs', 'etl').nullish().transform(orUndefined),
    producer: z
      .url({ error: 'must be a URI, such as https://example.com/lineage' })
      .nullish()
      .transform(orUndefined),
  };
  const milliseconds = () => count('milliseconds', day);
  return {
    endpoint: z.strictObject({
      url: baseUrl(`give the address that takes events, such as ${example}`, /$^/).refine(
        (value) => !URL.canParse(value) || new URL(value).pathname !== '/',
        `names a server and no path on it: give the whole address, such as ${example}`,
      ),
      apiKey: secretSource(origin).optional(),
      headers: z
        .record(
          z
            .string()
            .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is no name for a header')
            .refine((header) => !taken.test(header), 'is set by itself: leave it out'),
          secretSource(origin),
          {
            error: (issue) =>
              issue.code === 'invalid_key'
                ? issue.issues[0]?.message
                : 'must be headers by their names',
          },
        )
        .nullish()
        .transform(orUndefined),
      ...naming,
      connectTimeoutMs: milliseconds(),
      headersTimeoutMs: milliseconds(),
      bodyTimeoutMs: milliseconds(),
      maxBodyBytes: count('bytes', 1024 ** 3),
      maxConnections: count('connections', 1024),
    }) satisfies z.ZodType<OpenLineageEndpointOptions<SecretSource>>,
    folder: z.strictObject({
      folder: filePath(origin, 'name a folder'),
      ...naming,
    }) satisfies z.ZodType<OpenLineageFolderOptions>,
  };
}

/** Checks the targets one by one; a mistake in one leaves the others. */
export function readOpenLineageTargets(
  raw: unknown,
  origin: SettingsOrigin,
  mistakes: Mistake[],
): Readonly<Record<string, OpenLineageTargetSettings>> {
  const found: Record<string, OpenLineageTargetSettings> = {};
  const { endpoint, folder } = schemas(origin);
  for (const [target, value] of Object.entries(isGroup(raw) ? raw : {})) {
    const path = ['openlineage', target];
    if (!connectionName.test(target)) {
      mistakes.push({
        path,
        problem: 'is no name for a target: take up to 63 letters, digits, "_" and "-"',
        atKey: true,
      });
    }
    if (!isGroup(value) || ('url' in value && 'folder' in value)) {
      const problem = isGroup(value)
        ? 'has a url and a folder: give one of them, and the other as a target of its own'
        : 'must be settings by their names: url, apiKey, … or folder';
      mistakes.push({ path, problem });
      continue;
    }
    const schema = 'folder' in value ? folder : endpoint;
    mistakes.push(...mistakesOf(schema, value, path));
    const parsed = schema.safeParse(value);
    if (parsed.success) found[target] = parsed.data;
  }
  return found;
}
