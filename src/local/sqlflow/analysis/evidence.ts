import type { ColumnRef } from './builder';

import { Scope } from './scope';
import {
  bodyOf,
  child,
  expression,
  identifier,
  identifiersOf,
  isQuery,
  listOf,
  spanOf,
  type Identifier,
  type Tree,
  type TreeSpan,
} from './tree';

/** The columns that an expression's value comes from. */
export interface Evidence {
  /** Its value is made of theirs. */
  readonly direct: ColumnRef[];
  /** Theirs only decide which value it gets: conditions, partitions. */
  readonly indirect: ColumnRef[];
  /** Counted, so that only the reader can say whether that is direct. */
  readonly counted: ColumnRef[];
  /** Made of the number of rows: `COUNT(*)`. */
  countsRows: boolean;
}

export function everyRef(evidence: Evidence): ColumnRef[] {
  return [...evidence.direct, ...evidence.indirect, ...evidence.counted];
}

export interface EvidenceReader {
  /** What a name means where it stands. */
  resolve(scope: Scope, path: readonly string[], span?: TreeSpan): ColumnRef | undefined;
  /** The columns of a query inside an expression, and its rows where something filters them. */
  subquery(query: unknown, scope: Scope): { columns: ColumnRef[]; rows: ColumnRef[] };
}

const dateUnits =
  /^(years?|yyyy|yy|quarters?|qq|q|months?|mm|m|weeks?|isoweek|ww|wk|days?|dd|d|dayofyear|dayofweek|dow|doy|hours?|hh|minutes?|mi|n|seconds?|ss|s|milliseconds?|ms|microseconds?|nanoseconds?|epoch)$/i;
const dateFunctions = /date|time|extract|trunc|last_day|part|months?_/i;

/** Collects what an expression is made of. */
export function collect(value: unknown, scope: Scope, reader: EvidenceReader): Evidence {
  const evidence: Evidence = { direct: [], indirect: [], counted: [], countsRows: false };
  new Collector(evidence, reader).visit(value, scope, evidence.direct);
  return evidence;
}

class Collector {
  constructor(
    private readonly evidence: Evidence,
    private readonly reader: EvidenceReader,
  ) {}

  visit(value: unknown, scope: Scope, into: ColumnRef[]): void {
    if (Array.isArray(value)) {
      for (const item of value) this.visit(item, scope, into);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const found = expression(value);
    if (found === undefined || !this.#special(found.kind, found.body, value, scope, into)) {
      for (const inner of Object.values(value)) this.visit(inner, scope, into);
    }
  }

  /** Handles what isn't simply the sum of its parts; false leaves it to the caller. */
  #special(kind: string, body: Tree, value: unknown, scope: Scope, into: ColumnRef[]): boolean {
    const { indirect } = this.evidence;
    if (isQuery(value)) {
      const { columns, rows } = this.reader.subquery(value, scope);
      into.push(...columns);
      indirect.push(...rows);
      return true;
    }
    switch (kind) {
      case 'column':
      case 'dot':
        this.#column(value, scope, into);
        return true;
      case 'count':
        if (body.star === true) this.evidence.countsRows = true;
        this.visit(body.this, scope, into === indirect ? indirect : this.evidence.counted);
        this.visit(body.filter, scope, indirect);
        return true;
      case 'star':
        this.evidence.countsRows = true;
        return true;
      case 'case':
        this.visit(body.operand, scope, indirect);
        for (const when of listOf(body, 'whens')) {
          const [condition, result] = when as [unknown, unknown];
          this.visit(condition, scope, indirect);
          this.visit(result, scope, into);
        }
        this.visit(body.else_, scope, into);
        return true;
      case 'if_func':
        this.visit(body.condition, scope, indirect);
        this.visit(body.true_value, scope, into);
        this.visit(body.false_value, scope, into);
        return true;
      case 'exists':
        this.visit(body.this, scope, indirect);
        return true;
      case 'in':
        this.visit(body.this, scope, into);
        this.visit(body.expressions, scope, into);
        this.visit(body.query, scope, indirect);
        return true;
      case 'window_function':
        this.visit(body.this, scope, into);
        this.visit(body.over, scope, indirect);
        this.#window(identifier(child(body, 'over')?.window_name), scope);
        return true;
      case 'filter':
        this.visit(body.this, scope, into);
        this.visit(body.expression ?? body.condition, scope, indirect);
        return true;
      case 'lambda': {
        const inside = new Scope(scope);
        for (const name of identifiersOf(body, 'parameters'))
          inside.bound.add(name.text.toLowerCase());
        this.visit(body.body, inside, into);
        return true;
      }
      case 'function':
        this.#function(body, scope, into);
        return true;
      default: {
        // Aggregates and other functions that the parser has nodes for.
        const filter = body.filter;
        if (filter === undefined || filter === null) return false;
        this.visit({ ...body, filter: null }, scope, into);
        this.visit(filter, scope, indirect);
        return true;
      }
    }
  }

  #function(body: Tree, scope: Scope, into: ColumnRef[]): void {
    const name = (typeof body.name === 'string' ? body.name : identifier(body.name)?.text) ?? '';
    const args = listOf(body, 'args').filter((arg) => {
      const column = identifier(bodyOf(arg, 'column'));
      return !(column && dateFunctions.test(name) && dateUnits.test(column.text));
    });
    const [first, ...rest] = args;
    const conditional = /^(if|iff|iif|decode|nvl2|choose)$/i.test(name);
    this.visit(first, scope, conditional ? this.evidence.indirect : into);
    this.visit(rest, scope, into);
    this.visit(body.filter, scope, this.evidence.indirect);
  }

  #column(value: unknown, scope: Scope, into: ColumnRef[]): void {
    const path = pathOf(value);
    if (path === undefined) {
      this.visit(bodyOf(value, 'dot')?.this, scope, into);
      return;
    }
    const found = this.reader.resolve(scope, path.parts, path.span);
    if (found) into.push(found);
  }

  #window(name: Identifier | undefined, scope: Scope): void {
    if (name === undefined) return;
    for (const window of scope.windows) {
      const own = identifier(window.name)?.text.toLowerCase();
      if (own === name.text.toLowerCase()) this.visit(window.spec, scope, this.evidence.indirect);
    }
  }
}

/** `a.b.c` as its parts; undefined where it begins with something else than a name. */
export function pathOf(value: unknown): { parts: string[]; span?: TreeSpan } | undefined {
  const column = bodyOf(value, 'column');
  if (column) {
    const name = identifier(column.name);
    if (name === undefined) return undefined;
    const table = identifier(column.table);
    const parts = table ? [...table.text.split('.'), name.text] : [name.text];
    return { parts, span: spanOf(column) ?? name.span };
  }
  const dot = bodyOf(value, 'dot');
  const before = dot && pathOf(dot.this);
  const field = identifier(dot?.field);
  if (before === undefined || field === undefined) return undefined;
  return { parts: [...before.parts, field.text], span: before.span };
}

/** Pairs of columns that a join condition holds equal. */
export function equalities(condition: unknown): { left: unknown; right: unknown }[] {
  const found = expression(condition);
  if (found === undefined) return [];
  if (found.kind === 'and' || found.kind === 'paren') {
    return [found.body.left, found.body.right, found.body.this].flatMap(equalities);
  }
  if (found.kind !== 'eq') return [];
  const { left, right } = found.body;
  return pathOf(left) && pathOf(right) ? [{ left, right }] : [];
}
