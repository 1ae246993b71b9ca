import type { Relation } from './builder';
import { writeInto } from './into-table';
import type { QueryReader } from './query';
import type { Scope } from './scope';
import { tableTree } from './session';
import {
  asTree,
  bodyOf,
  child,
  identifier,
  identifiersOf,
  listOf,
  maybe,
  treesOf,
  type Tree,
} from './tree';

/** A `CREATE` whose columns come from a query, so that it can be read when it is first asked for. */
export function definedName(tree: Tree, reader: QueryReader) {
  const view = child(tree, 'create_view');
  const table = child(tree, 'create_table');
  const found = view ?? (table?.as_select ? table : undefined);
  const name = found && tableTree(found.name);
  return name && !isTemporary(found) ? reader.session.catalog.nameOf(name) : undefined;
}

/** Makes the table of a `CREATE TABLE (…)`, so that its columns are known to every file. */
export function declareColumns(create: Tree, reader: QueryReader): Relation | undefined {
  const { builder, catalog } = reader.session;
  const name = tableTree(create.name);
  if (name === undefined) return undefined;
  const table = catalog.declare('table', catalog.nameOf(name), isTemporary(create));
  const partitions = treesOf(create, 'properties').flatMap((property) => {
    const partitioned =
      child(property, 'partitioned_by_property') ?? child(property, 'partition_by_property');
    // Hive's columns stand in a tuple of their own.
    const tuple = child(child(partitioned, 'this'), 'tuple');
    return treesOf(tuple ?? partitioned, 'expressions');
  });
  const columns = [
    ...treesOf(create, 'columns'),
    ...partitions.flatMap((part) => maybe(bodyOf(part, 'column_def'))),
  ];
  for (const column of columns) {
    const own = identifier(column.name);
    if (own && !table.byName.has(own.text.toLowerCase())) {
      builder.addColumn(table, own.text, reader.session.place(own.span));
    }
  }
  if (columns.length > 0 && !create.as_select) table.open = false;
  return table;
}

/** `CREATE TABLE (…)`, `… AS SELECT`, `… LIKE`, `… CLONE`. */
export function createTable(create: Tree, scope: Scope, reader: QueryReader): Relation | undefined {
  const { catalog, session } = { catalog: reader.session.catalog, session: reader.session };
  const table = declareColumns(create, reader);
  if (table === undefined) return undefined;
  const like = listOf(create, 'constraints').flatMap((part) =>
    maybe(child(asTree(part), 'Like')),
  )[0];
  const likeName = tableTree(like?.source) ?? tableTree(child(create, 'like')?.this);
  const cloneName = tableTree(create.clone_source);
  if (likeName) copyColumns(catalog.table(catalog.nameOf(likeName)), table, reader);
  if (cloneName) {
    session.builder.inProcess('CREATE TABLE', session.source, () => {
      const rows = session.builder.resultSet();
      reader.spread(catalog.table(catalog.nameOf(cloneName)), rows);
      fill(table, rows, 'create_table', [], reader);
    });
  }
  if (create.as_select) {
    const names = treesOf(create, 'columns').flatMap(
      (column) => identifier(column.name)?.text ?? [],
    );
    session.builder.inProcess('CREATE TABLE', session.source, () => {
      const inner = reader.withCtes(create, scope);
      fill(table, reader.read(create.as_select, inner, { names }), 'create_table', names, reader);
    });
  }
  return table;
}

export function createView(create: Tree, scope: Scope, reader: QueryReader): Relation | undefined {
  const { builder, catalog, source } = reader.session;
  const name = tableTree(create.name);
  if (name === undefined || !create.query) return undefined;
  const toTable = tableTree(create.to_table);
  const view = toTable
    ? catalog.table(catalog.nameOf(toTable))
    : catalog.declare('view', catalog.nameOf(name), isTemporary(create));
  const place = reader.session.placeOf(name.name);
  if (place) view.object.places.push(place);
  const names = identifiersOf(create, 'columns').map(({ text }) => text);
  builder.inProcess('CREATE VIEW', source, () => {
    const inner = reader.withCtes(create, scope);
    fill(view, reader.read(create.query, inner, { names }), 'create_view', names, reader);
  });
  return view;
}

/** `SELECT … INTO t`. */
export function selectInto(query: Tree, into: Tree, scope: Scope, reader: QueryReader): void {
  const { builder, catalog, source } = reader.session;
  const name = tableTree(into.this);
  if (name === undefined) return;
  const temporary = into.temporary === true;
  builder.inProcess('SELECT INTO', source, () => {
    const rows = reader.read(query, scope);
    fill(
      catalog.declare('table', catalog.nameOf(name), temporary),
      rows,
      'select_into',
      [],
      reader,
    );
  });
}

/** Gives a table or view the columns of the result set that makes it. */
function fill(
  table: Relation,
  rows: Relation,
  effect: string,
  names: readonly string[],
  reader: QueryReader,
): void {
  writeInto(table, rows, effect, names, reader);
  table.open = rows.open && names.length === 0;
  if (table.open) table.feeds.push({ from: [rows], every: true });
}

function copyColumns(from: Relation, to: Relation, reader: QueryReader): void {
  if (from.open) return;
  for (const { name } of from.outputs) {
    if (!to.byName.has(name.toLowerCase())) reader.session.builder.addColumn(to, name);
  }
  to.open = false;
}

function isTemporary(create: Tree): boolean {
  return (
    create.temporary === true ||
    /temp|volatile/i.test(typeof create.table_modifier === 'string' ? create.table_modifier : '')
  );
}
