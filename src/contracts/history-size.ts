/**
 * The most that one value may add to a workflow's history, in bytes. Temporal's own limit is 2 MiB,
 * beyond which it refuses a start and *terminates* a running workflow; the rest is for the envelope.
 */
export const historyLimitBytes = 1.5 * 2 ** 20;

/** What a value takes as JSON in UTF-8, in bytes. */
export function jsonBytes(value: unknown): number {
  return utf8Bytes(JSON.stringify(value) ?? '');
}

/** What a text takes in UTF-8, in bytes. Also for the sandbox, which has no Buffer. */
export function utf8Bytes(text: string): number {
  let sizeBytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is two units and four bytes, so each half counts for one more.
    if (unit > 0x7f) sizeBytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return sizeBytes;
}

/** The same value with every text in it, however deep, cut to so many characters. */
export function cutTexts<Value>(value: Value, mostCharacters: number): Value {
  if (typeof value === 'string') {
    if (value.length <= mostCharacters) return value;
    return `${value.slice(0, mostCharacters - 1)}…` as Value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((item: unknown) => cutTexts(item, mostCharacters)) as Value;
  }
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    cutTexts<unknown>(inner, mostCharacters),
  ]);
  return Object.fromEntries(entries) as Value;
}
