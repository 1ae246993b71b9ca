import type { LineageBuilder, Relation } from './builder';
import type { VendorDialect } from './dialects';
import type { ObjectName } from './model';
import { identifier, type Identifier, type Tree } from './tree';

/** A name as a statement gives it, with the session's defaults filled in. */
export interface TableName extends ObjectName {
  /** Written without a database or schema. */
  readonly bare: boolean;
}

export interface CatalogDefaults {
  readonly database?: string;
  readonly schema?: string;
}

/** Views and tables of a query may hold each other up this deep; beyond it their columns stay open. */
const maxDefinitionDepth = 64;

/** The tables and views of one job, and of one file of it at a time. */
export class Catalog {
  readonly #shared = new Map<string, Relation>();
  readonly #definitions = new Map<string, { read: () => void; session: CatalogDefaults }>();
  #temporary = new Map<string, Relation>();
  #current: CatalogDefaults;
  #depth = 0;

  constructor(
    private readonly builder: LineageBuilder,
    private readonly vendor: VendorDialect,
    private readonly defaults: CatalogDefaults,
  ) {
    this.#current = defaults;
  }

  /** Temporary tables and `USE` hold for one file. */
  enterFile(): void {
    this.#temporary = new Map();
    this.#current = this.defaults;
  }

  use(name: string): void {
    const level = this.vendor.databaseOnly || /^(tsql|snowflake)$/.test(this.vendor.dialect);
    this.#current = level
      ? { ...this.#current, database: name }
      : { ...this.#current, schema: name };
  }

  /** Reads a definition of another file; the file that is being read comes back afterwards. */
  #aside(definition: { read: () => void; session: CatalogDefaults }): void {
    const temporary = this.#temporary;
    const current = this.#current;
    this.#depth += 1;
    this.#temporary = new Map();
    this.#current = definition.session;
    try {
      definition.read();
    } finally {
      this.#temporary = temporary;
      this.#current = current;
      this.#depth -= 1;
    }
  }

  /** A view or table whose columns are known once its query has been read. */
  defineLater(name: ObjectName, read: () => void): void {
    this.#definitions.set(keyOf(name), { read, session: this.#current });
  }

  /** The definition is being read now. */
  startDefinition(name: ObjectName): void {
    this.#definitions.delete(keyOf(name));
  }

  nameOf(table: Tree): TableName {
    const parts = [table.catalog, table.schema, table.name].flatMap(
      (part) => identifier(part) ?? [],
    );
    const [database, schema, name] = this.#levels(parts);
    const fill = this.#current;
    const bare = schema === undefined;
    if (this.vendor.databaseOnly) {
      const level = schema ?? fill.database ?? fill.schema;
      return { ...(level && { database: level }), name: name ?? '', bare };
    }
    const filledSchema = schema ?? fill.schema;
    const filledDatabase = database ?? fill.database;
    return {
      ...(filledDatabase && { database: filledDatabase }),
      ...(filledSchema && { schema: filledSchema }),
      name: name ?? '',
      bare,
    };
  }

  #levels(
    parts: readonly Identifier[],
  ): [string | undefined, string | undefined, string | undefined] {
    // BigQuery quotes a whole path: `project.dataset.table`.
    const split = parts.flatMap((part) =>
      part.quoted && this.vendor.dialect === 'bigquery' ? part.text.split('.') : [part.text],
    );
    return [split.at(-3), split.at(-2), split.at(-1)];
  }

  find(name: TableName): Relation | undefined {
    const key = keyOf(name);
    const temporary = this.#temporary.get(temporaryKey(name));
    if (temporary) return temporary;
    const definition = this.#definitions.get(key);
    if (definition !== undefined && this.#depth < maxDefinitionDepth) {
      this.#definitions.delete(key);
      this.#aside(definition);
    }
    return this.#shared.get(key);
  }

  /** The table of that name; one that nobody declared has whatever columns are asked of it. */
  table(name: TableName): Relation {
    return this.find(name) ?? this.#add('table', name, isTemporaryName(name));
  }

  /** Makes the table or view, or finds it. Its columns are still open. */
  declare(kind: 'table' | 'view', name: TableName, temporary: boolean): Relation {
    const inFile = temporary || isTemporaryName(name);
    const known = inFile ? this.#temporary.get(temporaryKey(name)) : this.#shared.get(keyOf(name));
    return known ?? this.#add(kind, name, inFile);
  }

  #add(kind: 'table' | 'view', name: TableName, temporary: boolean): Relation {
    const { bare: _, ...parts } = name;
    const relation = this.builder.object(kind, parts, true);
    if (temporary) this.#temporary.set(temporaryKey(name), relation);
    else this.#shared.set(keyOf(name), relation);
    return relation;
  }
}

/** Names are compared without regard to case, as nearly every vendor does. */
function keyOf(name: ObjectName): string {
  return [name.database ?? '', name.schema ?? '', name.name].join('\0').toLowerCase();
}

/** A temporary table belongs to no schema, so that its plain name finds it whatever the session's is. */
function temporaryKey(name: TableName): string {
  return name.bare ? name.name.toLowerCase() : keyOf(name);
}

function isTemporaryName(name: ObjectName): boolean {
  return name.name.startsWith('#');
}
