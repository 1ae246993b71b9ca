import type { Relation } from './builder';
import { collect, pathOf } from './evidence';
import type { LineageColumn } from './model';
import type { QueryOptions, QueryReader } from './query';
import type { Scope } from './scope';
import { bodyOf, child, expression, identifier, identifiersOf, listOf, type Tree } from './tree';

/** Adds to a result set what one item of a `SELECT` list stands for. */
export function addItem(
  item: unknown,
  result: Relation,
  scope: Scope,
  options: QueryOptions,
  reader: QueryReader,
): void {
  const { kind, body } = expression(item) ?? { kind: '', body: {} };
  if (kind === 'star') {
    addStar(body, result, scope, reader);
    renameFrom(result, options.names);
    return;
  }
  if (kind === 'query_transform') {
    const schema = listOf(child(child(body, 'schema'), 'schema'), 'expressions');
    const names = schema.flatMap(
      (part) => identifier(bodyOf(part, 'column_def')?.name)?.text ?? [],
    );
    for (const name of names) addColumn(body.expressions, name, result, scope, reader);
    return;
  }
  const several = kind === 'alias' ? identifiersOf(body, 'column_aliases') : [];
  if (several.length > 0) {
    for (const { text } of several) addColumn(body.this, text, result, scope, reader);
    return;
  }
  const { name, value } = named(item, reader);
  if (name?.startsWith('@')) return void collect(value, scope, reader);
  const given = options.names?.[result.outputs.length];
  addColumn(value, given ?? name ?? reader.session.textOf(value), result, scope, reader, item);
}

/** An item's own name, from its alias or the column it is. */
function named(item: unknown, reader: QueryReader): { name?: string; value: unknown } {
  const alias = bodyOf(item, 'alias');
  if (alias) return { name: identifier(alias.alias)?.text, value: alias.this };
  const equals = reader.session.isTransact() ? bodyOf(item, 'eq') : undefined;
  const left = equals && pathOf(equals.left)?.parts;
  if (equals && left?.length === 1) return { name: left[0], value: equals.right };
  return { name: pathOf(item)?.parts.at(-1), value: item };
}

function addColumn(
  value: unknown,
  name: string,
  result: Relation,
  scope: Scope,
  reader: QueryReader,
  item?: unknown,
): void {
  const { builder } = reader.session;
  const evidence = collect(value, scope, reader);
  const place =
    reader.session.placeOf(bodyOf(item, 'alias')?.alias) ??
    reader.session.place(pathOf(value)?.span);
  const column = builder.addColumn(result, name, place);
  scope.aliases.set(name.toLowerCase(), column);
  const target = { column, ...(place && { place }) };
  builder.relate('fdd', 'select', target, evidence.direct);
  builder.relate('fdr', 'select', target, evidence.counted, { counted: true });
  builder.relate('fdr', 'select', target, evidence.indirect);
  if (evidence.countsRows) {
    const rows = scope.sources.map(({ relation }) => ({ column: builder.rowsOf(relation) }));
    builder.relate('frd', 'select', target, rows);
  }
}

/** `*`, `t.*`, `* EXCEPT (a)`, `* REPLACE (x AS a)`, `* RENAME (a AS b)`. */
function addStar(star: Tree, result: Relation, scope: Scope, reader: QueryReader): void {
  const { builder } = reader.session;
  const qualifier = identifier(star.table)?.text;
  const only = qualifier === undefined ? undefined : scope.source(qualifier.split('.'));
  const sources = only ? [only] : scope.sources;
  const before = result.outputs.length;
  const excepted = new Set(identifiersOf(star, 'except').map(({ text }) => text.toLowerCase()));
  const seen = new Set<string>();
  for (const { relation } of sources) {
    const without = new Set<LineageColumn>();
    for (const output of relation.outputs) {
      const key = output.name.toLowerCase();
      const merged = scope.merged.has(key) && seen.has(key);
      if (excepted.has(key) || merged) without.add(output);
      seen.add(key);
    }
    reader.spread(relation, result, without);
  }
  for (const replaced of listOf(star, 'replace')) {
    const alias = expression(replaced)?.kind === 'alias' ? bodyOf(replaced, 'alias') : undefined;
    const name = identifier(alias?.alias)?.text;
    const column =
      name && result.outputs.find(({ name: own }) => own.toLowerCase() === name.toLowerCase());
    if (!column) continue;
    builder.relate('fdd', 'select', { column }, collect(alias?.this, scope, reader).direct);
  }
  for (const column of result.outputs.slice(before)) {
    if (column.name !== '*') scope.aliases.set(column.name.toLowerCase(), column);
  }
}

/** Gives the columns of a star the names that the view or derived table lists. */
function renameFrom(result: Relation, names: readonly string[] | undefined): void {
  if (names === undefined || names.length === 0) return;
  if (result.outputs.some(({ name }) => name === '*')) return;
  for (const [index, name] of names.entries()) {
    const column = result.outputs[index];
    if (column === undefined || column.name === name) continue;
    result.byName.delete(column.name.toLowerCase());
    result.byName.set(name.toLowerCase(), column);
    column.name = name;
  }
}
