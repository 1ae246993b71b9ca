import { closest, distance } from 'fastest-levenshtein';

/** The known name that a mistyped one most likely stands for; undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const lower = word.toLowerCase();
  const candidates = known.map((name) => name.toLowerCase());
  // Swapped letters count as two slips, which is too much for a short word.
  const near =
    candidates.find((name) => sorted(name) === sorted(lower)) ?? closest(lower, candidates);
  const slips = sorted(near) === sorted(lower) ? 1 : distance(lower, near);
  // A third of the letters: more than that is another word.
  const allowed = Math.max(1, Math.floor(Math.max(near.length, word.length) / 3));
  return slips > allowed ? undefined : known[candidates.indexOf(near)];
}

function sorted(word: string): string {
  return [...word].sort().join('');
}

/** ` Did you mean "x"?`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}
