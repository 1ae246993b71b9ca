import type { ColumnRef, LineageBuilder, Relation } from './builder';
import type { LineageColumn, ObjectName } from './model';
import type { Place } from './source-text';
import type { Tree } from './tree';

/** One thing that a query reads from. */
export interface Source {
  /** In lower case; where there is none, the table's own name stands for it. */
  readonly alias?: string;
  readonly name?: ObjectName;
  readonly relation: Relation;
  /** A table function: its columns are meant only where no table can be. */
  readonly loose?: boolean;
  /** Columns by another name than in the relation. */
  readonly renamed?: ReadonlyMap<string, LineageColumn>;
}

/** What the names of one query mean. */
export class Scope {
  readonly sources: Source[] = [];
  readonly ctes = new Map<string, Relation>();
  /** Output columns of the query itself, for clauses that may name them. */
  readonly aliases = new Map<string, LineageColumn>();
  /** Names that both sides of a join share (`USING`). */
  readonly merged = new Set<string>();
  /** Parameters of a lambda. */
  readonly bound = new Set<string>();
  windows: readonly Tree[] = [];
  /** Whether an alias wins over a column (`HAVING`, `QUALIFY`). */
  aliasesFirst = false;

  constructor(readonly parent?: Scope) {}

  cte(name: string): Relation | undefined {
    return this.ctes.get(name.toLowerCase()) ?? this.parent?.cte(name);
  }

  /** The source that `a.`, `s.a.` or `d.s.a.` names, in this query or one around it. */
  source(qualifier: readonly string[]): Source | undefined {
    const path = qualifier.map((part) => part.toLowerCase());
    return this.sources.find((source) => answersTo(source, path)) ?? this.parent?.source(qualifier);
  }
}

function answersTo(source: Source, path: readonly string[]): boolean {
  if (source.alias !== undefined) return path.length === 1 && path[0] === source.alias;
  if (source.name === undefined) return false;
  const own = [source.name.database, source.name.schema, source.name.name]
    .flatMap((part) => (part === undefined ? [] : [part.toLowerCase()]))
    .slice(-path.length);
  return own.length === path.length && own.every((part, index) => part === path[index]);
}

/** Names that look like columns and are none. */
const pseudoColumns =
  /^(nextval|currval|sysdate|systimestamp|current_date|current_time|current_timestamp|current_user|session_user|user|rownum|level|default|sqlcode|sqlerrm|found)$/i;
const pseudoTables = /^:?(new|old|inserted|deleted|excluded|sys|dbms_\w+|utl_\w+)$/i;

/** Finds the column that a name means, and says so when it had to guess. */
export class Resolver {
  constructor(
    private readonly builder: LineageBuilder,
    private readonly orphan: (message: string, place?: Place) => void,
    private readonly inBlock: () => boolean,
  ) {}

  /** `path` is the column with whatever stands before it: `[schema, table, column, field]`. */
  resolve(scope: Scope, path: readonly string[], place?: Place): ColumnRef | undefined {
    for (let length = Math.min(path.length - 1, 3); length > 0; length -= 1) {
      const source = scope.source(path.slice(0, length));
      const name = path[length];
      if (source && name !== undefined) return this.#of(source, name, place);
    }
    const [first = '', last = first] = [path[0], path.at(-1)];
    if (/^[@:$]/.test(first) || pseudoColumns.test(last)) return undefined;
    if (path.length === 1) return this.#unqualified(scope, first, place);
    if (pseudoTables.test(first)) return undefined;
    // A field of a structured column or of a procedure's record, or a table that isn't there.
    const known = this.#known(scope, first);
    if (known || this.inBlock()) return known;
    const holder = this.#onlyOpen(scope, first, place);
    if (holder) return holder;
    this.orphan(`no table or alias ${path.slice(0, -1).join('.')} for ${path.join('.')}`, place);
    return this.#firstTable(scope, last, place);
  }

  #of(source: Source, name: string, place?: Place): ColumnRef {
    const column =
      source.renamed?.get(name.toLowerCase()) ?? this.builder.column(source.relation, name, place);
    if (column) return ref(column, place);
    const owner = source.alias ?? source.relation.object.name;
    this.orphan(`${owner} has no column ${name}`, place);
    return ref(this.builder.addColumn(source.relation, name, place), place);
  }

  #unqualified(scope: Scope, name: string, place?: Place): ColumnRef | undefined {
    const key = name.toLowerCase();
    for (let at: Scope | undefined = scope; at; at = at.parent) {
      if (at.bound.has(key)) return undefined;
      const alias = at.aliases.get(key);
      if (alias && at.aliasesFirst) return ref(alias, place);
      const known = knownIn(at, key);
      if (known) return ref(known, place);
      const open = at.sources.filter(({ relation, loose }) => relation.open && !loose);
      const [first] = open;
      if (first) {
        if (open.length > 1 && !at.merged.has(key)) {
          const all = open.map(({ alias: as, relation }) => as ?? relation.object.name).join(', ');
          this.orphan(`column ${name} may belong to any of ${all}`, place);
        }
        return this.#of(first, name, place);
      }
      if (alias) return ref(alias, place);
    }
    const looseSource = this.#loose(scope, key, place);
    if (looseSource || !hasSources(scope)) return looseSource;
    this.orphan(`no table of the query has a column ${name}`, place);
    return this.#firstTable(scope, name, place);
  }

  #known(scope: Scope, name: string): ColumnRef | undefined {
    for (let at: Scope | undefined = scope; at; at = at.parent) {
      const column = knownIn(at, name.toLowerCase());
      if (column) return ref(column);
    }
    return undefined;
  }

  #onlyOpen(scope: Scope, name: string, place?: Place): ColumnRef | undefined {
    const open = scope.sources.filter(({ relation, loose }) => relation.open && !loose);
    const [only] = open;
    return only && open.length === 1 ? this.#of(only, name, place) : undefined;
  }

  #loose(scope: Scope, key: string, place?: Place): ColumnRef | undefined {
    for (let at: Scope | undefined = scope; at; at = at.parent) {
      const source = at.sources.find(({ loose }) => loose);
      if (source) return this.#of(source, key, place);
    }
    return undefined;
  }

  #firstTable(scope: Scope, name: string, place?: Place): ColumnRef | undefined {
    for (let at: Scope | undefined = scope; at; at = at.parent) {
      const [first] = at.sources;
      if (first === undefined) continue;
      const column =
        this.builder.column(first.relation, name, place) ??
        this.builder.addColumn(first.relation, name, place);
      return ref(column, place);
    }
    return undefined;
  }
}

/** A column that is known to be there; in an open table somebody has named it before. */
function knownIn(scope: Scope, key: string): LineageColumn | undefined {
  for (const { relation, renamed } of scope.sources) {
    const column = renamed?.get(key) ?? (relation.open ? undefined : relation.byName.get(key));
    if (column) return column;
  }
  for (const { relation } of scope.sources) {
    // An open result set knows the columns that its query names.
    const column = relation.object.kind === 'resultset' ? relation.byName.get(key) : undefined;
    if (column && relation.outputs.includes(column)) return column;
  }
  return undefined;
}

function hasSources(scope: Scope): boolean {
  return scope.sources.length > 0 || (scope.parent !== undefined && hasSources(scope.parent));
}

function ref(column: LineageColumn, place?: Place): ColumnRef {
  return { column, ...(place && { place }) };
}
