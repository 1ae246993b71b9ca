import type { Option } from 'commander';
import type { Choosable } from './choices';
import type { ExitCode } from './exit-codes';
import type { DocumentName } from './outputs/documents';
import type { Session } from './session';

export interface ArgumentSpec {
  /** As commander writes it: `<FILE...>`, `[ID]`. */
  readonly usage: string;
  readonly description: string;
  /** Where it is left out on a terminal, one of these is chosen from a list; elsewhere it is needed. */
  readonly choose?: Choosable;
}

/** For commands that look at a job, running or ended. */
export const jobArgument: ArgumentSpec = {
  usage: '[ID]',
  description: 'the workflow id; on a terminal a list to choose from',
  choose: 'job',
};

export const scheduleArgument: ArgumentSpec = {
  usage: '[NAME]',
  description: "the schedule's name; on a terminal a list to choose from",
  choose: 'schedule',
};

/** One command, as data; `run` gets what was typed and a session, and answers the exit code. */
export interface CommandSpec {
  /** With the words before it: `sqlflow run`. */
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** More, for the command's own help. */
  readonly description?: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly Option[];
  /** What it may print with `--output json`, besides `error`; see `outputs/documents.ts`. */
  readonly output: readonly DocumentName[];
  /** Whole command lines. */
  readonly examples: readonly string[];
  readonly run: (session: Session, options: never, ...args: never[]) => Promise<ExitCode>;
}

/** Ties a command's `run` to the types of its options and arguments, which commander can't know. */
export function command<Options, Args extends unknown[] = []>(
  spec: Omit<CommandSpec, 'run'> & {
    readonly run: (session: Session, options: Options, ...args: Args) => Promise<ExitCode>;
  },
): CommandSpec {
  const run: typeof spec.run = (session, ...received) =>
    session.traced(spec.name, () => spec.run(session, ...received));
  return { ...spec, run } as unknown as CommandSpec;
}

/** For an option that may be given several times. */
export function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
