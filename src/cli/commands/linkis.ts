import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import type { LinkisTaskInput, ResultFormat } from '../../contracts/linkis';
import { defaultLimits, LimitError } from '../../contracts/limits';
import type { ResubmitPolicy, ResubmitReason } from '../../contracts/resubmit';
import { collected, command } from '../command';
import { usageError } from '../errors';
import { keyValues, taskValues } from '../key-values';
import { runJob } from '../run-job';
import { runOptions, type RunOptions } from '../run-options';
import type { Session } from '../session';

export interface LinkisRunOptions extends RunOptions {
  readonly code?: string;
  readonly file?: string;
  readonly engine?: string;
  readonly runType?: string;
  readonly var?: readonly string[];
  readonly runtime?: readonly string[];
  readonly startup?: readonly string[];
  readonly source?: readonly string[];
  readonly label?: readonly string[];
  readonly creator?: string;
  readonly user?: string;
  readonly endpoint?: 'submit' | 'execute';
  readonly executeApplication?: string;
  readonly requestApplication?: string;
  readonly format?: ResultFormat;
  readonly resubmit?: string;
  readonly resubmitWhen?: string;
}

const formatOption = new Option(
  '--format <FORMAT>',
  'what result sets become (default: csv)',
).choices(['csv', 'jsonl', 'parquet', 'xlsx']);

function repeated(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be repeated`).argParser(collected);
}

export const linkisRun = command<LinkisRunOptions>({
  name: 'linkis run',
  summary: 'run a task: submit, follow its log, fetch its results',
  description: `Submits code to an engine, follows its log and progress, and fetches every result set.
On cancel the task is killed, and the end is proven by jobhistory.

A value of --var, --runtime or --startup that is secret is given by name, as @secret:NAME; the
worker's configuration says where it is.`,
  options: [
    new Option('--code <SQL>', 'the code'),
    new Option('--file <F>', 'a file that holds the code'),
    new Option('--engine <E>', 'the engine with its version, such as spark-2.4.3'),
    new Option('--run-type <T>', 'the kind of code: sql, hql, py, scala, shell, …'),
    repeated('--var <k=v>', 'a value for ${k} in the code'),
    repeated('--runtime <k=v>', 'a runtime setting'),
    repeated('--startup <k=v>', "an engine's start-up setting"),
    repeated('--source <k=v>', 'a word on where the task comes from'),
    repeated('--label <k=v>', 'a label'),
    new Option(
      '--creator <C>',
      'the creator; IDE makes the server limit results (default: remotejobs)',
    ),
    new Option('--user <U>', "the user to run as (default: the connection's)"),
    new Option('--endpoint <E>', 'submit (1.x), or execute (as 0.x)').choices([
      'submit',
      'execute',
    ]),
    new Option(
      '--execute-application <NAME>',
      'with --endpoint execute: the application that runs it',
    ),
    new Option(
      '--request-application <NAME>',
      'with --endpoint execute: the application that asks',
    ),
    formatOption,
    new Option('--resubmit <N>', 'submit a failed task again: N submissions in all (2 to 10)'),
    new Option(
      '--resubmit-when <LIST>',
      'after which failures: failed, canRetry, timedOut, lost, code:PATTERN (default: canRetry)',
    ),
    ...runOptions,
  ],
  output: ['detached', 'ended'],
  examples: [
    "remote-jobs linkis run --code 'select count(*) from orders' --engine spark-2.4.3 --run-type sql",
    'remote-jobs linkis run --file daily.hql --engine hive-2.3.3 --run-type hql --var day=2026-05-01 --out daily',
    'remote-jobs linkis run --file export.sql --engine jdbc-4 --run-type jdbc \\',
    '    --runtime jdbc.password=@secret:WAREHOUSE --format xlsx --deadline 30m --out export',
    "remote-jobs linkis run --file nightly.sql --engine spark-2.4.3 --run-type sql --resubmit 3 --resubmit-when 'canRetry,code:2130*'",
  ],
  run: async (session, options) => {
    const { file } = options;
    const task = await linkisTaskOf(session, options);
    if (file !== undefined) await checkCode(session, file);
    return runJob('linkisTask', {
      session,
      options,
      attached: false,
      logs: true,
      files: file === undefined ? [] : [file],
      input: ([codeFile]) => ({ ...task, codeFile }),
    });
  },
});

