import { compare } from '../datasets';
import type { LineageDiff } from '../diff';
import type { Lineage } from '../model';
import {
  added,
  changed,
  removed,
  same,
  shown,
  type Picture,
  type PictureColumn,
  type PictureTable,
} from './picture';

/** What two lineages have together; what is in one of them only bears a mark. */
export function comparedPicture({ before, after, ...diff }: LineageDiff, title: string): Picture {
  const tables: PictureTable[] = [];
  const columns: PictureColumn[] = [];
  const places = { before: new Uint32Array(before.columns.length), after: new Uint32Array(0) };
  places.after = new Uint32Array(after.columns.length);
  for (const [old, now] of pairs(before.datasets, after.datasets)) {
    const table = tables.length;
    const first = columns.length;
    const { name, kind } = (now ?? old)!;
    const mark = now === undefined ? removed : old === undefined ? added : same;
    for (const [was, is] of pairs(columnsOf(before, old), columnsOf(after, now))) {
      if (was !== undefined) places.before[was.place] = columns.length;
      if (is !== undefined) places.after[is.place] = columns.length;
      const one = (is ?? was)!;
      columns.push({
        name: shown(one.name),
        table,
        role: one.role,
        mark: is === undefined ? removed : was === undefined ? added : same,
      });
    }
    tables.push({ name: shown(name), kind, mark, first, count: columns.length - first });
  }
  const edges = joined(before, after, diff, places);
  return {
    title: shown(title),
    compared: true,
    tables: withChanges(tables, columns, edges),
    columns,
    edges,
    errors: after.errors.length,
  };
}

interface Placed {
  readonly key: string;
  readonly name: string;
  readonly role: PictureColumn['role'];
  readonly place: number;
}

function columnsOf(lineage: Lineage, dataset: Lineage['datasets'][number] | undefined): Placed[] {
  if (dataset === undefined) return [];
  const { firstColumn, columnCount } = dataset;
  return lineage.columns
    .slice(firstColumn, firstColumn + columnCount)
    .map(({ key, name, role }, index) => ({ key, name, role, place: firstColumn + index }));
}

/** Those of both lists by key; both are sorted by it. */
function pairs<T extends { readonly key: string }>(
  before: readonly T[],
  after: readonly T[],
): [T | undefined, T | undefined][] {
  const found: [T | undefined, T | undefined][] = [];
  let [one, other] = [0, 0];
  while (one < before.length || other < after.length) {
    const was = before[one];
    const is = after[other];
    const order = was === undefined ? 1 : is === undefined ? -1 : compare(was.key, is.key);
    found.push([order <= 0 ? was : undefined, order >= 0 ? is : undefined]);
    if (order <= 0) one += 1;
    if (order >= 0) other += 1;
  }
  return found;
}

function joined(
  before: Lineage,
  after: Lineage,
  diff: Pick<LineageDiff, 'edgesAdded' | 'edgesRemoved'>,
  places: { readonly before: Uint32Array; readonly after: Uint32Array },
): Picture['edges'] {
  const kept = after.edges.length;
  const length = kept + diff.edgesRemoved.length;
  const source = new Uint32Array(length);
  const target = new Uint32Array(length);
  const kind = new Uint8Array(length);
  const mark = new Uint8Array(length);
  for (let edge = 0; edge < kept; edge += 1) {
    source[edge] = places.after[after.edges.source[edge]!]!;
    target[edge] = places.after[after.edges.target[edge]!]!;
    kind[edge] = after.edges.kind[edge]!;
  }
  for (const edge of diff.edgesAdded) mark[edge] = added;
  diff.edgesRemoved.forEach((gone, index) => {
    const edge = kept + index;
    source[edge] = places.before[before.edges.source[gone]!]!;
    target[edge] = places.before[before.edges.target[gone]!]!;
    kind[edge] = before.edges.kind[gone]!;
    mark[edge] = removed;
  });
  return { length, source, target, kind, mark };
}

/** A table that stayed is changed where one of its columns, or an edge into it, came or went. */
function withChanges(
  tables: readonly PictureTable[],
  columns: readonly PictureColumn[],
  { length, target, mark }: Picture['edges'],
): PictureTable[] {
  const touched = new Uint8Array(tables.length);
  for (const column of columns) if (column.mark !== same) touched[column.table] = 1;
  for (let edge = 0; edge < length; edge += 1) {
    if (mark[edge] !== same) touched[columns[target[edge]!]!.table] = 1;
  }
  return tables.map((table, index) =>
    table.mark === same && touched[index] === 1 ? { ...table, mark: changed } : table,
  );
}
