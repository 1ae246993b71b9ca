import { z } from 'zod';
import { orUndefined, shown, text } from '../config/fields';
import { duration, flag, list, oneOf, required, wholeNumber } from './fields';

const formats = ['json', 'csv', 'graphml'] as const;
const linkisScalar = z.union([z.string(), z.number(), z.boolean()], {
  error: ({ input }) => `must be text, a number or a boolean, not ${shown(input)}`,
});
const linkisValue = z.union(
  [
    z.string(),
    z.number(),
    z.boolean(),
    z.strictObject({ secret: z.string().describe("A name under the worker's `secrets:`") }),
  ],
  {
    error: ({ input }) =>
      `must be text, a number, a boolean or { secret: NAME }, not ${shown(input)}`,
  },
);

function values<Value extends z.ZodType>(of: Value, what: string) {
  return z
    .record(z.string(), of, { error: `must be ${what} by their names` })
    .nullish()
    .transform(orUndefined)
    .describe(what);
}

function optionalText(what: string) {
  return text(what).nullish().transform(orUndefined);
}

const connection = optionalText('give the name of a connection').describe(
  'A connection of the configuration; needed only where there are several of the kind',
);

export const linkisBody = z
  .strictObject(
    {
      connection,
      code: optionalText('give the code').describe('The code itself; or a file of it'),
      file: optionalText('give a file').describe(
        "A file with the code, seen from the pipeline's folder",
      ),
      engine: required('the engine with its version, such as spark-2.4.3').describe(
        'The engine with its version, such as spark-2.4.3',
      ),
      runType: required('the kind of code, such as sql, hql or py').describe(
        'The kind of code: sql, hql, py, scala, shell, …',
      ),
      variables: values(linkisValue, 'Values for ${name} in the code'),
      runtime: values(linkisValue, 'Runtime parameters of the task'),
      startup: values(linkisValue, 'Startup parameters of the engine'),
      source: values(z.string({ error: 'must be text' }), 'Texts that are kept with the task'),
      labels: values(linkisScalar, 'More labels'),
      creator: optionalText('give a name').describe('Who asks; never IDE, which limits results'),
      user: optionalText('give a user').describe('The user that the task runs as'),
      endpoint: oneOf(['submit', 'execute']).describe('1.x submit, or the 0.x-compatible execute'),
      executeApplicationName: optionalText('give a name').describe('0.x only'),
      requestApplicationName: optionalText('give a name').describe('0.x only'),
      format: oneOf(['csv', 'jsonl', 'parquet', 'xlsx']).describe('What result sets become'),
      resubmit: z
        .strictObject(
          {
            maxAttempts: wholeNumber('submissions', 2, 10),
            when: list('reasons such as canRetry, timedOut, failed, lost, code:PATTERN'),
          },
          { error: 'must be { maxAttempts: …, when: […] }' },
        )
        .nullish()
        .transform(orUndefined)
        .describe('Submits a failed task again, within the step'),
    },
    { error: 'must be the settings of a Linkis task (code or file, engine, runType, …)' },
  )
  .describe('A task on Apache Linkis');

const lineageSettings = z
  .strictObject({
    ignoreFunction: flag(),
    ignoreRecordSet: flag(),
    showConstantTable: flag(),
    showTransform: flag(),
    showRelationType: optionalText('give fdd, frd, fdr, join, with commas between them'),
    treatArgumentsInCountFunctionAsDirectDataflow: flag(),
  })
  .nullish()
  .transform(orUndefined);

const exported = {
  exports: z
    .array(z.enum(formats, { error: `must be one of ${formats.join(', ')}` }), {
      error: `must be a list of ${formats.join(', ')}`,
    })
    .nullish()
    .transform(orUndefined)
    .describe('Formats to export; all three where none is named'),
  tableToTable: flag().describe('Lineage between tables, in place of columns'),
  delimiter: optionalText('give one character').describe('Between CSV fields'),
  exportSettings: lineageSettings.describe('How the exports show lineage'),
  partialSuccess: oneOf(['accept', 'fail']).describe('What it means that some files didn’t parse'),
};

const dialect = {
  dbvendor: required('the SQL dialect, such as dbvhive').describe(
    'The SQL dialect: dbvhive, dbvoracle, … or hive, oracle, …',
  ),
  defaultDatabase: optionalText('give a name').describe('The database of names that have none'),
  defaultSchema: optionalText('give a name').describe('The schema of names that have none'),
};