/** What was typed, as a task: all but the file that holds its code. */
export async function linkisTaskOf(
  session: Session,
  options: LinkisRunOptions,
): Promise<Omit<LinkisTaskInput, 'codeFile'>> {
  const { code, file, engine, runType } = options;
  if (engine === undefined) {
    throw usageError('--engine is missing; give the engine with its version, such as spark-2.4.3.');
  }
  if (runType === undefined) {
    throw usageError('--run-type is missing; give the kind of code, such as sql, hql or py.');
  }
  if ((code === undefined) === (file === undefined)) {
    throw usageError(
      code === undefined
        ? 'No code: give it with --code, or a file that holds it with --file.'
        : 'Both --code and --file are given; give one of the two.',
    );
  }
  if (code !== undefined && code.trim() === '')
    throw usageError('--code is empty; give the code to run.');
  return {
    connection: await session.connectionName('linkis', options.connection),
    code,
    engine,
    runType,
    variables: taskValues('--var', options.var),
    runtime: taskValues('--runtime', options.runtime),
    startup: taskValues('--startup', options.startup),
    source: keyValues('--source', options.source),
    labels: keyValues('--label', options.label),
    creator: options.creator,
    user: options.user,
    endpoint: options.endpoint,
    executeApplicationName: options.executeApplication,
    requestApplicationName: options.requestApplication,
    format: options.format,
    resubmit: resubmitPolicy(options),
    timeoutMs: options.deadline,
  };
}

/** The policy as it was typed; the input's check names what is wrong with it. */
function resubmitPolicy({ resubmit, resubmitWhen }: LinkisRunOptions): ResubmitPolicy | undefined {
  if (resubmit === undefined) {
    if (resubmitWhen === undefined) return undefined;
    throw usageError('--resubmit-when is given without --resubmit N; say how often.');
  }
  if (!/^\d+$/.test(resubmit)) {
    throw usageError(`--resubmit is "${resubmit}"; give the submissions in all, from 2 to 10.`);
  }
  const when = resubmitWhen?.split(',').map((reason) => reason.trim() as ResubmitReason);
  return { maxAttempts: Number(resubmit), when };
}

export const linkisAttach = command<
  RunOptions & { user?: string; format?: ResultFormat },
  [string]
>({
  name: 'linkis attach',
  summary: 'follow and fetch a task that somebody else submitted',
  description:
    'Follows a task to its end and fetches its log and results. A cancel leaves the task alone.',
  arguments: [{ usage: '<TASKID>', description: "jobhistory's id of the task, a number" }],
  options: [
    new Option('--user <U>', "the user the task runs as (default: the connection's)"),
    formatOption,
    ...runOptions,
  ],
  output: ['detached', 'ended'],
  examples: ['remote-jobs linkis attach 1042 --out task-1042'],
  run: async (session, options, taskId) => {
    const connection = await session.connectionName('linkis', options.connection);
    return runJob('linkisAttach', {
      session,
      options,
      attached: true,
      logs: true,
      files: [],
      input: () => ({
        connection,
        taskId,
        user: options.user,
        format: options.format,
        timeoutMs: options.deadline,
      }),
    });
  },
});

/** A file of nothing but white space would be refused by the service, after minutes. */
async function checkCode(session: Session, given: string): Promise<void> {
  const file = path.resolve(session.context.cwd, given);
  const { maxCodeBytes } = { ...defaultLimits, ...(await session.settings()).jobs.limits };
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  if (size > maxCodeBytes) {
    const what = `${given} has ${size} bytes`;
    throw usageError(
      `${new LimitError('maxCodeBytes', maxCodeBytes, what, 'split the task').message}.`,
    );
  }
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined && text !== '' && text.trim() === '') {
    throw usageError(`${given} holds no code, only white space.`);
  }
}
