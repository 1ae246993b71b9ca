import { Command, CommanderError } from 'commander';
import { commands } from '../../src/cli/commands/all';
import type { CommandSpec } from '../../src/cli/command';
import { globalOptions } from '../../src/cli/global-options';

/** What the program would say of a command line before it did anything; undefined where nothing. */
export function usageMistake(words: readonly string[]): string | undefined {
  if (words.length === 0 || /^--?(help|version)$/.test(words.at(-1) ?? '')) return undefined;
  const spec = specOf(words.filter((word) => !word.startsWith('-')));
  if (spec === undefined) return `remote-jobs ${words.join(' ')} is no command`;
  const problem = parse(spec, words);
  if (problem !== undefined) return `remote-jobs ${words.join(' ')}: ${problem}`;
  const behind = spec.name === 'schedule create' ? words.slice(words.indexOf('--') + 1) : [];
  return words.includes('--') ? usageMistake(behind) : undefined;
}

function specOf(words: readonly string[]): CommandSpec | undefined {
  return commands
    .filter(({ name }) => name === words.slice(0, name.split(' ').length).join(' '))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

function parse(spec: CommandSpec, words: readonly string[]): string | undefined {
  const program = quiet(new Command('remote-jobs'));
  for (const option of globalOptions) program.addOption(option);
  const names = spec.name.split(' ');
  const last = names.reduce((above, name) => {
    const made = quiet(new Command(name));
    above.addCommand(made);
    return made;
  }, program);
  for (const { usage, description } of spec.arguments ?? []) last.argument(usage, description);
  for (const option of spec.options ?? []) last.addOption(option);
  last.action(() => undefined);
  try {
    program.parse([...words], { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}

function quiet(command: Command): Command {
  return command.exitOverride().configureOutput({ writeErr: () => undefined });
}
