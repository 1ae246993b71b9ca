import type { Option } from 'commander';
import type { CommandSpec } from '../../src/cli/command';
import { commands } from '../../src/cli/commands/all';
import { globalOptions } from '../../src/cli/global-options';
import { blocks, code, plain, table } from './markdown';

/** Every command, as its help tells it. */
export function commandsPage(): string {
  return blocks(
    '# Commands',
    '<!-- Made from the code: npm run docs:reference -->',
    'Every command with its arguments, options and examples, as the program itself has them; `remote-jobs COMMAND --help` says the same. What holds for all of them (streams, exit codes, Ctrl-C, where files go) is on [the command line](../command-line.md).',
    '## Options of every command',
    options(globalOptions),
    ...commands.map(section),
  );
}

function section({ name, summary, description, ...spec }: CommandSpec): string {
  return blocks(
    `## ${name}`,
    code(usageOf(name, spec)),
    paragraphs(description ?? `${summary}.`),
    spec.arguments === undefined
      ? ''
      : table(
          ['argument', 'is'],
          spec.arguments.map((one) => [code(one.usage), plain(one.description)]),
        ),
    spec.options === undefined || spec.options.length === 0 ? '' : options(spec.options),
    fence(spec.examples),
  );
}

function usageOf(name: string, spec: Pick<CommandSpec, 'arguments' | 'options'>): string {
  const words = (spec.arguments ?? []).map(({ usage }) => usage);
  return ['remote-jobs', name, ...(spec.options?.length ? ['[options]'] : []), ...words].join(' ');
}

/** Indented lines are shown as they are: they are tables or examples. */
function paragraphs(text: string): string {
  return text
    .split(/\n\n+/)
    .flatMap((paragraph) => {
      const lines = paragraph.split('\n');
      const first = lines.findIndex((line) => line.startsWith('  '));
      if (first < 0) return [plain(lines.join(' '))];
      return [
        plain(lines.slice(0, first).join(' ')),
        ['```', ...lines.slice(first), '```'].join('\n'),
      ];
    })
    .filter((part) => part !== '')
    .join('\n\n');
}

function options(given: readonly Option[]): string {
  const shown = given.filter(({ hidden }) => !hidden);
  return table(
    ['option', 'does'],
    shown.map((option) => [code(option.flags), `${plain(option.description)}${remarks(option)}`]),
  );
}

function remarks({ argChoices, defaultValue, envVar, mandatory, description }: Option): string {
  const said = [
    mandatory && 'needed',
    argChoices && `one of ${argChoices.map(code).join(', ')}`,
    typeof defaultValue === 'string' &&
      !description.includes('default') &&
      `default ${code(defaultValue)}`,
    envVar && `from ${code(envVar)}`,
  ].filter((one) => typeof one === 'string');
  return said.length === 0 ? '' : ` (${said.join('; ')})`;
}

function fence(lines: readonly string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}
