import type { ColumnRef, Relation } from './builder';
import { collect, everyRef } from './evidence';
import { pivot, unpivot } from './pivot';
import type { QueryReader } from './query';
import { Scope } from './scope';
import { tableTree } from './session';
import {
  asTree,
  child,
  expression,
  identifier,
  identifiersOf,
  isQuery,
  listOf,
  maybe,
  treesOf,
  type Tree,
} from './tree';

/** Adds to the scope what an item of `FROM` or `JOIN` stands for. */
export function addSource(item: unknown, scope: Scope, reader: QueryReader): void {
  const found = expression(item);
  if (found === undefined) return;
  const { kind, body } = found;
  const alias = identifier(body.alias)?.text.toLowerCase() ?? textAlias(body.alias);
  const names = identifiersOf(body, 'column_aliases').map(({ text }) => text);
  if (kind === 'table') addTable(body, alias, names, scope, reader);
  else if (isQuery(item)) {
    scope.sources.push({ alias: alias ?? '', relation: reader.read(item, scope, { names }) });
  } else if (kind === 'joined_table') {
    addSource(body.left, scope, reader);
    addJoins(treesOf(body, 'joins'), scope, reader);
  } else if (kind === 'paren') addSource(body.this, scope, reader);
  else if (kind === 'pivot' || kind === 'unpivot') {
    const inner = new Scope(scope);
    addSource(body.this, inner, reader);
    const relation = (kind === 'pivot' ? pivot : unpivot)(body, inner, reader);
    scope.sources.push({ alias: alias ?? '', relation });
  } else if (kind === 'alias' && expression(body.this)?.kind === 'table') {
    const table = tableTree(body.this);
    if (table) addTable(table, alias, names, scope, reader);
  } else if (kind === 'alias' && isQuery(body.this)) {
    scope.sources.push({ alias: alias ?? '', relation: reader.read(body.this, scope, { names }) });
  } else addFunction(kind, body, item, alias, names, scope, reader);
}

/** Joins with their conditions, which become the query's row evidence. */
export function addJoins(joins: readonly Tree[], scope: Scope, reader: QueryReader): ColumnRef[] {
  return joins.flatMap((join) => {
    const before = scope.sources.length;
    addSource(join.this, scope, reader);
    const shared = identifiersOf(join, 'using').map(({ text }) => text);
    const pairs = shared.flatMap((name) => {
      const sides = [scope.sources[before - 1], scope.sources[before]].flatMap((source) => {
        const column = source && reader.session.builder.column(source.relation, name);
        return column ? [{ column }] : [];
      });
      scope.merged.add(name.toLowerCase());
      const [left, right] = sides;
      if (left && right) reader.joinPair(left, right, `${name} = ${name}`);
      return sides;
    });
    return [...pairs, ...reader.joinCondition(join.on, scope)];
  });
}

function addTable(
  table: Tree,
  alias: string | undefined,
  names: readonly string[],
  scope: Scope,
  reader: QueryReader,
): void {
  const { catalog } = reader.session;
  const name = catalog.nameOf(table);
  const cte = name.bare ? scope.cte(name.name) : undefined;
  const relation = cte ?? catalog.table(name);
  const place = reader.session.placeOf(table.name);
  if (!cte && place) relation.object.places.push(place);
  const renamed = new Map(
    names.flatMap((text, index) => {
      const column = relation.open ? undefined : relation.outputs[index];
      return column ? [[text.toLowerCase(), column] as const] : [];
    }),
  );
  scope.sources.push({ alias, name: cte ? { name: name.name } : name, relation, renamed });
}

/** `UNNEST(x)`, `LATERAL FLATTEN(…)`, a table function: every column is made of its arguments. */
function addFunction(
  kind: string,
  body: Tree,
  item: unknown,
  alias: string | undefined,
  names: readonly string[],
  scope: Scope,
  reader: QueryReader,
): void {
  const typed = treesOf(body, 'expressions').flatMap((part) =>
    maybe(child(part, 'table_alias')),
  )[0];
  const columns =
    names.length > 0
      ? names
      : listOf(typed, 'columns').flatMap(
          (column) => identifier(expression(column)?.body.name)?.text ?? [],
        );
  const as = alias ?? identifier(typed?.this)?.text.toLowerCase();
  const what = kind === 'alias' || kind === 'lateral' ? body.this : item;
  const relation = functionRelation(what, scope, reader, columns);
  // BigQuery: UNNEST(x) AS u names the elements themselves.
  const itself = as !== undefined && columns.length === 0 && expression(what)?.kind === 'unnest';
  if (itself) reader.session.builder.column(relation, as);
  const renamed = itself ? new Map([[as, relation.outputs[0]!]]) : undefined;
  scope.sources.push({ alias: as ?? '', relation, loose: true, renamed });
}

/** A result set that a function makes of its arguments. */
export function functionRelation(
  call: unknown,
  scope: Scope,
  reader: QueryReader,
  columns: readonly string[],
): Relation {
  const refs = everyRef(collect(asTree(call), scope, reader));
  const relation = reader.session.builder.resultSet('RS', refs);
  for (const name of columns) reader.session.builder.column(relation, name);
  if (columns.length > 0) relation.open = false;
  return relation;
}

function textAlias(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.toLowerCase() : undefined;
}
