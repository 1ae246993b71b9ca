import type { VendorDialect } from './dialects';
import { scan, type Lexeme } from './scan';
import type { SourceText } from './source-text';

/** A run of SQL between two statement ends: one statement, or several where semicolons are left out. */
export interface Piece {
  readonly source: SourceText;
  /** Its first two words in lower case, comments left out: `create table`. */
  readonly head: string;
  /** It comes first in the file, or after a separator that ends even a procedure. */
  readonly startsBatch: boolean;
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
  let startsBatch = true;
  const cut = (at: number, endsBatch: boolean): Piece[] => {
    const head = words.join(' ');
    const found = end > start ? [{ source: source.slice(start, at), head, startsBatch }] : [];
    if (endsBatch || found.length > 0) startsBatch = endsBatch;
    words = [];
    return found;
  };
  let skipTo = 0;
  for (const lexeme of scan(sql, dialect)) {
    if (lexeme.start < skipTo) continue;
    const { text } = lexeme;
    const lower = text.toLowerCase();
    const lineEnd = endOfLine(sql, lexeme.start);
    const alone = lexeme.startsLine && sql.slice(lexeme.end, lineEnd).trim() === '';
    if (lexeme.startsLine && lower === 'delimiter') {
      yield* cut(lexeme.start, true);
      delimiter = sql.slice(lexeme.end, lineEnd).trim() || ';';
      start = end = skipTo = lineEnd;
    } else if (delimiter !== ';' && delimiterAt(sql, lexeme, delimiter) !== -1) {
      // It may follow a word directly: END$$
      const at = delimiterAt(sql, lexeme, delimiter);
      if (at > lexeme.start) end = at;
      yield* cut(at, true);
      start = end = skipTo = at + delimiter.length;
    } else if (text === ';' || (alone && (lower === 'go' || text === '/'))) {
      yield* cut(lexeme.start, text !== ';');
      start = end = lexeme.end;
    } else {
      if (end <= start) start = lexeme.start;
      if (words.length < 2 && lexeme.kind === 'word') words.push(lower);
      end = lexeme.end;
    }
  }
  yield* cut(sql.length, true);
}

function delimiterAt(sql: string, { kind, start, end }: Lexeme, delimiter: string): number {
  if (kind === 'quoted') return -1;
  const at = sql.slice(start, end + delimiter.length - 1).indexOf(delimiter);
  return at === -1 ? -1 : start + at;
}

function endOfLine(sql: string, offset: number): number {
  const end = sql.indexOf('\n', offset);
  return end === -1 ? sql.length : end;
}
