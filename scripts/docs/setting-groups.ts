import { z } from 'zod';
import { connectionSchemas, rootSchema } from '../../src/config/schema';

/** A part of the configuration. */
export interface SettingGroup {
  readonly heading: string;
  readonly words: string;
  /** The interface that says what stands in it. */
  readonly of: string;
  /** What the program reads; the interface has to say all of it. */
  readonly schema?: z.ZodType;
}

const origin = { kind: 'file', folder: '/' } as const;
const root = rootSchema(origin).shape;
const { sqlflow, linkis } = connectionSchemas(origin);

export const settingGroups: readonly SettingGroup[] = [
  {
    heading: 'connections.NAME of type sqlflow',
    of: 'SqlFlowConnectionOptions',
    schema: sqlflow,
    words: 'Exactly one of `secretKey` and `token` is given.',
  },
  {
    heading: 'connections.NAME of type linkis',
    of: 'LinkisConnectionOptions',
    schema: linkis,
    words: 'Exactly one of `password` and `token` is given.',
  },
  {
    heading: 'connections.NAME.quota',
    of: 'QuotaSettings',
    schema: sqlflow.shape.quota,
    words:
      'How it paces: [how much a service is asked](../configuration.md#how-much-a-service-is-asked).',
  },
  {
    heading: 'artifacts',
    of: 'ArtifactSettings',
    schema: root.artifacts,
    words: 'One of the two. More: [artifact stores](../artifact-stores.md).',
  },
  { heading: 'artifacts.s3', of: 'S3Options', words: '' },
  { heading: 'defaults', of: 'ConfigDefaults', schema: root.defaults, words: '' },
  {
    heading: 'limits',
    of: 'Limits',
    schema: root.limits,
    words: 'What is beyond a limit fails with `RemoteJob.TooLarge`.',
  },
  { heading: 'log', of: 'LogSettings', schema: root.log, words: '' },
  {
    heading: 'schedules.NAME',
    of: 'DeclaredSchedule',
    words: 'What `remote-jobs schedule apply` makes. More: [schedules](../schedules.md).',
  },
  {
    heading: 'openlineage.NAME with a url',
    of: 'OpenLineageEndpointOptions',
    words: 'A catalog. More: [OpenLineage](../openlineage.md).',
  },
  { heading: 'openlineage.NAME with a folder', of: 'OpenLineageFolderOptions', words: '' },
  { heading: 'notify.NAME', of: 'NotifyTargetOptions', words: 'A webhook.' },
];

/** What a group of the file is, where a table of its own says more or nothing more is to be said. */
const rootWords: Readonly<Record<string, string>> = {
  installation:
    'Names this deployment in every remote job: 1 to 32 of `a-z`, `0-9` and `-`. All its workers share it, and no other deployment on the same account may have it. | drawn once, and kept in the artifact store',
  connections:
    'Services, by the names that inputs and `--connection` give: letters, digits, `_` and `-`. | of the [environment](../configuration.md#environment)',
  secrets: 'What `{ secret: NAME }` in an input may name. | none',
  artifacts: 'Where logs, results, lineage and staged inputs go.',
  'inputs.roots': 'Folders that a worker may read input files from, for scheduled runs. | none',
  defaults: 'What holds where a command or an input says nothing.',
  limits: 'How much a job may bring and take.',
  'metrics.address': 'Where a worker shows its metrics, `host:port`. | nowhere',
  'health.address': "Where a worker answers an orchestrator's probes, `host:port`. | nowhere",
  log: 'What a worker tells on stderr.',
  schedules: 'Schedules by name. | none',
  openlineage: 'Where lineage may be published, by name. | nowhere',
  notify: 'Webhooks that are told of failures, gates and approvals, by name. | none',
};

/** The file's own settings: name, words, default. */
export function rootRows(): readonly (readonly [string, string, string])[] {
  const tables = settingGroups.map(({ heading }) => /^\w+/.exec(heading)?.[0]);
  return Object.entries<z.ZodType>(root)
    .flatMap(([name, schema]) =>
      tables.includes(name) ? [name] : (keysOf(schema)?.map((key) => `${name}.${key}`) ?? [name]),
    )
    .map((name) => {
      const said = rootWords[name];
      if (said === undefined)
        throw new Error(`scripts/docs/setting-groups.ts doesn't say what ${name} is.`);
      const [words = '', fallback = ''] = said.split(' | ');
      return [name, words, fallback];
    });
}

/** The keys of a group of settings, through all that makes it optional; undefined for another kind. */
export function keysOf(schema: z.ZodType): readonly string[] | undefined {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return keysOf(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodPipe) return keysOf(schema.in as z.ZodType);
  return undefined;
}
