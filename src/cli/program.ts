import { Command, CommanderError } from 'commander';
import { withChosen } from './choose';
import type { CommandSpec } from './command';
import { commands } from './commands/all';
import type { CliContext } from './context';
import { explain } from './errors';
import { exitCodes, type ExitCode } from './exit-codes';
import { globalOptions } from './global-options';
import { Output, type OutputMode } from './output';
import { ownPackage } from './own-package';
import { Session, type GlobalOptions } from './session';

const description = `Runs lineage jobs on Gudu SQLFlow and tasks on Apache Linkis durably, through Temporal:
submitted once, waited for, logged, fetched, killed on cancel.`;

const start = `
Start here:
  remote-jobs dev                                   everything on this machine: Temporal, stand-ins, a worker
  remote-jobs sqlflow run etl/*.sql --dbvendor dbvhive --out lineage
  remote-jobs linkis run --code 'select 1' --engine spark-2.4.3 --run-type sql

Exit codes: 0 done, 1 the remote job failed, 2 wrong usage or invalid input, 3 cancelled,
  4 Temporal, the worker or the service can't be reached, 5 outcome unknown or a kill unconfirmed,
  124 deadline passed.`;

const groups: Readonly<Record<string, string>> = {
  sqlflow: 'Jobs on Gudu SQLFlow',
  chain: 'Lineage that is refreshed for years, in one SQLFlow job',
  linkis: 'Tasks on Apache Linkis',
  schedule: 'What Temporal runs again and again',
  lineage: 'Lineage as something to work with',
  local: 'One piece of the local stack, until Ctrl-C',
  config: 'The configuration',
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
    const output = new Output(context, { mode: wantedMode(args), quiet: args.includes('--quiet') });
    return report(error, output, context);
  }
}

/** One clear sentence; in JSON mode the one document too. A stack trace only where DEBUG is set. */
function report(error: unknown, output: Output, context: CliContext): ExitCode {
  const { message, exitCode } = explain(error);
  output.status();
  // Commander has written its own errors already, with the nearest right word.
  if (!(error instanceof CommanderError)) output.error(message);
  if (exitCode === exitCodes.unreachable && !message.includes('remote-jobs ')) {
    output.say('What is reachable, and what is not: remote-jobs doctor');
  }
  if (context.env.DEBUG && error instanceof Error) output.error(error.stack ?? error.message);
  output.json({ error: { message }, exitCode });
  return exitCode;
}

function createProgram(context: CliContext, done: (code: ExitCode) => void): Command {
  const program = configured(new Command('remote-jobs'), context)
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
  const name = words.pop() ?? spec.name;
  const parent = words.reduce((above, word) => groupOf(above, word, context), program);
  const added = configured(new Command(name), context)
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
  const group = configured(new Command(word), context).description(groups[word] ?? word);
  above.addCommand(group);
  return group;
}

function configured(made: Command, { stdout, stderr }: CliContext): Command {
  return made
    .exitOverride()
    .showSuggestionAfterError(true)
    .showHelpAfterError(`(remote-jobs${nameAfter(made)} --help says more)`)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
      outputError: (text, write) => write(text.replace(/^error: (.)/, sentenceStart)),
    });
}

function nameAfter(made: Command): string {
  return made.name() === 'remote-jobs' ? '' : ` … ${made.name()}`;
}

function sentenceStart(_all: string, first: string): string {
  return `Error: ${first}`;
}

/** Read before commander has understood the line, for its own mistakes. */
function wantedMode(args: readonly string[]): OutputMode {
  const at = args.lastIndexOf('--output');
  return args.includes('--output=json') || (at >= 0 && args[at + 1] === 'json') ? 'json' : 'text';
}
