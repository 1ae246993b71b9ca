import type { Relation } from './builder';
import * as changes from './change';
import { createTable, createView, definedName, selectInto } from './create';
import { merge } from './merge';
import { QueryReader } from './query';
import { Scope } from './scope';
import { addItem } from './select-item';
import { tableTree, type Session } from './session';
import type { Statement } from './statements';
import {
  asTree,
  bodyOf,
  child,
  expression,
  identifier,
  listOf,
  maybe,
  treesOf,
  type Tree,
} from './tree';

/** Says what one statement does to the lineage. */
export class Executor {
  readonly reader: QueryReader;
  readonly #done = new WeakSet<Statement>();

  constructor(private readonly session: Session) {
    this.reader = new QueryReader(session, (tree, scope) => this.#returning(tree, scope));
  }

  /** A statement that was read ahead of its turn, for its columns, isn't read again. */
  run(statement: Statement): void {
    if (this.#done.has(statement)) return;
    this.#done.add(statement);
    const { tree, source, inBlock } = statement;
    this.session.within(source, inBlock, () => {
      const defined = definedName(tree, this.reader);
      if (defined) this.session.catalog.startDefinition(defined);
      this.#apply(tree, new Scope(), inBlock);
    });
  }

  /** Returns what the statement made or changed, for those that can stand inside a query. */
  #apply(tree: Tree, scope: Scope, inBlock: boolean): Relation | undefined {
    const { kind, body } = expression(tree) ?? { kind: '', body: {} };
    const { reader, session } = this;
    switch (kind) {
      case 'select':
      case 'union':
      case 'intersect':
      case 'except':
      case 'subquery':
        this.#query(tree, scope, inBlock);
        return undefined;
      case 'insert':
        return changes.insert(body, scope, reader);
      case 'multitable_inserts':
        changes.insertAll(body, scope, reader);
        return undefined;
      case 'update':
        return changes.update(body, scope, reader);
      case 'merge':
        merge(body, scope, reader);
        return undefined;
      case 'delete':
        changes.remove(body, scope, reader);
        return undefined;
      case 'create_table':
        return createTable(body, scope, reader);
      case 'create_view':
        return createView(body, scope, reader);
      case 'alter_view':
        return this.#alterView(body, scope);
      case 'cache':
        return createTable({ name: { name: body.table }, as_select: body.query }, scope, reader);
      case 'alter_table':
        this.#alterTable(body);
        return undefined;
      case 'use':
        session.catalog.use(identifier(body.this)?.text ?? '');
        return undefined;
      case 'create_procedure':
      case 'create_function':
      case 'create_trigger':
      case 'create_task':
        this.#routine(body, scope);
        return undefined;
      default:
        return undefined;
    }
  }

  /** A change inside a query: `WITH x AS (INSERT … RETURNING a)`. */
  #returning(tree: Tree, scope: Scope): Relation | undefined {
    const table = this.#apply(tree, scope, true);
    const returned = listOf(expression(tree)?.body, 'returning');
    if (table === undefined || returned.length === 0) return table;
    const inner = new Scope(scope);
    inner.sources.push({ alias: table.object.name.toLowerCase(), relation: table });
    const result = this.session.builder.resultSet();
    for (const item of returned) addItem(item, result, inner, {}, this.reader);
    return result;
  }

  #query(tree: Tree, scope: Scope, inBlock: boolean): void {
    const into = leftmost(tree)?.into;
    const makesTable = /^(tsql|postgresql|redshift|generic|teradata)$/.test(
      this.session.vendor.dialect,
    );
    if (asTree(into) && makesTable && (!inBlock || this.session.isTransact())) {
      selectInto(tree, asTree(into)!, scope, this.reader);
      return;
    }
    this.session.builder.inProcess('SELECT', this.session.source, () => {
      this.reader.read(tree, scope);
    });
  }

  #alterView(body: Tree, scope: Scope): Relation | undefined {
    const query = treesOf(body, 'actions').flatMap((action) => action.AsSelect ?? [])[0];
    return query ? createView({ ...body, query }, scope, this.reader) : undefined;
  }

  #alterTable(body: Tree): void {
    const { builder, catalog, source } = this.session;
    const name = tableTree(body.name);
    if (name === undefined) return;
    const table = catalog.table(catalog.nameOf(name));
    for (const action of treesOf(body, 'actions')) {
      const added = identifier(child(child(action, 'AddColumn'), 'column')?.name)?.text;
      if (added && !table.byName.has(added.toLowerCase())) builder.addColumn(table, added);
      const renamed = tableTree(child(action, 'RenameTable'));
      if (renamed === undefined) continue;
      builder.inProcess('RENAME TABLE', source, () => {
        const to = catalog.table(catalog.nameOf(renamed));
        for (const column of table.open ? [builder.star(table)] : table.outputs) {
          const target = builder.column(to, column.name) ?? builder.addColumn(to, column.name);
          builder.relate('fdd', 'rename_table', { column: target }, [{ column }]);
        }
      });
    }
  }

  /** The statements in the body of a procedure, where the parser understood it. */
  #routine(body: Tree, scope: Scope): void {
    const inner = child(body, 'body');
    const statements = [...treesOf(inner, 'Statements'), ...maybe(inner)];
    for (const statement of statements) this.#apply(statement, scope, true);
  }
}

/** The first select of a set operation, which holds its `INTO`. */
function leftmost(tree: unknown): Tree | undefined {
  const found = expression(tree);
  if (found === undefined) return undefined;
  if (found.kind === 'select') return found.body;
  return leftmost(found.body.left ?? found.body.this);
}

export function declaredTable(tree: Tree): Tree | undefined {
  return bodyOf(tree, 'create_table');
}
