export interface SqlPart {
  readonly kind: 'code' | 'quoted' | 'comment';
  readonly text: string;
}

/**
 * Cuts SQL into code, quoted texts (with their quotes) and comments; joined they are the input.
 * A backslash escapes inside '…' and "…", as in Spark, Hive and MySQL, unless told otherwise.
 */
export function* sqlParts(sql: string, backslashEscapes = true): Generator<SqlPart> {
  const quoted = backslashEscapes
    ? String.raw`'(?:[^'\\]|\\[^]|'')*'?|"(?:[^"\\]|\\[^]|"")*"?|${'`'}[^${'`'}]*${'`'}?`
    : `'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\`[^\`]*\`?`;
  const token = new RegExp(String.raw`(--[^\n]*|/\*[^]*?(?:\*/|$))|(${quoted})`, 'g');
  let end = 0;
  for (const match of sql.matchAll(token)) {
    if (match.index > end) yield { kind: 'code', text: sql.slice(end, match.index) };
    yield { kind: match[1] === undefined ? 'quoted' : 'comment', text: match[0] };
    end = match.index + match[0].length;
  }
  if (end < sql.length) yield { kind: 'code', text: sql.slice(end) };
}

/** The statements between the semicolons, comments kept; those without any code are left out. */
export function splitStatements(sql: string, backslashEscapes = true): string[] {
  const statements: string[] = [];
  let current = '';
  for (const part of sqlParts(sql, backslashEscapes)) {
    if (part.kind !== 'code') {
      current += part.text;
      continue;
    }
    const [first = '', ...others] = part.text.split(';');
    current += first;
    for (const other of others) {
      statements.push(current);
      current = other;
    }
  }
  statements.push(current);
  return statements
    .map((statement) => statement.trim())
    .filter((statement) => withoutComments(statement, backslashEscapes) !== '');
}

export function withoutComments(sql: string, backslashEscapes = true): string {
  return [...sqlParts(sql, backslashEscapes)]
    .map(({ kind, text }) => (kind === 'comment' ? ' ' : text))
    .join('')
    .trim();
}

/** How long `-- local: delay 5s` (also `500ms`, `1m`) asks a statement to take, in milliseconds. */
export function delayAskedFor(statement: string): number {
  let delayMs = 0;
  for (const { kind, text } of sqlParts(statement)) {
    const asked = kind === 'comment' && /local:\s*delay\s+(\d+(?:\.\d+)?)\s*(ms|s|m)\b/i.exec(text);
    if (asked) delayMs += Number(asked[1]) * unitMs[asked[2]?.toLowerCase() as keyof typeof unitMs];
  }
  return delayMs;
}

/** How many lines `-- local: log 1000000 lines` asks a statement to log. */
export function logLinesAskedFor(statement: string): number {
  let lines = 0;
  for (const { kind, text } of sqlParts(statement)) {
    const asked = kind === 'comment' && /local:.*?\blog\s+(\d+)\s+lines\b/i.exec(text);
    if (asked) lines += Number(asked[1]);
  }
  return lines;
}

const unitMs = { ms: 1, s: 1000, m: 60_000 };
