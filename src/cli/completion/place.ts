import type { CommandNode, CommandTree, OptionNode, ValueKind } from './tree';

export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

/** What may be typed next, as far as the tree knows. */
export interface Place {
  readonly candidates: readonly Candidate[];
  /** What else has to be found out. */
  readonly kind: ValueKind;
  /** Stands before each value that is found out: `--connection=`. */
  readonly before: string;
  /** The typed part of the value. */
  readonly typed: string;
  /** Options with a value that stand before, the global ones among them. */
  readonly given: Readonly<Record<string, string>>;
}

/** @param words of the command line without the program, the last one being typed */
export function placeOf(tree: CommandTree, words: readonly string[]): Place {
  const typed = words.at(-1) ?? '';
  const walked = walk(tree, words.slice(0, -1));
  const { at, awaiting, positional, given, onlyArguments } = walked;
  const base = { before: '', typed, given };
  if (awaiting !== undefined) return { ...base, ...valuesOf(awaiting, '', typed) };
  if (!onlyArguments && typed.startsWith('-')) {
    const [name = '', value] = halves(typed);
    if (value === undefined)
      return { ...base, kind: {}, candidates: matching(options(tree, walked), typed) };
    const option = [...at.options, ...tree.options].find(({ names }) => names.includes(name));
    const before = `${name}=`;
    return { ...base, ...valuesOf(option?.value ?? {}, before, value), before, typed: value };
  }
  const commands = Object.entries(at.commands);
  if (commands.length > 0) {
    const candidates = commands.map(([value, { about }]) => ({ value, about }));
    return { ...base, kind: {}, candidates: matching(candidates, typed) };
  }
  const argument = at.arguments[positional] ?? lastOf(at);
  return { ...base, ...valuesOf(argument ?? {}, '', typed) };
}

interface Walked {
  readonly at: CommandNode;
  /** The option whose value comes next. */
  readonly awaiting?: ValueKind;
  readonly positional: number;
  readonly given: Record<string, string>;
  readonly used: ReadonlySet<string>;
  readonly onlyArguments: boolean;
}

function walk(tree: CommandTree, words: readonly string[]): Walked {
  const given: Record<string, string> = {};
  let used = new Set<string>();
  let at: CommandNode = tree;
  let awaiting: OptionNode | undefined;
  let positional = 0;
  let onlyArguments = false;
  for (const word of words) {
    if (awaiting !== undefined) {
      given[awaiting.names[0] ?? ''] = word;
      awaiting = undefined;
    } else if (word === '--' && !onlyArguments) {
      onlyArguments = true;
      if (lastOf(at)?.commandLine === true) {
        [at, positional, onlyArguments, used] = [tree, 0, false, new Set()];
      }
    } else if (word.startsWith('-') && !onlyArguments) {
      const [name = '', value] = halves(word);
      const option = [...at.options, ...tree.options].find(({ names }) => names.includes(name));
      for (const one of option?.names ?? []) used.add(one);
      if (option?.value !== undefined && value === undefined) awaiting = option;
      if (option !== undefined && value !== undefined) given[option.names[0] ?? ''] = value;
    } else if (Object.hasOwn(at.commands, word)) {
      at = at.commands[word] ?? at;
    } else {
      positional += 1;
    }
  }
  return { at, awaiting: awaiting?.value, positional, given, used, onlyArguments };
}

function lastOf(at: CommandNode): CommandNode['arguments'][number] | undefined {
  const last = at.arguments.at(-1);
  return last?.several === true ? last : undefined;
}

/** Those with a value may be repeated (`--var`), flags hardly. */
function options(tree: CommandTree, { at, used }: Walked) {
  return [...at.options, ...tree.options, help]
    .filter(({ names, value }) => value !== undefined || !used.has(names[0] ?? ''))
    .map(({ names: [value = ''], about }) => ({ value, about }));
}

const help: OptionNode = { names: ['--help'], about: 'display help for command' };

function valuesOf(kind: ValueKind, before: string, typed: string) {
  const candidates = (kind.words ?? []).map((word) => ({ value: `${before}${word}` }));
  return { kind, candidates: matching(candidates, `${before}${typed}`) };
}

export function matching(candidates: readonly Candidate[], typed: string): readonly Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(typed));
}

function halves(word: string): readonly [string, string?] {
  const at = word.indexOf('=');
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}
