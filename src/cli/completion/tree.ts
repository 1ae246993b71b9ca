import type { Option } from 'commander';
import { knownDbVendors } from '../../clients/sqlflow/status';
import type { ArgumentSpec, CommandSpec } from '../command';
import { shells } from './scripts';

/** Values that only this machine's files, Temporal or the configuration know. */
export type Askable =
  | 'job'
  | 'runningJob'
  | 'endedJob'
  | 'chain'
  | 'schedule'
  | 'connection'
  | 'sqlflowConnection'
  | 'linkisConnection'
  | 'secret'
  | 'target';

/** What may stand in one place of a command line. */
export interface ValueKind {
  readonly words?: readonly string[];
  readonly files?: 'files' | 'folders';
  readonly ask?: Askable;
  /** A whole command line of its own follows. */
  readonly commandLine?: boolean;
}

export interface OptionNode {
  /** `--follow`, and `-f` where there is one. */
  readonly names: readonly string[];
  readonly about: string;
  /** Undefined for a flag. */
  readonly value?: ValueKind;
}

/** A command or a group of them, without what runs it: it can be kept as JSON. */
export interface CommandNode {
  readonly about: string;
  readonly commands: Readonly<Record<string, CommandNode>>;
  readonly options: readonly OptionNode[];
  readonly arguments: readonly (ValueKind & { readonly several?: boolean })[];
}

/** The root; its options are those that every command takes. */
export type CommandTree = CommandNode;

type Growing = {
  -readonly [Field in keyof CommandNode]: Field extends 'commands'
    ? Record<string, Growing>
    : CommandNode[Field];
};

/** The command line as completion walks it. */
export function commandTree(
  commands: readonly CommandSpec[],
  globals: readonly Option[],
): CommandTree {
  const root = node('');
  root.options = globals.map((option) => optionNode(option, ''));
  for (const spec of commands) {
    const words = spec.name.split(' ');
    let at = root;
    for (const word of words) at = at.commands[word] ??= node('');
    at.about = spec.summary;
    at.options = (spec.options ?? [])
      .filter(({ hidden }) => !hidden)
      .map((option) => optionNode(option, words[0] ?? ''));
    at.arguments = (spec.arguments ?? []).map((argument) => ({
      ...argumentKind(argument, words[0] ?? ''),
      several: argument.usage.includes('...'),
    }));
  }
  for (const group of Object.values(root.commands)) {
    group.about ||= Object.keys(group.commands).join(', ');
  }
  return root;
}

function node(about: string): Growing {
  return { about, commands: {}, options: [], arguments: [] };
}

const valuesOf: Readonly<Record<string, ValueKind>> = {
  '--chain': { ask: 'chain' },
  '--database-password-secret': { ask: 'secret' },
  '--dbvendor': { words: [...knownDbVendors].map((vendor) => vendor.replace(/^dbv/, '')).sort() },
  '--publish': { ask: 'target' },
  '--target': { ask: 'target' },
};

function optionNode({ short, long, flags, description, argChoices }: Option, noun: string) {
  const names = [long, short].filter((name) => name !== undefined);
  const [, placeholder] = /[<[]([^>\]]+)[>\]]/.exec(flags) ?? [];
  if (placeholder === undefined) return { names, about: description };
  const value: ValueKind = argChoices
    ? { words: argChoices }
    : long === '--connection'
      ? { ask: connectionsOf(noun) }
      : (valuesOf[long ?? ''] ?? { files: filesFor(placeholder) });
  return { names, about: description, value };
}

function connectionsOf(noun: string): Askable {
  if (noun === 'sqlflow' || noun === 'chain') return 'sqlflowConnection';
  return noun === 'linkis' ? 'linkisConnection' : 'connection';
}

/** By the words that a usage is written in. */
function argumentKind({ usage, choose }: ArgumentSpec, noun: string): ValueKind {
  if (choose !== undefined) return { ask: choose };
  const name = usage.replace(/[^A-Z|]/g, '');
  if (name === 'COMMAND') return { commandLine: true };
  if (name === 'SHELL') return { words: shells };
  if (name === 'NAME' && (noun === 'chain' || noun === 'schedule')) return { ask: noun };
  if (name === 'ID') return { ask: 'job' };
  const isLineage = noun === 'lineage' && /CHAIN|BEFORE|AFTER/.test(name);
  return isLineage ? { ask: 'chain', files: 'files' } : { files: filesFor(name) };
}

function filesFor(placeholder: string): 'files' | 'folders' | undefined {
  if (/^(FILE|F)\b/.test(placeholder)) return 'files';
  return placeholder === 'DIR' ? 'folders' : undefined;
}
