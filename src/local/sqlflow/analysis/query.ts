import type { ColumnRef, Relation } from './builder';
import { collect, equalities, everyRef, pathOf, type EvidenceReader } from './evidence';
import { addJoins, addSource, functionRelation } from './from';
import type { LineageColumn } from './model';
import { Scope } from './scope';
import { addItem } from './select-item';
import type { Session } from './session';
import { setOperation, valuesRelation } from './set-operation';
import {
  child,
  expression,
  identifier,
  identifiersOf,
  listOf,
  treesOf,
  type Tree,
  type TreeSpan,
} from './tree';

export interface QueryOptions {
  /** What the result set is called before its number. @default 'RS' */
  readonly prefix?: string;
  /** Names of its columns, in order, instead of their own. */
  readonly names?: readonly string[];
  /** Called when the columns are known and the rest isn't: a recursive CTE reads itself. */
  readonly onColumns?: (relation: Relation) => void;
}

/** Turns queries into result sets and says what their columns are made of. */
export class QueryReader implements EvidenceReader {
  constructor(
    readonly session: Session,
    /** Reads a change that stands where a query may: `WITH x AS (INSERT … RETURNING …)`. */
    private readonly change: (tree: Tree, scope: Scope) => Relation | undefined,
  ) {}

  read(query: unknown, scope: Scope, options: QueryOptions = {}): Relation {
    const { kind, body } = expression(query) ?? { kind: '', body: {} };
    switch (kind) {
      case 'select':
        return this.#select(body, scope, options);
      case 'union':
      case 'intersect':
      case 'except':
        return setOperation(kind, body, this.withCtes(body, scope), options, this);
      case 'subquery':
      case 'paren':
        return this.read(body.this, this.withCtes(body, scope), options);
      case 'values':
        return valuesRelation(body, scope, options, this);
      default:
        return (
          this.change(query as Tree, scope) ?? this.session.builder.resultSet(options.prefix, [])
        );
    }
  }

  resolve(scope: Scope, path: readonly string[], span?: TreeSpan): ColumnRef | undefined {
    return this.session.resolve(scope, path, span);
  }

  subquery(query: unknown, scope: Scope): { columns: ColumnRef[]; rows: ColumnRef[] } {
    const relation = this.read(query, scope);
    return {
      columns: relation.outputs.map((column) => ({ column })),
      rows: relation.rows ? [{ column: relation.rows }] : [],
    };
  }

  /** A scope in which the CTEs of a `WITH` are known. */
  withCtes(body: Tree, outer: Scope): Scope {
    const clause = child(body, 'with') ?? child(child(body, 'with_'), 'with');
    if (clause === undefined) return outer;
    const scope = new Scope(outer);
    // Transact-SQL, Oracle and others leave out the word RECURSIVE.
    const recursive =
      clause.recursive === true ||
      /^(tsql|oracle|teradata|generic)$/.test(this.session.vendor.dialect);
    for (const cte of treesOf(clause, 'ctes')) {
      const name = identifier(cte.alias)?.text.toLowerCase() ?? '';
      const names = identifiersOf(cte, 'columns').map(({ text }) => text);
      const onColumns = recursive
        ? (relation: Relation) => scope.ctes.set(name, relation)
        : undefined;
      scope.ctes.set(name, this.read(cte.this, scope, { names, onColumns }));
    }
    return scope;
  }

  /** What a join condition holds together; its columns decide over rows. */
  joinCondition(condition: unknown, scope: Scope): ColumnRef[] {
    for (const { left, right } of equalities(condition)) {
      const [one, other] = [left, right].map((side) => {
        const path = pathOf(side);
        return path && this.resolve(scope, path.parts, path.span);
      });
      const text = [left, right].map((side) => pathOf(side)?.parts.join('.')).join(' = ');
      if (one && other) this.joinPair(one, other, text);
    }
    return everyRef(collect(condition, scope, this));
  }

  joinPair(left: ColumnRef, right: ColumnRef, condition: string): void {
    this.session.builder.relate('join', 'select', left, [right], { condition });
  }

  /** Columns that decide which rows there are. */
  decideRows(target: Relation, refs: readonly ColumnRef[], effect = 'select'): void {
    if (refs.length === 0) return;
    const { builder } = this.session;
    builder.relate('fdr', effect, { column: builder.rowsOf(target) }, refs);
  }

  /** Copies what `*` stands for; the columns of an open source stay a star. */
  spread(source: Relation, target: Relation, without?: ReadonlySet<LineageColumn>): void {
    const { builder } = this.session;
    const isOpenTable = source.open && source.object.kind !== 'resultset';
    const outputs =
      isOpenTable || (source.open && source.arguments) ? [builder.star(source)] : source.outputs;
    for (const output of outputs) {
      if (without?.has(output)) continue;
      if (output.name !== '*') {
        const column = builder.addColumn(target, output.name);
        builder.relate('fdd', 'select', { column }, [{ column: output }]);
        continue;
      }
      builder.relate('fdd', 'select', { column: builder.star(target) }, [{ column: output }]);
      target.open = true;
      const feed = target.feeds.find((known) => !known.every);
      if (feed) feed.from.push(source);
      else target.feeds.push({ from: [source], every: false });
    }
  }

  #select(body: Tree, outer: Scope, options: QueryOptions): Relation {
    const { builder } = this.session;
    const scope = new Scope(this.withCtes(body, outer));
    scope.windows = treesOf(body, 'windows');
    for (const item of listOf(child(body, 'from'), 'expressions')) addSource(item, scope, this);
    const deciding = addJoins(treesOf(body, 'joins'), scope, this);
    for (const view of treesOf(body, 'lateral_views')) this.#lateralView(view, scope);
    const result = builder.resultSet(options.prefix);
    for (const item of listOf(body, 'expressions')) addItem(item, result, scope, options, this);
    options.onColumns?.(result);
    for (const clause of ['where_clause', 'prewhere', 'connect', 'group_by']) {
      if (clause === 'group_by') scope.aliasesFirst = false;
      deciding.push(...everyRef(collect(child(body, clause), scope, this)));
    }
    scope.aliasesFirst = true;
    for (const clause of ['having', 'qualify']) {
      deciding.push(...everyRef(collect(child(body, clause), scope, this)));
    }
    for (const { relation } of scope.sources) {
      if (relation.rows && relation.object.kind !== 'table')
        deciding.push({ column: relation.rows });
    }
    const own = new Set(result.outputs);
    this.decideRows(
      result,
      deciding.filter((ref) => !own.has(ref.column)),
    );
    return result;
  }

  #lateralView(view: Tree, scope: Scope): void {
    const names = identifiersOf(view, 'column_aliases').map(({ text }) => text);
    const relation = functionRelation(view.this, scope, this, names);
    const alias = identifier(view.table_alias)?.text.toLowerCase() ?? '';
    scope.sources.push({ alias, relation, loose: true });
  }
}
