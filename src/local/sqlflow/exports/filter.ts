import type { LineageColumn, LineageObject } from '../analysis/model';
import type { ShownRelation } from './view';

/** Names to look at, compared without regard to case; an empty one matches all. */
export interface NameFilter {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/** The relations upstream and downstream of the columns that the filter names. */
export function related(
  relations: readonly ShownRelation[],
  owners: ReadonlyMap<number, LineageObject>,
  columns: ReadonlyMap<number, LineageColumn>,
  filter: NameFilter,
): readonly ShownRelation[] {
  if (Object.values(filter).every((value) => value === '')) return relations;
  const named = new Set<number>();
  for (const [id, owner] of owners) {
    const isNamed =
      same(filter.database, owner.database) &&
      same(filter.schema, owner.schema) &&
      sameTable(filter.table, owner) &&
      same(filter.column, columns.get(id)?.name);
    if (isNamed) named.add(id);
  }
  const into = new Map<number, number[]>();
  const outOf = new Map<number, number[]>();
  for (const { target, sources } of relations) {
    for (const { column } of sources) {
      append(into, target.column, column);
      append(outOf, column, target.column);
    }
  }
  const upstream = reach(named, into);
  const downstream = reach(named, outOf);
  return relations.flatMap((relation) => {
    if (upstream.has(relation.target.column)) return [relation];
    const sources = relation.sources.filter(({ column }) => downstream.has(column));
    return sources.length > 0 ? [{ ...relation, sources }] : [];
  });
}

function append(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Everything that can be reached from the start, which belongs to it. */
function reach(
  start: ReadonlySet<number>,
  next: ReadonlyMap<number, readonly number[]>,
): Set<number> {
  const reached = new Set(start);
  for (const at of reached) for (const column of next.get(at) ?? []) reached.add(column);
  return reached;
}

function same(wanted: string, actual: string | undefined): boolean {
  return wanted === '' || wanted.toLowerCase() === (actual ?? '').toLowerCase();
}

/** A table may be named with what stands before it: `dbo.orders`. */
function sameTable(wanted: string, owner: LineageObject): boolean {
  const path = [owner.database, owner.schema, owner.name].filter((part) => part !== undefined);
  return wanted === '' || path.some((_, from) => same(wanted, path.slice(from).join('.')));
}
