import type { VendorDialect } from './dialects';
import type { Piece } from './pieces';
import type { Polyglot } from './polyglot';
import { scan } from './scan';
import type { Place, SourceText } from './source-text';
import { asTree, bodyOf, child, expression, treesOf, type Tree } from './tree';

export interface Statement {
  readonly tree: Tree;
  readonly source: SourceText;
  /** Part of a procedure or block, where `SELECT … INTO x` fills a variable. */
  readonly inBlock: boolean;
}

export interface SyntaxFailure {
  readonly message: string;
  readonly place: Place;
}

export type Read = { readonly statement: Statement } | { readonly failure: SyntaxFailure };

/** Words that begin a statement which says nothing of lineage; not parsing it is no error. */
const silentHeads =
  /^(set|use|add|exec|execute|call|print|prompt|whenever|spool|show|msck|collect|database|go|commit|rollback|grant|revoke|analyze|optimize|vacuum|refresh|comment|help|list|remove|put|get|unset|reset|declare|waitfor|raiserror|throw|checkpoint|lock|unlock|kill|quit|exit|define|undefine|column|break|ttitle|invalidate|compute|copy|unload|load|export|import|\..*|@.*|\\.*)$/;

/** Words that begin or end part of a procedure. */
const blockHeads =
  /^(begin|declare|if|else|elsif|elseif|loop|while|for|foreach|exception|when|end|return|returns|raise|open|close|fetch|leave|iterate|repeat|until|case|continue|goto|null|do|<|try|catch|exit)$/;
const routineHead =
  /^\s*(create|alter)\s+(or\s+(replace|alter)\s+)?((non)?editionable\s+|definer\s*=\s*\S+\s+|temp(orary)?\s+)?(procedure|proc|function|trigger|package|event|type\s+body)\b/i;
const queryHeads =
  /^(select|sel|insert|ins|update|upd|merge|delete|del|with|create|truncate|replace)$/;
const leadIns = /^(begin|then|else|loop|do|is|as|declare|try|catch|atomic|autonomous_transaction)$/;
const looseStarts =
  /^(select|insert|update|merge|delete|with|create|alter|drop|truncate|declare|set|exec|execute|if|else|while|begin|end|print|return|use|try|catch|throw|commit|rollback|grant)$/;

/** A misspelt statement may still be read as a value: `selec x` is a column with an alias. */
const valueKinds =
  /^(alias|column|dot|literal|identifier|var|function|paren|star|eq|neq|lt|lte|gt|gte|and|or|not|add|sub|mul|div|mod|parameter|placeholder|boolean|null|tuple|cast|interval)$/;

/** Reads the statements of one file, one piece after the other, and goes on after an error. */
export class StatementReader {
  #inBlock: boolean;

  /** `inBlock`: the text is the body of a procedure from its start. */
  constructor(
    private readonly polyglot: Polyglot,
    private readonly vendor: VendorDialect,
    inBlock = false,
  ) {
    this.#inBlock = inBlock;
  }

  read(piece: Piece): Read[] {
    const head = piece.head.split(' ')[0] ?? '';
    if (routineHead.test(piece.source.text.trimStart())) this.#inBlock = true;
    const whole = this.#parse(piece.source);
    if (Array.isArray(whole)) return whole;
    if (this.vendor.looseStatements) return this.#readLoosely(piece.source, whole.failure);
    return (
      this.#readMultiInsert(piece) ??
      this.#readBlock(piece.source) ??
      this.#excuse(piece.source, head, whole)
    );
  }

  /** What a piece that can't be parsed comes to: nothing, where it can't hold lineage. */
  #excuse(source: SourceText, head: string, failure: Read): Read[] {
    if (silentHeads.test(head) || head === '') return [];
    if (this.#inBlock && !queryHeads.test(head)) return [];
    if (routineHead.test(source.text)) return [];
    return [failure];
  }