const files = list("files, folders or globs, seen from the pipeline's folder").describe(
  "SQL files, folders and globs, seen from the pipeline's folder; !glob leaves out",
);
const base = optionalText('give a folder').describe('The folder below which files are named');

export const sqlflowBody = z
  .strictObject(
    {
      connection,
      name: optionalText('give a name').describe(
        "The job's readable name; the pipeline's and the step's where none is given",
      ),
      ...dialect,
      files,
      base,
      database: z
        .strictObject({
          hostname: required('the host'),
          port: wholeNumber('port', 1, 65_535),
          account: required('the account'),
          password: z.strictObject(
            { secret: z.string() },
            { error: "must be { secret: NAME }, a name under the worker's secrets" },
          ),
          database: optionalText('give a name'),
          sqlSource: optionalText('give the kind of database'),
          extractedDbsSchemas: optionalText('give db/schema, with commas between them'),
          excludedDbsSchemas: optionalText('give db/schema, with commas between them'),
          extractedStoredProcedures: optionalText('give names, with commas between them'),
          extractedViews: optionalText('give names, with commas between them'),
        })
        .nullish()
        .transform(orUndefined)
        .describe('A database that SQLFlow reads its SQL from, in place of files'),
      persist: flag().describe('A regular job, which stays and takes more files later'),
      jobId: optionalText('give a job id').describe('The persist job to add to'),
      incremental: flag().describe('Of a persist job'),
      ...exported,
      settings: lineageSettings.describe('Of a simple job: what it looks at'),
      parallel: flag(),
      onTop: flag(),
      onCancel: oneOf(['delete', 'abandon']).describe(
        'SQLFlow has no kill: a cancelled simple job is deleted, or runs on',
      ),
      afterExport: oneOf(['keep', 'delete']).describe(
        "Whether the job stays in the account's list",
      ),
    },
    { error: 'must be the settings of a SQLFlow job (files, dbvendor, …)' },
  )
  .describe('A lineage job on SQLFlow');

export const chainBody = z
  .strictObject(
    {
      name: required("the chain's name").describe("The chain's name"),
      connection,
      ...dialect,
      files,
      filesFrom: list('files that name files').describe('Files that name the files, one a line'),
      changedSince: optionalText('give a git revision').describe(
        'Only what differs from this git revision of the checkout',
      ),
      base,
      send: oneOf(['changed', 'all']),
      removed: oneOf(['rebuild', 'note']).describe('What a removed file means'),
      rebuild: flag().describe('Make a new job of all files'),
      rebuildEvery: wholeNumber('refreshes', 1, 1_000_000).nullish().transform(orUndefined),
      replaced: oneOf(['delete', 'keep']),
      ...exported,
      gate: z
        .strictObject(
          {
            maxRemovedEdges: wholeNumber('edges', 0, 1e9).nullish().transform(orUndefined),
            maxRemovedPercent: z
              .number({ error: 'must be a share in percent' })
              .gt(0, 'must be above 0')
              .max(100, 'must be at most 100')
              .nullish()
              .transform(orUndefined),
            maxParseErrors: wholeNumber('errors', 0, 1e9).nullish().transform(orUndefined),
            protect: list('datasets such as mart.*'),
            onClosed: oneOf(['fail', 'approve']),
            approveWithin: duration('24h'),
          },
          { error: 'must be limits by their names (maxRemovedEdges, protect, …)' },
        )
        .nullish()
        .transform(orUndefined)
        .describe('When a refresh must not become the latest revision by itself'),
      publish: optionalText('give a target').describe(
        'Sends OpenLineage events to this target of the configuration',
      ),
      keepRevisions: wholeNumber('revisions', 1, 1_000_000).nullish().transform(orUndefined),
    },
    { error: 'must be the settings of a refresh (name, files, dbvendor, …)' },
  )
  .describe('A refresh of a persist chain');

export const approvalBody = z
  .strictObject(
    {
      message: required('what is to be approved').describe('What whoever approves is asked'),
      timeout: duration('24h').describe('How long an answer is waited for; 24h'),
    },
    { error: 'must be { message: … }' },
  )
  .describe('Waits until somebody approves: remote-jobs approve ID STEP');

export type LinkisBody = z.output<typeof linkisBody>;
export type SqlFlowBody = z.output<typeof sqlflowBody>;
export type ChainBody = z.output<typeof chainBody>;
export type ApprovalBody = z.output<typeof approvalBody>;
