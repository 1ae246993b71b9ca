import { assign, assignmentOf } from './assign';
import type { ColumnRef, Relation } from './builder';
import { collect, everyRef, pathOf } from './evidence';
import { addJoins, addSource } from './from';
import { columnOf, writeInto } from './into-table';
import type { QueryReader } from './query';
import { Scope } from './scope';
import { tableTree } from './session';
import {
  bodyOf,
  child,
  identifier,
  identifiersOf,
  isQuery,
  listOf,
  treesOf,
  type Tree,
} from './tree';

/** `INSERT`, `REPLACE` and their forms. */
export function insert(body: Tree, outer: Scope, reader: QueryReader): Relation | undefined {
  const { builder, catalog, source } = reader.session;
  const name = tableTree(body.table);
  if (name === undefined || !identifier(name.name)) return undefined; // INSERT OVERWRITE DIRECTORY
  const scope = reader.withCtes(body, outer);
  const table = catalog.table(catalog.nameOf(name));
  const place = reader.session.placeOf(name.name);
  if (place) table.object.places.push(place);
  builder.inProcess('INSERT', source, () => {
    const rows = insertedRows(body, scope, reader);
    const names = identifiersOf(body, 'columns').map(({ text }) => text);
    if (body.by_name === true) {
      for (const column of rows.outputs) {
        const target = columnOf(table, column.name, reader);
        builder.relate('fdd', 'insert', { column: target }, [{ column }]);
      }
      if (rows.rows) reader.decideRows(table, [{ column: rows.rows }], 'insert');
    } else if (body.query || rows.outputs.some((column) => builder.hasSources(column))) {
      writeInto(table, rows, 'insert', insertNames(body, table, names), reader);
    }
    onConflict(body, table, rows, names, scope, reader);
  });
  return table;
}

function insertedRows(body: Tree, scope: Scope, reader: QueryReader): Relation {
  if (body.query) return reader.read(body.query, scope, { prefix: 'INSERT-SELECT' });
  const values = {
    values: { expressions: listOf(body, 'values').map((row) => ({ expressions: row })) },
  };
  return reader.read(values, scope, { prefix: 'INSERT-VALUES' });
}

/**
 * The columns that values go to, where they aren't simply the table's. Hive's dynamic partition
 * columns come last in the query; static ones aren't in it.
 */
function insertNames(body: Tree, table: Relation, names: readonly string[]): readonly string[] {
  const partitions = listOf(body, 'partition').flatMap((pair) => {
    const [key, value] = pair as [unknown, unknown];
    const column = identifier(key)?.text;
    return column ? [{ column: column.toLowerCase(), isStatic: value !== null }] : [];
  });
  if (partitions.length === 0 || table.open || names.length > 0) return names;
  const own = table.outputs.map(({ name }) => name);
  const kept = own.filter(
    (name) => !partitions.some(({ column }) => column === name.toLowerCase()),
  );
  return [...kept, ...partitions.filter(({ isStatic }) => !isStatic).map(({ column }) => column)];
}

/** `ON CONFLICT … DO UPDATE SET a = excluded.a`, `ON DUPLICATE KEY UPDATE a = VALUES(a)`. */
function onConflict(
  body: Tree,
  table: Relation,
  rows: Relation,
  names: readonly string[],
  outer: Scope,
  reader: QueryReader,
): void {
  const conflict = bodyOf(body.on_conflict, 'on_conflict');
  if (conflict === undefined) return;
  const scope = new Scope(outer);
  const alias = identifier(body.alias)?.text.toLowerCase();
  const given = names.length > 0 ? names : table.outputs.map(({ name }) => name);
  const renamed = new Map(
    given.flatMap((name, index) => {
      const column = rows.outputs[index];
      return column ? [[name.toLowerCase(), column] as const] : [];
    }),
  );
  scope.sources.push({ alias, name: table.object, relation: table });
  scope.sources.push({ alias: 'excluded', relation: rows, renamed, loose: true });
  const action = bodyOf(conflict.action, 'tuple');
  const assignments = [...listOf(action, 'expressions'), ...listOf(conflict, 'expressions')];
  for (const { target, value } of assignments.flatMap(assignmentOf)) {
    const sources = collect(value, scope, reader).direct;
    const column = columnOf(table, target.at(-1) ?? '', reader);
    reader.session.builder.relate('fdd', 'insert', { column }, sources);
  }
}