  #parse(source: SourceText, inBlock = this.#inBlock): Read[] | { failure: SyntaxFailure } {
    const tidied = this.#tidy(source.text);
    let parsed;
    try {
      parsed = this.polyglot.parse(tidied, this.vendor.dialect);
    } catch (error) {
      return failed(source, (error as Error).message, 0);
    }
    if (!parsed.success || !Array.isArray(parsed.ast)) {
      return failed(source, parsed.error ?? 'not SQL', parsed.errorStart ?? 0);
    }
    const trees = parsed.ast as unknown[];
    if (trees.some((item) => valueKinds.test(expression(item)?.kind ?? ''))) {
      return failed(source, `no statement begins with ${source.text.trim().slice(0, 40)}`, 0);
    }
    return trees.flatMap((item) => {
      const tree = asTree(item);
      if (tree === undefined) return [];
      const { kind } = expression(tree) ?? { kind: '' };
      if (kind === 'command' || kind === 'raw') return this.#readBlock(source) ?? [];
      return [{ statement: { tree, source, inBlock } }];
    });
  }

  /** Blanks out endings that the parser doesn't know and that carry no lineage. */
  #tidy(sql: string): string {
    const blank = (found: string) => found.replace(/[^\n]/g, ' ');
    return sql
      .replace(/\bwith\s+((local|cascaded)\s+)?check\s+option(\s+constraint\s+\w+)?\s*$/i, blank)
      .replace(/\bwith\s+read\s+only\s*$/i, blank)
      .replace(/\bdelete\s+where\b[^;]*?(?=\bwhen\b|$)/gi, (found) =>
        /\bmerge\b/i.test(sql) ? blank(found) : found,
      );
  }

  /** The query or change inside a piece of a procedure: `… BEGIN INSERT …`, `IF x THEN UPDATE …`. */
  #readBlock(source: SourceText): Read[] | undefined {
    const lexemes = [...scan(source.text, this.vendor)];
    const first = lexemes[0]?.text.toLowerCase() ?? '';
    const routine = routineHead.test(source.text.slice(lexemes[0]?.start ?? 0));
    if (!routine && !blockHeads.test(first)) return undefined;
    if (first === 'begin' || first === 'declare' || routine) this.#inBlock = true;
    for (const [index, lexeme] of lexemes.entries()) {
      const next = lexemes[index + 1];
      if (next === undefined || lexeme.kind !== 'word' || next.kind !== 'word') continue;
      if (!leadIns.test(lexeme.text.toLowerCase())) continue;
      if (!queryHeads.test(next.text.toLowerCase())) continue;
      const inner = this.#parse(source.slice(next.start), true);
      return Array.isArray(inner) ? inner : [inner];
    }
    return this.#inBlock ? [] : undefined;
  }

  /** Hive's `FROM src INSERT … SELECT … INSERT … SELECT …`: each insert reads from the one source. */
  #readMultiInsert(piece: Piece): Read[] | undefined {
    if (!/^(from|with)\b/.test(piece.head)) return undefined;
    const { source } = piece;
    let depth = 0;
    let from = -1;
    const inserts: number[] = [];
    for (const { text, start } of scan(source.text, this.vendor)) {
      if (text === '(') depth += 1;
      if (text === ')') depth -= 1;
      if (depth > 0) continue;
      if (from === -1 && /^from$/i.test(text)) from = start;
      if (/^insert$/i.test(text)) inserts.push(start);
    }
    const [firstInsert] = inserts;
    if (from === -1 || firstInsert === undefined || firstInsert < from) return undefined;
    const { text } = source;
    const shared = this.#parse(
      source.withText(`${text.slice(0, from)}select * ${text.slice(from, firstInsert)}`),
    );
    if (!Array.isArray(shared)) return [shared];
    const [head] = shared;
    const found = head && 'statement' in head ? bodyOf(head.statement.tree, 'select') : undefined;
    if (found === undefined) return undefined;
    // Its offsets count from elsewhere, so that they'd point to the wrong place.
    const select = withoutSpans(found) as Tree;
    return inserts.flatMap((start, index) => {
      const part = this.#parse(source.slice(start, inserts[index + 1]));
      if (!Array.isArray(part)) return [part];
      return part.map((read) =>
        'statement' in read ? { statement: graft(read.statement, select) } : read,
      );
    });
  }

  /** Transact-SQL without semicolons: takes the shortest runs of lines that parse. */
  #readLoosely(source: SourceText, failure: SyntaxFailure): Read[] {
    const starts = this.#looseStarts(source.text);
    if (starts.length < 2) {
      const head =
        source.text
          .slice(starts[0] ?? 0)
          .match(/\S+/)?.[0]
          ?.toLowerCase() ?? '';
      return this.#readBlock(source) ?? this.#excuse(source, head, { failure });
    }
    const reads: Read[] = [];
    for (let index = 0; index < starts.length;) {
      const from = starts[index] ?? 0;
      let found: Read[] | undefined;
      let next = index + 1;
      let first: { failure: SyntaxFailure } | undefined;
      for (const last = Math.min(index + 12, starts.length); next <= last; next += 1) {
        const result = this.#parse(source.slice(from, starts[next]));
        if (Array.isArray(result)) {
          found = result;
          break;
        }
        first ??= result;
      }
      if (found !== undefined) {
        reads.push(...found);
        index = next;
        continue;
      }
      const alone = source.slice(from, starts[index + 1]);
      const head = alone.text.match(/\S+/)?.[0]?.toLowerCase() ?? '';
      const rest = this.#readBlock(alone);
      if (rest !== undefined) reads.push(...rest);
      else if (first !== undefined && !blockHeads.test(head))
        reads.push(...this.#excuse(alone, head, first));
      index += 1;
    }
    return reads;
  }

  /** Offsets at which a line begins with a word that may begin a statement. */
  #looseStarts(sql: string): number[] {
    const starts: number[] = [];
    let depth = 0;
    for (const { text, start, startsLine } of scan(sql, this.vendor)) {
      if (text === '(') depth += 1;
      if (text === ')') depth -= 1;
      if (
        starts.length === 0 ||
        (depth <= 0 && startsLine && looseStarts.test(text.toLowerCase()))
      ) {
        starts.push(start);
      }
    }
    return starts;
  }
}

function failed(source: SourceText, message: string, start: number): { failure: SyntaxFailure } {
  const clean = message.replace(/^(Parse|Tokenization) error at line \d+, column \d+: /, '');
  return { failure: { message: clean, place: source.place(start, start + 1) } };
}

function withoutSpans(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSpans);
  const tree = asTree(value);
  if (tree === undefined) return value;
  const kept = Object.entries(tree).filter(([key]) => key !== 'span');
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutSpans(inner)]));
}

/** Gives the query of an insert the source and the CTEs of the statement around it. */
function graft(statement: Statement, shared: Tree): Statement {
  const insert = bodyOf(statement.tree, 'insert');
  const select = bodyOf(insert?.query, 'select');
  if (insert === undefined || select === undefined || child(select, 'from')) return statement;
  const query = {
    select: {
      ...select,
      from: shared.from,
      joins: treesOf(shared, 'joins'),
      lateral_views: [...treesOf(shared, 'lateral_views'), ...treesOf(select, 'lateral_views')],
      with: shared.with ?? select.with,
    },
  };
  return { ...statement, tree: { insert: { ...insert, query } } };
}
