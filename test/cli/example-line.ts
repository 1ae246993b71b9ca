import { readdirSync } from 'node:fs';
import path from 'node:path';
import picomatch from 'picomatch';

/** A command line of a help's example, read as far as a shell would have to. */
export interface ExampleLine {
  /** Variables that stand before the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Behind `remote-jobs`. */
  readonly words: readonly string[];
  /** What jq is asked for of the answer: `.refreshes[0].lineage`. */
  readonly filter?: string;
}

/** Lines that end in a backslash go on in the next one. */
export function wholeLines(examples: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const line of examples) {
    const before = lines.at(-1);
    if (before?.endsWith('\\') === true)
      lines[lines.length - 1] = before.slice(0, -1) + line.trim();
    else lines.push(line);
  }
  return lines;
}

/**
 * Quotes, variables before the program, globs, `| jq FILTER` and `> FILE` at the end.
 *
 * @throws Error at what else a shell does: such an example would not be tried as it is written
 */
export function readExample(line: string, cwd: string): ExampleLine {
  const piped = /^(.*?) \| jq ('[^']+'|\S+)$/.exec(line);
  const plain = (piped?.[1] ?? line).replace(/ > \S+$/, '');
  const env: Record<string, string> = {};
  const words: string[] = [];
  let isProgramSeen = false;
  for (const [token] of plain.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    const isQuoted = /['"]/.test(token);
    const word = token.replace(/'([^']*)'|"([^"]*)"/g, '$1$2');
    const bare = token.replace(/'[^']*'|"[^"]*"/g, '');
    if (/[|<>$`;&]/.test(bare)) throw new Error(`"${token}" needs a shell: ${line}`);
    if (!isProgramSeen) {
      const [name = '', value] = word.split(/=(.*)/s);
      if (value !== undefined) env[name] = value;
      else if (word === 'remote-jobs') isProgramSeen = true;
      else throw new Error(`this does not begin with remote-jobs: ${line}`);
      continue;
    }
    const matched = !isQuoted && /[*?]/.test(word) ? filesLike(word, cwd) : [];
    words.push(...(matched.length > 0 ? matched.sort() : [word]));
  }
  return { env, words, filter: piped?.[2]?.replace(/'/g, '') };
}

/** What jq would answer; only names and places in lists. */
export function jq(filter: string, document: unknown): unknown {
  let at = document;
  for (const [, name, index] of filter.matchAll(/\.(\w+)|\[(\d+)\]/g)) {
    at = (at as Record<string, unknown> | undefined)?.[name ?? index ?? ''];
  }
  return at;
}

function filesLike(pattern: string, cwd: string): string[] {
  const folder = path.dirname(pattern);
  const names = readdirSync(path.join(cwd, folder));
  return names
    .map((name) => path.join(folder, name))
    .filter((name) => picomatch.isMatch(name, pattern));
}
