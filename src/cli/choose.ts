import { Writable } from 'node:stream';
import type { CommandSpec } from './command';
import type { CliContext } from './context';
import { CommandError, usageError } from './errors';
import { exitCodes } from './exit-codes';
import { choicesOf, type Choice, type Choosable } from './choices';
import type { Session } from './session';
import { fitWidth, padWidth, printableLine, textWidth } from './text-width';

const asked: Readonly<Record<Choosable, { question: string; none: string; name: string }>> = {
  job: { question: 'Which job?', none: 'There are no jobs yet', name: listed('a job', 'list') },
  runningJob: {
    question: 'Which job?',
    none: 'No job is running',
    name: listed('a job', 'list --running'),
  },
  endedJob: {
    question: 'Which job?',
    none: 'No job has ended yet',
    name: listed('a job', 'list'),
  },
  chain: {
    question: 'Which chain?',
    none: 'There are no chains',
    name: listed('a chain', 'chain list'),
  },
  schedule: {
    question: 'Which schedule?',
    none: 'There are no schedules',
    name: listed('a schedule', 'schedule list'),
  },
};

function listed(what: string, command: string): string {
  return `name ${what}, as \`remote-jobs ${command}\` shows them`;
}

/**
 * The arguments, a missing one chosen from a list on a terminal.
 *
 * @throws CommandError that names what to give, where nobody can be asked; when nothing is chosen
 */
export async function withChosen(
  spec: CommandSpec,
  session: Session,
  given: readonly unknown[],
  options: Record<string, unknown>,
): Promise<{ args: readonly unknown[]; options: Record<string, unknown> }> {
  const at = (spec.arguments ?? []).findIndex(
    ({ choose }, index) => choose !== undefined && given[index] === undefined,
  );
  const argument = spec.arguments?.[at];
  if (argument?.choose === undefined) return { args: given, options };
  if (!canAsk(session)) {
    const name = argument.usage.replace(/[^A-Z]/g, '');
    throw usageError(`${name} is missing: ${asked[argument.choose].name}.`);
  }
  const { value, options: more } = await choose(session, argument.choose, options);
  return {
    args: given.map((arg, index) => (index === at ? value : arg)),
    options: { ...options, ...more },
  };
}

/** Only a person at a terminal is asked. */
export function canAsk({ context, output }: Session): boolean {
  return context.stdin.isTTY === true && output.interactive && output.mode === 'text';
}

/** Longer ids are cut in the list; they are taken whole. */
const widestName = 48;
/** What the library draws around a choice. */
const frameColumns = 6;

async function choose(
  session: Session,
  what: Choosable,
  options: Record<string, unknown>,
): Promise<Choice> {
  const { question, none, name } = asked[what];
  // Only a few runs need it, and it is an ES module.
  const { autocomplete, isCancel } = await import('@clack/prompts').catch(() => {
    throw usageError(`Choosing from a list needs Node 20.12 or newer: ${name}.`);
  });
  const choices = await choicesOf(session, what, options);
  if (choices.length === 0) throw usageError(`${none}.`);
  const widest = Math.min(widestName, Math.max(...choices.map(({ value }) => textWidth(value))));
  const room = (session.context.stderr.columns || 80) - frameColumns;
  const chosen = await autocomplete({
    message: question,
    options: choices.map(({ value, hint }, index) => ({
      value: index,
      label: fitWidth(`${padWidth(printableLine(value), widest)}  ${printableLine(hint)}`, room),
    })),
    filter: (search, { value }) => saidOf(choices[value]).includes(search.toLowerCase()),
    placeholder: 'type to search',
    maxItems: 12,
    input: session.context.stdin as NodeJS.ReadStream,
    output: promptStream(session.context),
  });
  const choice = isCancel(chosen) ? undefined : choices[chosen];
  if (choice === undefined) throw new CommandError(exitCodes.cancelled, 'Nothing was chosen.');
  return choice;
}

function saidOf(choice: Choice | undefined): string {
  return choice === undefined ? '' : `${choice.value} ${choice.hint}`.toLowerCase();
}

/** Talk goes to stderr; the library wants a stream of Node's. */
export function promptStream({ stderr }: CliContext): Writable {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      stderr.write(String(chunk));
      done();
    },
  });
  return Object.defineProperties(stream, {
    isTTY: { value: true },
    columns: { get: () => stderr.columns || 80 },
    rows: { get: () => stderr.rows || 24 },
  });
}
