import type { VendorDialect } from './dialects';
import { scan } from './scan';
import type { SourceText } from './source-text';

/** A run of SQL between two statement ends: one statement, or several where semicolons are left out. */
export interface Piece {
  readonly source: SourceText;
  /** Its first two words in lower case, comments left out: `create table`. */
  readonly head: string;
}

/**
 * Cuts a file at semicolons, at lines that hold only `GO` or `/`, and at a delimiter that the file
 * sets itself (`DELIMITER //`). Bodies of procedures are cut too; see statements.ts.
 */
export function* pieces(source: SourceText, dialect: VendorDialect): Generator<Piece> {
  const sql = source.text;
  let start = 0;
  let words: string[] = [];
  let delimiter = ';';
  let end = 0;
  const cut = (at: number): Piece | undefined => {
    const piece =
      end > start ? { source: source.slice(start, at), head: words.join(' ') } : undefined;
    words = [];
    return piece;
  };
  let skipTo = 0;
  for (const lexeme of scan(sql, dialect)) {
    if (lexeme.start < skipTo) continue;
    const { text } = lexeme;
    const lower = text.toLowerCase();
    const lineEnd = endOfLine(sql, lexeme.start);
    const alone = lexeme.startsLine && sql.slice(lexeme.end, lineEnd).trim() === '';
    if (lexeme.startsLine && lower === 'delimiter') {
      const piece = cut(lexeme.start);
      if (piece) yield piece;
      delimiter = sql.slice(lexeme.end, lineEnd).trim() || ';';
      start = end = skipTo = lineEnd;
    } else if (delimiter !== ';' && sql.startsWith(delimiter, lexeme.start)) {
      const piece = cut(lexeme.start);
      if (piece) yield piece;
      start = end = skipTo = lexeme.start + delimiter.length;
    } else if (text === ';' || (alone && (lower === 'go' || text === '/'))) {
      const piece = cut(lexeme.start);
      if (piece) yield piece;
      start = end = lexeme.end;
    } else {
      if (end <= start) start = lexeme.start;
      if (words.length < 2 && lexeme.kind === 'word') words.push(lower);
      end = lexeme.end;
    }
  }
  const last = cut(sql.length);
  if (last) yield last;
}

function endOfLine(sql: string, offset: number): number {
  const end = sql.indexOf('\n', offset);
  return end === -1 ? sql.length : end;
}
