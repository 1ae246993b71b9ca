import type { Relation } from './builder';
import type { LineageColumn } from './model';
import type { QueryReader } from './query';

/**
 * Writes the rows of a result set into a table.
 *
 * Columns are matched by position: with the names given, else with the table's own where they are
 * known, else under the names that the result set has.
 */
export function writeInto(
  table: Relation,
  rows: Relation,
  effect: string,
  names: readonly string[],
  reader: QueryReader,
): void {
  const { builder } = reader.session;
  const targets = names.length > 0 ? names : ownNames(table);
  const starAt = rows.outputs.findIndex(({ name }) => name === '*');
  for (const [position, source] of rows.outputs.entries()) {
    for (const name of targetNames(source, position, starAt, rows.outputs.length, targets)) {
      const column = columnOf(table, name, reader);
      builder.relate('fdd', effect, { column }, [{ column: source }]);
    }
  }
  if (rows.rows) reader.decideRows(table, [{ column: rows.rows }], effect);
}

/** Which target columns one column of the result set goes to. */
function targetNames(
  source: LineageColumn,
  position: number,
  starAt: number,
  width: number,
  targets: readonly string[],
): readonly string[] {
  if (targets.length === 0) return [source.name];
  if (starAt === -1 || position < starAt) return targets.slice(position, position + 1);
  const after = width - 1 - position;
  if (position > starAt) return targets.slice(targets.length - after - 1, targets.length - after);
  // Which of the unknown columns goes where can't be known: each may come from the star.
  return targets.slice(starAt, targets.length - (width - 1 - starAt));
}

/** The columns of a table whose DDL was read. */
function ownNames(table: Relation): string[] {
  return table.open ? [] : table.outputs.map(({ name }) => name);
}

/** The column of that name; a table is taken to have what is written into it. */
export function columnOf(table: Relation, name: string, reader: QueryReader): LineageColumn {
  const { builder } = reader.session;
  if (name === '*') return builder.star(table);
  return builder.column(table, name) ?? builder.addColumn(table, name);
}
