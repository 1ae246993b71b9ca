/**
 * The words of a command line: parts in single or double quotes are taken as they are, and nothing
 * else means anything. As a text, what is wrong with it.
 */
export function splitWords(line: string): readonly string[] | string {
  const words: string[] = [];
  let word: string | undefined;
  for (const [piece, single, double] of line.matchAll(/'([^']*)'|"([^"]*)"|\s+|[^\s'"]+|['"]/g)) {
    if (piece === "'" || piece === '"') return `has a ${piece} that isn't closed`;
    if (/^\s/.test(piece)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word = (word ?? '') + (single ?? double ?? piece);
  }
  return word === undefined ? words : [...words, word];
}

/** One line that {@link splitWords}, and a shell, would take apart into the same words. */
export function joinWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** As a shell, and {@link splitWords}, take it for one word: quoted where it must be. */
export function shellWord(text: string): string {
  // No backslash: the words of a schedule know none.
  return /^[\p{L}\p{N}_@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}
