import { createHash } from 'node:crypto';
import type {
  ColumnUse,
  Lineage,
  LineageColumn,
  LineageError,
  LineageObject,
  LineageProcess,
  LineageRelation,
  ObjectName,
  RelationType,
} from './model';
import type { Place, SourceText } from './source-text';

/** A column, and where it is used. */
export interface ColumnRef {
  readonly column: LineageColumn;
  readonly place?: Place;
}

/** An object while its columns are still being found. */
export interface Relation {
  readonly object: LineageObject;
  /** Its columns in order, also several of one name; a star stands for those that aren't known. */
  readonly outputs: LineageColumn[];
  readonly byName: Map<string, LineageColumn>;
  /** Whether it may have columns that nobody has named yet. */
  open: boolean;
  /** Where columns of an open result set come from: the first that has them, or every one. */
  readonly feeds: { from: Relation[]; every: boolean }[];
  /** What every column of a table function comes from. */
  readonly arguments?: readonly ColumnRef[];
  rows?: LineageColumn;
}

const rowsName = 'RelationRows';

/** Makes objects, columns and relations, numbered in the order in which they are found. */
export class LineageBuilder {
  readonly errors: LineageError[] = [];
  readonly #objects: LineageObject[] = [];
  readonly #processes: LineageProcess[] = [];
  readonly #relations: LineageRelation[] = [];
  readonly #seen = new Set<string>();
  readonly #targets = new Set<number>();
  readonly #counts = new Map<string, number>();
  #lastId = 0;
  #process: number | undefined;
  statements = 0;

  lineage(): Lineage {
    return {
      objects: this.#objects,
      processes: this.#processes,
      relations: this.#relations,
      errors: this.errors,
      statements: this.statements,
    };
  }

  /** Whatever `work` finds belongs to this process. */
  inProcess(kind: string, source: SourceText, work: () => void): void {
    const process: LineageProcess = {
      id: this.#nextId(),
      name: this.numbered(`QUERY ${kind}`),
      queryHashId: createHash('md5').update(source.text.trim()).digest('hex'),
      places: [source.whole()],
    };
    const outer = this.#process;
    const before = this.#relations.length;
    this.#process = process.id;
    work();
    this.#process = outer;
    if (this.#relations.length > before) this.#processes.push(process);
  }

  /** `RS` → `RS-1`, then `RS-2`, … */
  numbered(prefix: string): string {
    const count = (this.#counts.get(prefix) ?? 0) + 1;
    this.#counts.set(prefix, count);
    return `${prefix}-${count}`;
  }

  object(
    kind: LineageObject['kind'],
    name: ObjectName,
    open: boolean,
    args?: readonly ColumnRef[],
  ): Relation {
    const object: LineageObject = { id: this.#nextId(), kind, ...name, columns: [], places: [] };
    this.#objects.push(object);
    return { object, outputs: [], byName: new Map(), open, feeds: [], arguments: args };
  }

  resultSet(prefix = 'RS', args?: readonly ColumnRef[]): Relation {
    return this.object('resultset', { name: this.numbered(prefix) }, args !== undefined, args);
  }

  /** Adds a column at the end; one that is there already by that name stays the one that is found. */
  addColumn(relation: Relation, name: string, place?: Place): LineageColumn {
    const column: LineageColumn = { id: this.#nextId(), name, places: place ? [place] : [] };
    relation.object.columns.push(column);
    relation.outputs.push(column);
    const key = name.toLowerCase();
    if (!relation.byName.has(key)) relation.byName.set(key, column);
    return column;
  }

  /** The column of that name; an open object is taken to have it. */
  column(relation: Relation, name: string, place?: Place): LineageColumn | undefined {
    const key = name.toLowerCase();
    const known = relation.byName.get(key);
    if (known !== undefined || !relation.open) return known;
    const added = this.addColumn(relation, name, place);
    // Not an output of its own: the star stands for it there.
    if (relation.outputs.some((output) => output.name === '*')) relation.outputs.pop();
    if (relation.arguments) this.relate('fdd', 'select', { column: added }, relation.arguments);
    for (const feed of relation.feeds) {
      const owner = feed.from.find((from) => from.byName.has(key)) ?? feed.from[0];
      for (const from of feed.every ? feed.from : owner ? [owner] : []) {
        const source = this.column(from, name);
        if (source) this.relate('fdd', 'select', { column: added }, [{ column: source }]);
      }
    }
    return added;
  }

  star(relation: Relation): LineageColumn {
    return relation.byName.get('*') ?? this.addColumn(relation, '*');
  }

  rowsOf(relation: Relation): LineageColumn {
    if (relation.rows === undefined) {
      relation.rows = { id: this.#nextId(), name: rowsName, places: [], rows: true };
      relation.object.columns.push(relation.rows);
    }
    return relation.rows;
  }

  /** Whether anything flows into the column; nothing does into a constant. */
  hasSources(column: LineageColumn): boolean {
    return this.#targets.has(column.id);
  }

  relate(
    type: RelationType,
    effect: string,
    target: ColumnRef,
    sources: readonly ColumnRef[],
    more: { counted?: true; condition?: string } = {},
  ): void {
    const unique = [...new Map(sources.map((source) => [source.column.id, source])).values()];
    if (unique.length === 0) return;
    const ids = unique.map((source) => source.column.id);
    const key = JSON.stringify([type, effect, target.column.id, ids, more, this.#process]);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#targets.add(target.column.id);
    this.#relations.push({
      id: this.#nextId(),
      type,
      effect,
      target: use(target),
      sources: unique.map(use),
      ...(this.#process !== undefined && { process: this.#process }),
      ...more,
    });
  }

  #nextId(): number {
    return (this.#lastId += 1);
  }
}

function use(ref: ColumnRef): ColumnUse {
  return { column: ref.column.id, ...(ref.place && { place: ref.place }) };
}
