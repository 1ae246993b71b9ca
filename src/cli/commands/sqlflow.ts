import path from 'node:path';
import { Option } from 'commander';
import { fullVendor } from '../../clients/sqlflow/status';
import { submissionWarnings } from '../../clients/sqlflow/submission';
import type {
  SqlFlowJobBase,
  SqlFlowJobInput,
  SqlFlowPersistJobInput,
} from '../../contracts/sqlflow';
import { command } from '../command';
import { usageError } from '../errors';
import { exitCodes } from '../exit-codes';
import { count } from '../preview';
import { runJob } from '../run-job';
import { runOptions, type RunOptions } from '../run-options';
import {
  databaseOf,
  databaseOptions,
  exportOptions,
  exportsOf,
  type DatabaseOptions,
  type ExportOptions,
} from '../sqlflow-options';
import type { Session } from '../session';
import { renderTable } from '../tables';

export interface SqlFlowRunOptions extends RunOptions, ExportOptions, DatabaseOptions {
  readonly dbvendor?: string;
  readonly name?: string;
  readonly defaultDatabase?: string;
  readonly defaultSchema?: string;
  readonly persist?: boolean;
  readonly jobId?: string;
  readonly incremental: boolean;
  readonly afterExport?: 'keep' | 'delete';
  readonly onCancel?: 'delete' | 'abandon';
}

export const sqlflowRun = command<SqlFlowRunOptions, [readonly string[]]>({
  name: 'sqlflow run',
  summary: 'run a lineage job: submit, wait, export',
  description: `Submits SQL files, zips or a database as a SQLFlow job, waits for it, and exports its lineage.
A simple job is deleted on cancel, since SQLFlow has no kill; a job with --persist never is.`,
  arguments: [{ usage: '[FILE...]', description: 'SQL files and zips' }],
  options: [
    new Option('--dbvendor <V>', 'the SQL dialect: dbvhive, dbvoracle, … or hive, oracle, …'),
    new Option('--name <N>', 'a readable job name (default: of the file, or of the folder)'),
    new Option('--default-database <NAME>', 'the database of names that have none'),
    new Option('--default-schema <NAME>', 'the schema of names that have none'),
    new Option('--persist', 'a regular job, to which later runs can add'),
    new Option('--job-id <ID>', 'with --persist: add to this job'),
    new Option('--no-incremental', 'with --persist: replace what the job holds'),
    ...exportOptions,
    new Option('--after-export <WHAT>', 'keep the job in the account, or delete it').choices([
      'keep',
      'delete',
    ]),
    new Option('--on-cancel <WHAT>', 'delete the job when it is cancelled, or abandon it').choices([
      'delete',
      'abandon',
    ]),
    ...runOptions,
    ...databaseOptions,
  ],
  output: ['detached', 'ended'],
  examples: [
    'remote-jobs sqlflow run etl/*.sql --dbvendor hive --out lineage',
    'remote-jobs sqlflow run warehouse.zip --dbvendor oracle --persist --export json,csv',
    'remote-jobs sqlflow run new.sql --dbvendor hive --persist --job-id 3f0c… --out lineage',
    'remote-jobs sqlflow run --dbvendor mssql --database-host db --database-port 1433 \\',
    '    --database-account reader --database-password-secret WAREHOUSE --database-name dwh',
  ],
  run: async (session, options, files) => {
    const typed = await sqlflowJobOf(session, options, files);
    const shared = {
      session,
      options,
      warnings: submissionWarnings(typed.job.dbVendor),
      attached: false,
      logs: false,
      separator: options.delimiter,
      files,
    };
    if (typed.type === 'sqlflowPersistJob') {
      return runJob(typed.type, {
        ...shared,
        input: (staged) => ({ ...typed.job, files: staged }),
      });
    }
    return runJob(typed.type, { ...shared, input: (staged) => ({ ...typed.job, files: staged }) });
  },
});

/** What was typed, as a job: all but the files. */
export async function sqlflowJobOf(
  session: Session,
  options: SqlFlowRunOptions,
  files: readonly string[],
): Promise<
  | { readonly type: 'sqlflowJob'; readonly job: Omit<SqlFlowJobInput, 'files'> }
  | { readonly type: 'sqlflowPersistJob'; readonly job: Omit<SqlFlowPersistJobInput, 'files'> }
