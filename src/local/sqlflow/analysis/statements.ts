import type { VendorDialect } from './dialects';
import { multiInsert, withShared } from './multi-insert';
import { pieces, type Piece } from './pieces';
import type { Polyglot, PolyglotParse } from './polyglot';
import { scan } from './scan';
import type { Place, SourceText } from './source-text';
import {
  blockHeads,
  leadIns,
  looseStarts,
  queryHeads,
  routineHead,
  silentHeads,
  valueKinds,
} from './statement-words';
import { asTree, bodyOf, expression, maybe, type Tree } from './tree';

export interface Statement {
  readonly tree: Tree;
  readonly source: SourceText;
  /** Part of a procedure or block, where `SELECT … INTO x` fills a variable. */
  readonly inBlock: boolean;
}

export interface Failure {
  readonly failure: { readonly message: string; readonly place: Place };
}

export type Read = { readonly statement: Statement } | Failure;

/** Without semicolons a statement is looked for in this many runs of lines. */
const maxLooseRuns = 12;

/** Reads the statements of one file, one piece after the other, and goes on after an error. */
export class StatementReader {
  #inBlock: boolean;
  readonly #inBlockAtFirst: boolean;

  /** `inBlock`: the text is the body of a procedure from its start. */
  constructor(
    private readonly polyglot: Polyglot,
    private readonly vendor: VendorDialect,
    inBlock = false,
  ) {
    this.#inBlock = this.#inBlockAtFirst = inBlock;
  }

  /** Takes note of a piece that was read before. */
  pass({ source, startsBatch }: Piece): void {
    if (startsBatch) this.#inBlock = this.#inBlockAtFirst;
    if (routineHead.test(source.text)) this.#inBlock = true;
  }

  *read(piece: Piece): Generator<Read> {
    this.pass(piece);
    const { source } = piece;
    const quoted = this.#quotedBody(source);
    if (quoted) {
      const inner = new StatementReader(this.polyglot, this.vendor, true);
      for (const part of pieces(quoted, this.vendor)) yield* inner.read(part);
      return;
    }
    const isBlock = blockHeads.test(firstWord(source, this.vendor));
    // Of a loop or a condition the parser understands no more than that it is one.
    const block = isBlock && !this.vendor.looseStatements ? this.#readBlock(source) : undefined;
    const whole = block ?? this.#parse(source);
    if (!('failure' in whole)) yield* whole;
    else if (this.vendor.looseStatements) yield* this.#readLoosely(source, whole);
    else {
      yield* (
        this.#readMultiInsert(source) ?? this.#readBlock(source) ?? this.#excuse(source, whole)
      );
    }
  }