/** Oracle's and Snowflake's `INSERT ALL`: several tables from one query. */
export function insertAll(body: Tree, scope: Scope, reader: QueryReader): void {
  const { builder, catalog, source } = reader.session;
  builder.inProcess('INSERT', source, () => {
    const rows = reader.read(body.source, scope, { prefix: 'INSERT-SELECT' });
    const inner = new Scope(scope);
    inner.sources.push({ alias: '', relation: rows });
    for (const part of listOf(body, 'expressions')) {
      const conditional = bodyOf(part, 'conditional_insert');
      const into = bodyOf(conditional?.this, 'insert');
      const name = tableTree(into?.table);
      if (into === undefined || name === undefined) continue;
      const table = catalog.table(catalog.nameOf(name));
      const names = identifiersOf(into, 'columns').map(({ text }) => text);
      const values = listOf(into, 'values')[0];
      if (Array.isArray(values)) {
        const picked = builder.resultSet('INSERT-VALUES');
        for (const value of values) {
          const column = builder.addColumn(
            picked,
            pathOf(value)?.parts.at(-1) ?? reader.session.textOf(value),
          );
          builder.relate('fdd', 'select', { column }, collect(value, inner, reader).direct);
        }
        if (rows.rows) reader.decideRows(picked, [{ column: rows.rows }]);
        writeInto(table, picked, 'insert', names, reader);
      } else writeInto(table, rows, 'insert', names, reader);
      reader.decideRows(table, everyRef(collect(conditional?.expression, inner, reader)), 'insert');
    }
  });
}

export function update(body: Tree, outer: Scope, reader: QueryReader): Relation | undefined {
  const { builder, source } = reader.session;
  const scope = new Scope(reader.withCtes(body, outer));
  let table: Relation | undefined;
  let deciding: ColumnRef[] = [];
  const read = () => {
    // The target may be an alias of the FROM clause, as in UPDATE t SET … FROM tgt t.
    for (const item of listOf(child(body, 'from_clause'), 'expressions'))
      addSource(item, scope, reader);
    deciding = addJoins(treesOf(body, 'from_joins'), scope, reader);
    const target = tableTree(body.table);
    const text = identifier(target?.name)?.text ?? '';
    const named = target?.schema || target?.alias ? undefined : scope.source([text]);
    if (!named) {
      addSource({ table: body.table }, scope, reader);
      // The target comes first: an unqualified column that nobody knows is taken for its own.
      scope.sources.unshift(...scope.sources.splice(-1));
    }
    for (const extra of listOf(body, 'extra_tables')) addSource({ table: extra }, scope, reader);
    deciding.push(...addJoins(treesOf(body, 'table_joins'), scope, reader));
    return named ?? scope.sources[0];
  };
  builder.inProcess('UPDATE', source, () => {
    const target = read();
    if (target === undefined) return;
    const assignments = listOf(body, 'set').flatMap(assignmentOf);
    deciding.push(...everyRef(collect(body.where_clause, scope, reader)));
    assign(assignments, target.relation, 'UPDATE-SET', 'update', deciding, scope, reader);
    table = target.relation;
  });
  return table;
}

/** `DELETE`: nothing flows, but columns decide which rows are left. */
export function remove(body: Tree, outer: Scope, reader: QueryReader): void {
  const { builder, source } = reader.session;
  const scope = new Scope(reader.withCtes(body, outer));
  builder.inProcess('DELETE', source, () => {
    addSource({ table: body.table }, scope, reader);
    for (const used of listOf(body, 'using'))
      addSource(isQuery(used) ? used : { table: used }, scope, reader);
    const deciding = addJoins(treesOf(body, 'joins'), scope, reader);
    deciding.push(...everyRef(collect(body.where_clause, scope, reader)));
    const [target] = scope.sources;
    if (target) reader.decideRows(target.relation, deciding, 'delete');
  });
}