> {
  if (options.dbvendor === undefined) {
    throw usageError('--dbvendor is missing; give the SQL dialect, such as dbvhive.');
  }
  const base = {
    ...exportsOf(options),
    connection: await session.connectionName('sqlflow', options.connection),
    jobName: options.name ?? defaultName(files, options, session.context.cwd),
    dbVendor: fullVendor(options.dbvendor),
    database: databaseOf(options),
    defaultDatabase: options.defaultDatabase,
    defaultSchema: options.defaultSchema,
    timeoutMs: options.deadline,
  } satisfies SqlFlowJobBase;
  if (files.length === 0 && base.database === undefined) {
    throw usageError(
      'No files: name at least one SQL file or zip, or a database with --database-host.',
    );
  }
  if (options.persist === true) {
    refuse(options.afterExport, '--after-export', 'a job with --persist, which is never deleted');
    refuse(options.onCancel, '--on-cancel', 'a job with --persist, which is never deleted');
    const { jobId, incremental } = options;
    return { type: 'sqlflowPersistJob', job: { ...base, jobId, incremental } };
  }
  refuse(options.jobId, '--job-id', 'a simple job: add --persist');
  if (!options.incremental) throw usageError('--no-incremental goes with --persist.');
  const { afterExport, onCancel } = options;
  return { type: 'sqlflowJob', job: { ...base, afterExport, onCancel } };
}

export const sqlflowAttach = command<RunOptions & ExportOptions, [string]>({
  name: 'sqlflow attach',
  summary: 'follow and export a job that somebody else submitted',
  description:
    'Follows a job of the account to its end and exports its lineage. A cancel leaves the job alone.',
  arguments: [{ usage: '<JOBID>', description: "SQLFlow's jobId, as `sqlflow jobs` lists it" }],
  options: [...exportOptions, ...runOptions],
  output: ['detached', 'ended'],
  examples: ['remote-jobs sqlflow attach 3f0c… --out lineage'],
  run: async (session, options, jobId) => {
    const connection = await session.connectionName('sqlflow', options.connection);
    return runJob('sqlflowAttach', {
      session,
      options,
      attached: true,
      logs: false,
      separator: options.delimiter,
      files: [],
      input: () => ({
        ...exportsOf(options),
        connection,
        jobId,
        timeoutMs: options.deadline,
      }),
    });
  },
});

export const sqlflowJobs = command<{ connection?: string }>({
  name: 'sqlflow jobs',
  summary: 'all jobs of the account',
  description:
    'Lists the jobs of the SQLFlow account, asked of the service itself with the connection that is configured here.',
  options: [new Option('--connection <NAME>', 'which connection, where there are several')],
  output: ['sqlflowJobs'],
  examples: ['remote-jobs sqlflow jobs', 'remote-jobs sqlflow jobs --output json | jq .jobs'],
  run: async (session, { connection }) => {
    const { connections } = await session.settings();
    const { name, client } = await connections.sqlflow(connection);
    const list = await client.displayUserJobsSummary(AbortSignal.timeout(60_000));
    const { output } = session;
    output.json({ connection: name, ...list });
    output.print(
      renderTable({
        columns: ['jobId', 'name', 'dialect', 'status', 'created'],
        rows: list.jobs.map((job) => [
          job.jobId,
          job.jobName,
          job.dbVendor ?? '',
          job.status,
          job.createTime ?? '',
        ]),
        width: output.columns,
        heading: output.colors.dim,
      }),
    );
    output.say(`${count(list.jobs.length, 'job')} on connection ${name}`);
    return exitCodes.done;
  },
});

/** The folder of several files, the only file, or the database. */
function defaultName(files: readonly string[], options: SqlFlowRunOptions, cwd: string): string {
  const [first] = files;
  if (first === undefined) return options.databaseName ?? options.databaseHost ?? 'job';
  const folders = new Set(
    files.map((file) => path.basename(path.dirname(path.resolve(cwd, file)))),
  );
  const [folder] = folders;
  if (files.length > 1 && folders.size === 1 && folder) return folder;
  return path.parse(first).name || first;
}

function refuse(value: unknown, flag: string, what: string): void {
  if (value !== undefined) throw usageError(`${flag} doesn't go with ${what}.`);
}
