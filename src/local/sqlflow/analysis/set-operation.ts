import type { Relation } from './builder';
import { collect } from './evidence';
import type { QueryOptions, QueryReader } from './query';
import type { Scope } from './scope';
import { expression, listOf, type Tree } from './tree';

/**
 * `UNION`, `INTERSECT`, `EXCEPT`: columns are matched by position and named by the first branch. The
 * right side of an `EXCEPT` gives no values; it only decides which rows stay.
 */
export function setOperation(
  kind: string,
  body: Tree,
  scope: Scope,
  options: QueryOptions,
  reader: QueryReader,
): Relation {
  const { builder } = reader.session;
  const result = builder.resultSet(options.prefix);
  const branches = flatten(kind, body);
  const open: Relation[] = [];
  for (const [index, branch] of branches.entries()) {
    const relation = reader.read(branch, scope, index === 0 ? { names: options.names } : {});
    if (index === 0) {
      for (const column of relation.outputs) builder.addColumn(result, column.name);
      options.onColumns?.(result);
    }
    if (relation.rows) reader.decideRows(result, [{ column: relation.rows }]);
    if (kind === 'except' && index > 0) {
      reader.decideRows(
        result,
        relation.outputs.map((column) => ({ column })),
      );
      continue;
    }
    link(relation, result, reader);
    if (relation.open) open.push(relation);
  }
  if (open.length > 0) {
    result.open = true;
    result.feeds.push({ from: open, every: true });
  }
  return result;
}

function link(branch: Relation, result: Relation, reader: QueryReader): void {
  const { builder } = reader.session;
  const last = result.outputs.at(-1);
  for (const [position, source] of branch.outputs.entries()) {
    const target = result.outputs[position] ?? (last?.name === '*' ? last : undefined);
    if (target) builder.relate('fdd', 'select', { column: target }, [{ column: source }]);
  }
}

/** The branches of a chain of one operation; a chain of `EXCEPT` has just one left side. */
function flatten(kind: string, body: Tree): unknown[] {
  const left = expression(body.left);
  const before = left?.kind === kind && !left.body.with ? flatten(kind, left.body) : [body.left];
  return [...before, body.right];
}

/** `VALUES (…), (…)` as a result set. */
export function valuesRelation(
  body: Tree,
  scope: Scope,
  options: QueryOptions,
  reader: QueryReader,
): Relation {
  const { builder } = reader.session;
  const result = builder.resultSet(options.prefix);
  const rows = listOf(body, 'expressions').map((row) => listOf(row as Tree, 'expressions'));
  const width = Math.max(0, ...rows.slice(0, 1).map((row) => row.length));
  for (let position = 0; position < width; position += 1) {
    const column = builder.addColumn(result, options.names?.[position] ?? `column${position + 1}`);
    for (const row of rows) {
      builder.relate('fdd', 'select', { column }, collect(row[position], scope, reader).direct);
    }
  }
  options.onColumns?.(result);
  return result;
}