  /** `CREATE FUNCTION … AS $$ … $$` and `DO $$ … $$`: statements in a string. */
  #quotedBody(source: SourceText): SourceText | undefined {
    if (!this.vendor.dollarQuotes || !source.text.includes('$')) return undefined;
    if (!routineHead.test(source.text) && !/^do\b/i.test(source.text)) return undefined;
    for (const { kind, text, start, end } of scan(source.text, this.vendor)) {
      if (kind !== 'quoted' || !text.startsWith('$')) continue;
      const tag = text.indexOf('$', 1) + 1;
      return source.slice(start + tag, Math.max(start + tag, end - tag));
    }
    return undefined;
  }

  /** What a piece that can't be parsed comes to: nothing, where it can't hold lineage. */
  #excuse(source: SourceText, failure: Failure): Read[] {
    const head = firstWord(source, this.vendor);
    const holdsNothing =
      head === '' || silentHeads.test(head) || (this.#inBlock && !queryHeads.test(head));
    return holdsNothing ? [] : [failure];
  }

  #parse(source: SourceText, inBlock = this.#inBlock): Read[] | Failure {
    let parsed: PolyglotParse;
    try {
      parsed = this.polyglot.parse(tidied(source.text), this.vendor.dialect);
    } catch (error) {
      return failed(source, (error as Error).message, 0);
    }
    if (!parsed.success || !Array.isArray(parsed.ast)) {
      return failed(source, parsed.error ?? 'not SQL', parsed.errorStart ?? 0);
    }
    const trees = parsed.ast.flatMap((item) => maybe(asTree(item)));
    const kindOf = (tree: Tree) => expression(tree)?.kind ?? '';
    if (trees.some((tree) => valueKinds.test(kindOf(tree)))) {
      return failed(source, `no statement begins with ${firstWord(source, this.vendor)}`, 0);
    }
    return trees.flatMap((tree) => {
      const isText = /^(command|raw)$/.test(kindOf(tree));
      return isText ? (this.#readBlock(source) ?? []) : [{ statement: { tree, source, inBlock } }];
    });
  }

  /** The query or change inside a piece of a procedure: `… BEGIN INSERT …`, `IF x THEN UPDATE …`. */
  #readBlock(source: SourceText): Read[] | undefined {
    const lexemes = [...scan(source.text, this.vendor)];
    const first = lexemes[0]?.text.toLowerCase() ?? '';
    const isRoutine = routineHead.test(source.text.slice(lexemes[0]?.start ?? 0));
    if (!isRoutine && !blockHeads.test(first)) return undefined;
    if (first === 'begin' || first === 'declare' || isRoutine) this.#inBlock = true;
    const isCondition = /^(if|elsif|elseif|else|while)$/.test(first);
    let depth = 0;
    for (const [index, { kind, text }] of lexemes.entries()) {
      if (text === '(') depth += 1;
      if (text === ')') depth -= 1;
      const next = lexemes[index + 1];
      if (next?.kind !== 'word' || !queryHeads.test(next.text.toLowerCase())) continue;
      const leadsIn = kind === 'word' && leadIns.test(text.toLowerCase());
      if (!leadsIn && !(isCondition && depth === 0)) continue;
      const inner = this.#parse(source.slice(next.start), true);
      return 'failure' in inner ? [inner] : inner;
    }
    return this.#inBlock ? [] : undefined;
  }

  #readMultiInsert(source: SourceText): Read[] | undefined {
    if (!/^(from|with)$/.test(firstWord(source, this.vendor))) return undefined;
    const parts = multiInsert(source, this.vendor);
    if (parts === undefined) return undefined;
    const shared = this.#parse(parts.shared);
    if ('failure' in shared) return [shared];
    const [head] = shared;
    const select = head && 'statement' in head ? bodyOf(head.statement.tree, 'select') : undefined;
    if (select === undefined) return undefined;
    return parts.inserts.flatMap((part) => {
      const reads = this.#parse(part);
      if ('failure' in reads) return [reads];
      return reads.map((read) => {
        if ('failure' in read) return read;
        const { statement } = read;
        return { statement: { ...statement, tree: withShared(statement.tree, select) } };
      });
    });
  }

  /** Transact-SQL without semicolons: takes the shortest runs of lines that parse. */
  *#readLoosely(source: SourceText, whole: Failure): Generator<Read> {
    const starts = this.#looseStarts(source.text);
    if (starts.length < 2) {
      yield* this.#readBlock(source) ?? this.#excuse(source, whole);
      return;
    }
    for (let index = 0; index < starts.length;) {
      const from = starts[index] ?? 0;
      const last = Math.min(index + maxLooseRuns, starts.length);
      let next = index + 1;
      let reads = this.#parse(source.slice(from, starts[next]));
      const first = reads;
      while ('failure' in reads && next < last) {
        next += 1;
        reads = this.#parse(source.slice(from, starts[next]));
      }
      if (!('failure' in reads)) {
        yield* reads;
        index = next;
        continue;
      }
      const alone = source.slice(from, starts[index + 1]);
      const isBlock = blockHeads.test(firstWord(alone, this.vendor));
      const rest = this.#readBlock(alone);
      if (rest) yield* rest;
      else if ('failure' in first && !isBlock) yield* this.#excuse(alone, first);
      index += 1;
    }
  }

  /** Offsets at which a line begins with a word that may begin a statement. */
  #looseStarts(sql: string): number[] {
    const starts: number[] = [];
    let depth = 0;
    for (const { text, start, startsLine } of scan(sql, this.vendor)) {
      if (text === '(') depth += 1;
      if (text === ')') depth -= 1;
      const begins = depth <= 0 && startsLine && looseStarts.test(text.toLowerCase());
      if (begins || starts.length === 0) starts.push(start);
    }
    return starts;
  }
}

function firstWord(source: SourceText, vendor: VendorDialect): string {
  for (const { text } of scan(source.text, vendor)) return text.toLowerCase();
  return '';
}

/** Blanks out endings that the parser doesn't know and that carry no lineage. */
function tidied(sql: string): string {
  const blank = (found: string) => found.replace(/[^\n]/g, ' ');
  const ended = sql
    .replace(/\bwith\s+((local|cascaded)\s+)?check\s+option(\s+constraint\s+\w+)?\s*$/i, blank)
    .replace(/\bwith\s+read\s+only\s*$/i, blank);
  if (!/\bmerge\b/i.test(ended)) return ended;
  return ended.replace(/\bdelete\s+where\b[^;]*?(?=\bwhen\b|$)/gi, blank);
}

function failed(source: SourceText, message: string, start: number): Failure {
  const said = message.replace(/^(Parse|Tokenization) error at line \d+, column \d+: /, '');
  return { failure: { message: said, place: source.place(start, start + 1) } };
}
