import { Command, CommanderError } from 'commander';
import { withChosen } from './choose';
import type { CommandSpec } from './command';
import { commands } from './commands/all';
import type { CliContext } from './context';
import { explain, LoggedError } from './errors';
import { exitCodes, type ExitCode } from './exit-codes';
import { globalOptions, type GlobalOptions, type OutputMode } from './global-options';
import { Output } from './output';
import { ownPackage } from './own-package';
import { Session } from './session';
import { eventLine } from './worker-log';

const description = `Runs lineage jobs on Gudu SQLFlow and tasks on Apache Linkis durably, through Temporal:
submitted once, waited for, logged, fetched, killed on cancel.`;

const start = `
Start here:
  remote-jobs dev                                   everything on this machine: Temporal, stand-ins, a worker
  remote-jobs sqlflow run etl/*.sql --dbvendor hive --out lineage
  remote-jobs linkis run --code 'select 1' --engine spark-2.4.3 --run-type sql

Exit codes: 0 done, 1 the remote job failed, 2 wrong usage or invalid input, 3 cancelled,
  4 Temporal, the worker or the service can't be reached, 5 outcome unknown or a kill unconfirmed,
  124 deadline passed.`;

const groups: Readonly<Record<string, string>> = {
  sqlflow: 'jobs on Gudu SQLFlow',
  chain: 'lineage that is refreshed for years, in one SQLFlow job',
  linkis: 'tasks on Apache Linkis',
  pipeline: 'jobs, refreshes and approvals that need each other, from a file',
  schedule: 'what Temporal runs again and again',
  lineage: 'lineage as something to work with',
  local: 'one piece of the local stack, until Ctrl-C',
  config: 'the configuration',
};

/**
 * Runs one command line. Never throws, and never ends the process: a test can call it.
 *
 * @param args without the names of the interpreter and the script
 * @returns the exit code
 */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const program = createProgram(context, (code) => (exitCode = code));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    const flags: Partial<GlobalOptions> = program.opts();
    const quiet = args.includes('--quiet');
    const output = new Output(context, { mode: wantedMode(args), quiet, flags });
    return report(error, output, context);
  }
}

/** One clear sentence; in JSON mode the one document too. A stack trace only where DEBUG is set. */
function report(error: unknown, output: Output, context: CliContext): ExitCode {
  const { message, exitCode } = explain(error);
  output.status();
  if (error instanceof LoggedError) context.stderr.write(`${eventLine(message, 'error')}\n`);
  else talkOf(error, output, context);
  output.json({ error: { message }, exitCode });
  return exitCode;
}

function talkOf(error: unknown, output: Output, context: CliContext): void {
  const { message, exitCode } = explain(error);
  // Commander has written its own errors already, with the nearest right word.
  if (!(error instanceof CommanderError)) output.error(message);
  if (exitCode === exitCodes.unreachable && !message.includes('remote-jobs ')) {
    output.say('What is reachable, and what is not: remote-jobs doctor');
  }
  if (context.env.DEBUG && error instanceof Error) output.error(error.stack ?? error.message);
}

function createProgram(context: CliContext, done: (code: ExitCode) => void): Command {
  const program = configured('remote-jobs', context)
    .description(description)
    .version(ownPackage()?.version ?? 'unknown', '--version', 'print the version')
    .addHelpText('after', start);
  for (const option of globalOptions) program.addOption(option);
  for (const spec of commands) addCommand(program, spec, context, done);
  return program;
}

function addCommand(
  program: Command,
  spec: CommandSpec,
  context: CliContext,
  done: (code: ExitCode) => void,
): void {
  const words = spec.name.split(' ');
  words.pop();
  const parent = words.reduce((above, word) => groupOf(above, word, context), program);
  const added = configured(`remote-jobs ${spec.name}`, context)
    .summary(spec.summary)
    .description(spec.description ?? `${spec.summary}.`)
    .addHelpText('after', `\nExamples:\n${spec.examples.map((line) => `  ${line}`).join('\n')}`);
  for (const { usage, description: what } of spec.arguments ?? []) added.argument(usage, what);
  for (const option of spec.options ?? []) added.addOption(option);
  added.action(async (...received: unknown[]) => {
    const args = received.slice(0, -2);
    const flags: GlobalOptions = program.opts();
    const session = new Session(context, flags);
    try {
      const { args: all, options } = await withChosen(spec, session, args, added.opts());
      done(await spec.run(session, options as never, ...(all as never[])));
    } finally {
      await session.close();
    }
  });
  parent.addCommand(added);
}

function groupOf(above: Command, word: string, context: CliContext): Command {
  const known = above.commands.find((candidate) => candidate.name() === word);
  if (known !== undefined) return known;
  const about = groups[word] ?? word;
  const group = configured(`remote-jobs ${word}`, context)
    .summary(about)
    .description(`${about.charAt(0).toUpperCase()}${about.slice(1)}.`);
  above.addCommand(group);
  return group;
}

/** @param line the whole of it, `remote-jobs sqlflow run` */
function configured(line: string, { stdout, stderr }: CliContext): Command {
  return new Command(line.split(' ').at(-1))
    .exitOverride()
    .showSuggestionAfterError(true)
    .showHelpAfterError(`(${line} --help says more)`)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
      outputError: (text, write) => write(text.replace(/^error: (.)/, sentenceStart)),
    });
}

function sentenceStart(_all: string, first: string): string {
  return `Error: ${first}`;
}

/** Read before commander has understood the line, for its own mistakes. */
function wantedMode(args: readonly string[]): OutputMode {
  const at = args.lastIndexOf('--output');
  return args.includes('--output=json') || (at >= 0 && args[at + 1] === 'json') ? 'json' : 'text';
}
