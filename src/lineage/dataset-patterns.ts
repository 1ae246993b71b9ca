import { folded } from './names';
import type { Lineage } from './model';

/**
 * Matches a dataset's key against patterns in which `*` stands for any characters, without regard
 * to case; `sales.*` also finds `dw.sales.orders`.
 *
 * @returns the first pattern that matches
 */
export function datasetMatcher(patterns: readonly string[]): (key: string) => string | undefined {
  const known = patterns.map((pattern) => {
    const words = folded(pattern.trim()).split('*');
    return { pattern, forms: [words, ['', `.${words[0] ?? ''}`, ...words.slice(1)]] };
  });
  return (key) => known.find(({ forms }) => forms.some((words) => fits(words, key)))?.pattern;
}

/** Whether a text has the words in order, the first at its beginning, the last at its end. */
function fits(words: readonly string[], text: string): boolean {
  const first = words[0] ?? '';
  const last = words[words.length - 1] ?? '';
  if (words.length === 1) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  for (const word of words.slice(1, -1)) {
    const found = text.indexOf(word, from);
    if (found === -1) return false;
    from = found + word.length;
  }
  return from <= text.length - last.length;
}

/** Patterns that no dataset of any of the lineages matches: slips of the pen, for all that is known. */
export function idlePatterns(
  patterns: readonly string[],
  lineages: readonly Lineage[],
): readonly string[] {
  return patterns.filter((pattern) => {
    const matches = datasetMatcher([pattern]);
    return !lineages.some(({ datasets }) => datasets.some(({ key }) => matches(key) !== undefined));
  });
}
