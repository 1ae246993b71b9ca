import type { ColumnRef, Relation } from './builder';
import { collect, pathOf } from './evidence';
import { columnOf } from './into-table';
import type { QueryReader } from './query';
import type { Scope } from './scope';
import { bodyOf, identifier } from './tree';

/** One column that is set. */
export interface Assignment {
  readonly target: readonly string[];
  readonly value: unknown;
}

/** `[name, value]` of an `UPDATE`, or `name = value` of a `MERGE`. */
export function assignmentOf(item: unknown): Assignment[] {
  if (Array.isArray(item)) {
    const name = identifier(item[0])?.text;
    return name === undefined ? [] : [{ target: name.split('.'), value: item[1] as unknown }];
  }
  const equals = bodyOf(item, 'eq');
  const path = equals && (pathOf(equals.left)?.parts ?? identifier(equals.left)?.text.split('.'));
  return path ? [{ target: path, value: equals.right }] : [];
}

/** Sets columns through a result set of their values. */
export function assign(
  assignments: readonly Assignment[],
  fallback: Relation,
  prefix: string,
  effect: string,
  deciding: readonly ColumnRef[],
  scope: Scope,
  reader: QueryReader,
): void {
  const { builder } = reader.session;
  const values = builder.resultSet(prefix);
  const touched = new Set<Relation>();
  for (const { target, value } of assignments) {
    const name = target.at(-1) ?? '';
    const table = (target.length > 1 && scope.source(target.slice(0, -1))?.relation) || fallback;
    touched.add(table);
    const column = builder.addColumn(values, name);
    const evidence = collect(value, scope, reader);
    builder.relate('fdd', effect, { column }, evidence.direct);
    builder.relate('fdr', effect, { column }, evidence.counted, { counted: true });
    builder.relate('fdr', effect, { column }, evidence.indirect);
    const written = columnOf(table, name, reader);
    if (builder.hasSources(column))
      builder.relate('fdd', effect, { column: written }, [{ column }]);
  }
  reader.decideRows(values, deciding, effect);
  if (!values.rows) return;
  for (const table of touched) reader.decideRows(table, [{ column: values.rows }], effect);
}
