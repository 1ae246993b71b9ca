import path from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { own } from '../contracts/own';
import type { ScheduleDefinition, ScheduledFiles } from '../contracts/schedule';
import { chainConnection, checkedChainName } from './chain-connection';
import { chainRefreshOptions, refreshOf, type ChainRefreshOptions } from './chain-options';
import type { ArgumentSpec } from './command';
import { linkisRun, linkisTaskOf, type LinkisRunOptions } from './commands/linkis';
import { pipelineRun, type PipelineOptions } from './commands/pipeline-run';
import { sqlflowJobOf, sqlflowRun, type SqlFlowRunOptions } from './commands/sqlflow';
import { durationOption } from './durations';
import { usageError } from './errors';
import { scheduledPipeline } from './scheduled-pipeline';
import type { Session } from './session';

/** What a schedule's words come to. */
type ScheduledWork = ScheduleDefinition['run'];

/** Whose words they are, and where. */
export interface ScheduledWords {
  readonly words: readonly string[];
  /** The schedule's name: a job's, too, where none is given. */
  readonly schedule: string;
  /** What relative paths begin at. Absolute. */
  readonly folder: string;
}

/** A command that a schedule can run: its words are read by its own definition. */
interface Schedulable {
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly Option[];
  /** Typed as commander can't know it; see {@link schedulable}. */
  readonly run: (
    session: Session,
    where: ScheduledWords,
    options: never,
    ...args: never[]
  ) => Promise<ScheduledWork>;
}

/** Ties a command's `run` to the types of its options and arguments. */
function schedulable<Options, Args extends unknown[]>(
  spec: Pick<Schedulable, 'arguments' | 'options'>,
  run: (
    session: Session,
    where: ScheduledWords,
    options: Options,
    ...args: Args
  ) => Promise<ScheduledWork>,
): Schedulable {
  return {
    arguments: spec.arguments,
    options: spec.options,
    run: run as unknown as Schedulable['run'],
  };
}

const commands: Readonly<Record<string, Schedulable>> = {
  'chain refresh': schedulable<ChainRefreshOptions, [string, readonly string[]]>(
    {
      arguments: [
        { usage: '<NAME>', description: "the chain's name" },
        { usage: '[FILE...]', description: 'SQL files, folders and globs' },
      ],
      options: chainRefreshOptions,
    },
    async (session, where, options, chain, paths) => {
      const connection = await chainConnection(session, options.connection);
      const { filesFrom, changedSince, base } = options;
      if (paths.length === 0 && filesFrom === undefined && changedSince === undefined) {
        throw usageError('chain refresh names no files: give a folder, files or globs.');
      }
      return {
        type: 'chainRefresh',
        files: filesOf(where, paths, { filesFrom, changedSince, base }),
        refresh: refreshOf(checkedChainName(chain), connection, options),
      };
    },
  ),
  'sqlflow run': schedulable<SqlFlowRunOptions, [readonly string[]]>(
    { arguments: sqlflowRun.arguments ?? [], options: sqlflowRun.options ?? [] },
    async (session, where, options, paths) => {
      const named = { ...options, name: options.name ?? where.schedule };
      const typed = await sqlflowJobOf(session, named, paths);
      return { ...typed, files: filesOf(where, paths) };
    },
  ),
  'linkis run': schedulable<LinkisRunOptions, []>(
    { arguments: linkisRun.arguments ?? [], options: linkisRun.options ?? [] },
    async (session, where, options) => {
      const { file } = options;
      const codeFile = file === undefined ? undefined : path.resolve(where.folder, file);
      return { type: 'linkisTask', codeFile, job: await linkisTaskOf(session, options) };
    },
  ),
  'pipeline run': schedulable<PipelineOptions, [string]>(
    { arguments: pipelineRun.arguments ?? [], options: pipelineRun.options ?? [] },
    (session, where, options, file) =>
      scheduledPipeline(session, path.resolve(where.folder, file), options),
  ),
};

/** What a schedule can run. */
export const schedulableCommands = Object.keys(commands);

/** What makes no sense where nobody looks on. */
const refused: Readonly<Record<string, string>> = {
  out: 'results stay in the artifact store; `remote-jobs results ID --out DIR` gets those of a run',
  detach: 'a scheduled run always goes on by itself',
  id: "each run's id is made of the schedule's name and the run's time",
  startWithin: 'a scheduled run waits for a worker as long as it takes; --deadline bounds the job',
};

/**
 * What a schedule is to run, read from the words of the command that would run it at once.
 *
 * @throws CommandError with what is wrong, as that command would say it
 */
export async function scheduledRun(
  session: Session,
  where: ScheduledWords,
): Promise<ScheduledWork> {
  const { words } = where;
  const name = words.slice(0, 2).join(' ');
  const found = own(commands, name);
  if (found === undefined) {
    const given = words.length === 0 ? 'nothing to run' : `"${name}", which no schedule can run`;
    throw usageError(
      `The schedule ${where.schedule} names ${given}; give ${schedulableCommands.join(', ')} with its files and flags.`,
    );
  }
  const parsed = parse(name, found, words.slice(2));
  return found.run(session, where, parsed.opts<never>(), ...(parsed.processedArgs as never[]));
}

function parse(name: string, spec: Schedulable, words: readonly string[]): Command {
  const made = new Command(name)
    .exitOverride()
    .helpOption(false)
    .allowExcessArguments(false)
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  for (const { usage, description } of spec.arguments) made.argument(usage, description);
  for (const option of spec.options) made.addOption(unattended(option));
  made.action(() => undefined);
  try {
    made.parse([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const message = error.message.replace(/^error: /, '');
    throw usageError(`${name}: ${message} (\`remote-jobs ${name} --help\` says more)`);
  }
  for (const [option, why] of Object.entries(refused)) {
    if (made.getOptionValueSource(option) !== 'cli') continue;
    const flag = spec.options.find((one) => one.attributeName() === option)?.long ?? option;
    throw usageError(`${flag} doesn't go with a schedule: ${why}.`);
  }
  return made;
}

/** A deadline at a fixed time would bound one run, and fail all later ones. */
function unattended(option: Option): Option {
  if (option.attributeName() !== 'deadline') return option;
  return new Option(option.flags, option.description).argParser(durationOption);
}

function filesOf(
  { folder }: ScheduledWords,
  paths: readonly string[],
  more: Omit<ScheduledFiles, 'folder' | 'paths'> = {},
): ScheduledFiles {
  return { folder, paths, ...more };
}
