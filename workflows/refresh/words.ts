/** What an outcome tells of a refresh goes with fifty others through the chain's history. */
const mostWarnings = 10;
const mostCharacters = 300;

/** Each once, cut to what an outcome may hold. */
export function told(warnings: readonly string[]): readonly string[] {
  const all = [...new Set(warnings.map((words) => cut(words)))];
  if (all.length <= mostWarnings) return all;
  const shown = all.slice(0, mostWarnings - 1);
  return [...shown, `and ${all.length - shown.length} more warnings`];
}

function cut(words: string): string {
  return words.length <= mostCharacters ? words : `${words.slice(0, mostCharacters - 1)}…`;
}
