import { compare } from './datasets';
import type { LineageDiff } from './diff';
import { at, edgeKinds, type EdgeKind, type Lineage } from './model';

export type Sign = '+' | '-';

/** A column by its dataset's and its own name. */
export interface ColumnPlace {
  readonly dataset: string;
  readonly column: string;
}

export interface DatasetEntry {
  readonly sign: Sign;
  readonly name: string;
  readonly kind: string;
  /** How many it has, or had. */
  readonly columns: number;
}

export interface ColumnEntry extends ColumnPlace {
  readonly sign: Sign;
}

export interface EdgeEntry {
  readonly sign: Sign;
  readonly source: ColumnPlace;
  readonly target: ColumnPlace;
  readonly kind: EdgeKind;
  readonly effect: string;
}

/** Removed and added datasets, in the order of their keys. */
export function datasetEntries(diff: LineageDiff): DatasetEntry[] {
  const entry = (lineage: Lineage, sign: Sign) => (index: number) => {
    const { key, name, kind, firstColumn, columnCount } = at(lineage.datasets, index);
    const columns = lineage.columns
      .slice(firstColumn, firstColumn + columnCount)
      .filter(({ role }) => role === 'column').length;
    return { key, sign, name, kind, columns };
  };
  return [
    ...diff.datasetsRemoved.map(entry(diff.before, '-')),
    ...diff.datasetsAdded.map(entry(diff.after, '+')),
  ]
    .sort((one, other) => compare(one.key, other.key))
    .map(({ key: _key, ...told }) => told);
}

/** Removed and added columns by dataset; those of removed and added datasets only if `all`. */
export function* columnEntries(diff: LineageDiff, { all = false } = {}): Generator<ColumnEntry> {
  const { before, after } = diff;
  const removed = all ? undefined : new Set(diff.datasetsRemoved);
  const added = all ? undefined : new Set(diff.datasetsAdded);
  const of = (lineage: Lineage, whole: ReadonlySet<number> | undefined) => (index: number) =>
    !whole?.has(at(lineage.columns, index).dataset);
  yield* merge<ColumnEntry>(
    diff.columnsRemoved.filter(of(before, removed)),
    diff.columnsAdded.filter(of(after, added)),
    (one, other) => compareColumns(before, one, after, other),
    (column) => ({ sign: '-' as const, ...place(before, column) }),
    (column) => ({ sign: '+' as const, ...place(after, column) }),
  );
}

/** Removed and added edges by target, then source. */
export function edgeEntries(diff: LineageDiff): Generator<EdgeEntry> {
  const { before, after } = diff;
  const entry = (lineage: Lineage, sign: Sign) => (edge: number) => ({
    sign,
    source: place(lineage, at(lineage.edges.source, edge)),
    target: place(lineage, at(lineage.edges.target, edge)),
    kind: at(edgeKinds, at(lineage.edges.kind, edge)),
    effect: at(lineage.effects, at(lineage.edges.effect, edge)),
  });
  return merge<EdgeEntry>(
    diff.edgesRemoved,
    diff.edgesAdded,
    (one, other) =>
      compareColumns(before, before.edges.target[one]!, after, after.edges.target[other]!) ||
      compareColumns(before, before.edges.source[one]!, after, after.edges.source[other]!),
    entry(before, '-'),
    entry(after, '+'),
  );
}

function* merge<T>(
  removed: readonly number[],
  added: readonly number[],
  order: (one: number, other: number) => number,
  tellRemoved: (index: number) => T,
  tellAdded: (index: number) => T,
): Generator<T> {
  let other = 0;
  for (const one of removed) {
    for (; other < added.length && order(one, at(added, other)) > 0; other += 1) {
      yield tellAdded(at(added, other));
    }
    yield tellRemoved(one);
  }
  for (; other < added.length; other += 1) yield tellAdded(at(added, other));
}

function compareColumns(before: Lineage, one: number, after: Lineage, other: number): number {
  const first = at(before.columns, one);
  const second = at(after.columns, other);
  return (
    compare(at(before.datasets, first.dataset).key, at(after.datasets, second.dataset).key) ||
    compare(first.key, second.key)
  );
}

/** A column's names. */
export function place(lineage: Lineage, column: number): ColumnPlace {
  const { name, dataset } = at(lineage.columns, column);
  return { dataset: at(lineage.datasets, dataset).name, column: name };
}
