import type { VendorDialect } from './dialects';

/** A word, a sign or a quoted run, with its offsets in UTF-16 units. Comments and space are left out. */
export interface Lexeme {
  readonly kind: 'word' | 'quoted' | 'sign';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether it is the first on its line. */
  readonly startsLine: boolean;
}

const word = /[\p{L}\p{N}_$#@\\.]+/uy;
const dollarTag = /\$[A-Za-z_]*\$/y;

/**
 * Walks over SQL without understanding it: just enough to know what is quoted, what is a comment and
 * where statements may end. The parser does the reading.
 */
export function* scan(sql: string, dialect: VendorDialect): Generator<Lexeme> {
  let offset = 0;
  let startsLine = true;
  while (offset < sql.length) {
    const letter = sql[offset] ?? '';
    const skipped = skip(sql, offset, dialect);
    if (skipped > offset) {
      if (sql.slice(offset, skipped).includes('\n')) startsLine = true;
      offset = skipped;
      continue;
    }
    const start = offset;
    let kind: Lexeme['kind'] = 'sign';
    const quotedEnd = endOfQuoted(sql, offset, letter, dialect);
    if (quotedEnd !== undefined) {
      kind = 'quoted';
      offset = quotedEnd;
    } else {
      word.lastIndex = offset;
      const found = word.exec(sql)?.[0];
      if (found !== undefined) kind = 'word';
      offset += found?.length ?? 1;
    }
    yield { kind, text: sql.slice(start, offset), start, end: offset, startsLine };
    startsLine = false;
  }
}

/** The end of the space or comment at an offset; the offset itself where there is neither. */
function skip(sql: string, offset: number, dialect: VendorDialect): number {
  const letter = sql[offset] ?? '';
  if (/\s/.test(letter)) return offset + 1;
  if (sql.startsWith('--', offset) || (letter === '#' && dialect.hashComments)) {
    const end = sql.indexOf('\n', offset);
    return end === -1 ? sql.length : end;
  }
  if (sql.startsWith('/*', offset)) {
    const end = sql.indexOf('*/', offset + 2);
    return end === -1 ? sql.length : end + 2;
  }
  return offset;
}

function endOfQuoted(
  sql: string,
  offset: number,
  letter: string,
  dialect: VendorDialect,
): number | undefined {
  if (letter === '$' && dialect.dollarQuotes) {
    dollarTag.lastIndex = offset;
    const tag = dollarTag.exec(sql)?.[0];
    if (tag === undefined) return undefined;
    const end = sql.indexOf(tag, offset + tag.length);
    return end === -1 ? sql.length : end + tag.length;
  }
  if (letter === '[' && dialect.bracketNames) {
    const end = sql.indexOf(']', offset);
    return end === -1 ? sql.length : end + 1;
  }
  if (letter !== "'" && letter !== '"' && letter !== '`') return undefined;
  for (let at = offset + 1; at < sql.length; at += 1) {
    if (sql[at] === '\\' && dialect.backslashEscapes && letter !== '`') at += 1;
    else if (sql[at] === letter) {
      if (sql[at + 1] !== letter) return at + 1;
      at += 1;
    }
  }
  return sql.length;
}
