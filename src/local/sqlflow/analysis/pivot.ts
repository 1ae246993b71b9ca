import type { Relation } from './builder';
import { collect, everyRef } from './evidence';
import type { LineageColumn } from './model';
import type { QueryReader } from './query';
import type { Scope } from './scope';
import { bodyOf, expression, identifier, identifiersOf, listOf, maybe, type Tree } from './tree';

/**
 * `t PIVOT (sum(a) FOR b IN (1 AS x, …))`: one column a value, made of what is aggregated.
 *
 * @param scope holds `t` alone
 */
export function pivot(body: Tree, scope: Scope, reader: QueryReader): Relation {
  const { builder } = reader.session;
  const result = builder.resultSet();
  const aggregated = everyRef(collect(body.expressions, scope, reader));
  const fields = listOf(body, 'fields').flatMap((field) => maybe(bodyOf(field, 'in')));
  const keys = fields.flatMap((field) => everyRef(collect(field.this, scope, reader)));
  const values = fields.flatMap((field) => listOf(field, 'expressions').map(valueName));
  const used = new Set([...aggregated, ...keys].map((ref) => ref.column));
  for (const { relation } of scope.sources) reader.spread(relation, result, used);
  const names = identifiersOf(body, 'alias_columns').map(({ text }) => text);
  for (const [index, value] of values.entries()) {
    const column = builder.addColumn(result, names.at(index - values.length) ?? value);
    builder.relate('fdd', 'select', { column }, aggregated);
    builder.relate('fdr', 'select', { column }, keys);
  }
  return result;
}

/**
 * `t UNPIVOT (v FOR n IN (a, b))`: `v` is made of all the columns that are turned into rows.
 *
 * @param scope holds `t` alone
 */
export function unpivot(body: Tree, scope: Scope, reader: QueryReader): Relation {
  const { builder } = reader.session;
  const result = builder.resultSet();
  const turned = everyRef(collect(body.columns, scope, reader));
  const used = new Set<LineageColumn>(turned.map((ref) => ref.column));
  for (const { relation } of scope.sources) reader.spread(relation, result, used);
  const name = identifier(body.name_column)?.text;
  if (name) builder.addColumn(result, name);
  const value = identifier(body.value_column)?.text;
  if (value) builder.relate('fdd', 'select', { column: builder.addColumn(result, value) }, turned);
  return result;
}

function valueName(value: unknown): string {
  const found = expression(value);
  if (found?.kind === 'pivot_alias')
    return identifier(found.body.alias) ? aliasText(found.body) : '';
  if (found?.kind === 'literal') return String(found.body.value);
  return identifier(value)?.text ?? '';
}

function aliasText(body: Tree): string {
  return identifier(bodyOf(body.alias, 'column')?.name)?.text ?? identifier(body.alias)?.text ?? '';
}
