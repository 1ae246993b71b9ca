import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CliContext } from '../context';
import { late } from '../load-late';
import { wordsOf } from './line';
import { matching, placeOf, type Candidate } from './place';
import type { CommandTree } from './tree';

/** A shell that waits longer for a Tab seems to hang. */
const defaultWithinMs = 1000;

/**
 * What the shells' scripts call: `line TEXT` (of bash, with the program) or `words WORD...` (without
 * it). Prints a candidate a line, "value TAB what it is", and at last ":files", ":folders" or ":end".
 * Whatever fails costs its candidates only, silently.
 */
export async function complete(
  [how, ...rest]: readonly string[],
  context: CliContext,
  treeOf: () => CommandTree = keptTree,
): Promise<void> {
  try {
    const words = how === 'line' ? wordsOf(rest[0] ?? '').slice(1) : rest;
    const place = placeOf(treeOf(), words);
    const found = place.kind.ask === undefined ? [] : await inTime(place, context);
    const lines = [...place.candidates, ...found].map(({ value, about = '' }) =>
      `${value}\t${oneLine(about)}`.trimEnd(),
    );
    context.stdout.write([...lines, `:${place.kind.files ?? 'end'}`, ''].join('\n'));
  } catch {
    context.stdout.write(':end\n');
  }
}

async function inTime(
  place: ReturnType<typeof placeOf>,
  context: CliContext,
): Promise<readonly Candidate[]> {
  const withinMs = Number(context.env.REMOTE_JOBS_COMPLETION_MS) || defaultWithinMs;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<readonly Candidate[]>((resolve) => {
    timer = setTimeout(() => resolve([]), withinMs);
  });
  const asked = late.findOut().findOut(place, context);
  try {
    const found = await Promise.race([asked.catch(() => []), tooLate]);
    const whole = found
      .filter(({ value }) => !/[\n\t]/.test(value))
      .map(({ value, about }) => ({ value: `${place.before}${value}`, about }));
    return matching(whole, `${place.before}${place.typed}`);
  } finally {
    clearTimeout(timer);
  }
}

/** As the build wrote it down: loading every command takes longer than the rest. */
function keptTree(): CommandTree {
  const file = path.join(__dirname, 'tree.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as CommandTree;
  return currentTree();
}

export function currentTree(): CommandTree {
  return late.tree().commandTree(late.commands().commands, late.globalOptions().globalOptions);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
