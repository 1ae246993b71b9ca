import { assign, assignmentOf, type Assignment } from './assign';
import type { Relation } from './builder';
import { collect, everyRef, pathOf } from './evidence';
import { addSource } from './from';
import type { QueryReader } from './query';
import { Scope } from './scope';
import { asTree, bodyOf, expression, identifier, listOf, type Tree } from './tree';

export function merge(body: Tree, outer: Scope, reader: QueryReader): void {
  const { builder, source } = reader.session;
  const scope = new Scope(reader.withCtes(body, outer));
  builder.inProcess('MERGE', source, () => {
    addSource(body.this, scope, reader);
    addSource(body.using, scope, reader);
    const [target, using] = scope.sources;
    if (target === undefined || using === undefined) return;
    const on = reader.joinCondition(body.on, scope);
    for (const item of listOf(bodyOf(body.whens, 'whens'), 'expressions')) {
      const when = bodyOf(item, 'when');
      const [action, first, second] = listOf(bodyOf(when?.then, 'tuple'), 'expressions');
      const verb = verbOf(action);
      const deciding = [...on, ...everyRef(collect(when?.condition, scope, reader))];
      const pairs = (list: unknown) => listOf(bodyOf(list, 'tuple') ?? asTree(list), 'expressions');
      let assignments: Assignment[];
      const byName = expression(first)?.kind === 'star' || bodyOf(first, 'var') !== undefined;
      if (byName) assignments = allColumns(target.relation, using.relation, using.alias);
      else if (verb === 'UPDATE') assignments = pairs(first).flatMap(assignmentOf);
      else
        assignments = insertPairs(
          pairs(first),
          second ? pairs(second) : undefined,
          target.relation,
        );
      if (assignments.length === 0) continue;
      const effect = verb === 'UPDATE' ? 'merge_update' : 'merge_insert';
      const prefix = verb === 'UPDATE' ? 'MERGE-UPDATE' : 'MERGE-INSERT';
      assign(assignments, target.relation, prefix, effect, deciding, scope, reader);
    }
  });
}

function verbOf(action: unknown): string {
  const verb = bodyOf(action, 'var')?.this;
  return typeof verb === 'string' ? verb.toUpperCase() : '';
}

/** `INSERT (a, b) VALUES (x, y)`; without a column list the table's own columns are meant. */
function insertPairs(
  first: readonly unknown[],
  second: readonly unknown[] | undefined,
  table: Relation,
): Assignment[] {
  const names = second
    ? first.map((name) => pathOf(name)?.parts ?? [identifier(name)?.text ?? ''])
    : [];
  return (second ?? first).map((value, index) => ({
    target: names[index] ?? [
      table.outputs[index]?.name ?? pathOf(value)?.parts.at(-1) ?? `column${index + 1}`,
    ],
    value,
  }));
}

/** `UPDATE SET *`, `INSERT *`, `INSERT ROW`: columns of the same name. */
function allColumns(target: Relation, using: Relation, alias: string | undefined): Assignment[] {
  const known = !target.open ? target : !using.open ? using : undefined;
  const names = known ? known.outputs.map(({ name }) => name) : ['*'];
  const qualifier = alias ?? using.object.name;
  return names.map((name) => ({
    target: [name],
    value: { column: { name: { name }, table: { name: qualifier } } },
  }));
}
