import { compare } from './datasets';
import { at, type Lineage, type LineageColumn, type LineageEdges } from './model';

/** What became different between two lineages. Indexes are sorted, as the lineages are. */
export interface LineageDiff {
  readonly before: Lineage;
  readonly after: Lineage;
  /** Indexes into `after.datasets`. */
  readonly datasetsAdded: readonly number[];
  /** Indexes into `before.datasets`. */
  readonly datasetsRemoved: readonly number[];
  /** Indexes into `after.columns`, those of added datasets among them; without `rows` and `star` columns. */
  readonly columnsAdded: readonly number[];
  /** Indexes into `before.columns`. */
  readonly columnsRemoved: readonly number[];
  /** Indexes into `after.edges`. An edge is the same where source, target and kind are. */
  readonly edgesAdded: readonly number[];
  /** Indexes into `before.edges`. */
  readonly edgesRemoved: readonly number[];
}

/**
 * Compares what two lineages say, not how they say it. Effects, processes, errors and spellings are
 * not compared. Takes the time of one walk through both.
 */
export function diffLineage(before: Lineage, after: Lineage): LineageDiff {
  const datasets = merged(before.datasets, after.datasets, (one, other) =>
    compare(one.key, other.key),
  );
  const columns = merged(before.columns, after.columns, columnOrder(before, after));
  const edges = mergedEdges(before.edges, after.edges, columns);
  const isCounted = (all: readonly LineageColumn[]) => (index: number) =>
    at(all, index).role === 'column';
  return {
    before,
    after,
    datasetsAdded: datasets.added,
    datasetsRemoved: datasets.removed,
    columnsAdded: columns.added.filter(isCounted(after.columns)),
    columnsRemoved: columns.removed.filter(isCounted(before.columns)),
    ...edges,
  };
}

/** Whether nothing is different. */
export function isSame(diff: LineageDiff): boolean {
  return (
    diff.datasetsAdded.length + diff.datasetsRemoved.length === 0 &&
    diff.columnsAdded.length + diff.columnsRemoved.length === 0 &&
    diff.edgesAdded.length + diff.edgesRemoved.length === 0
  );
}

interface Merged {
  readonly added: number[];
  readonly removed: number[];
  /** A place for each in one order for both. */
  readonly placesBefore: Uint32Array;
  readonly placesAfter: Uint32Array;
}

function merged<T>(
  before: readonly T[],
  after: readonly T[],
  order: (one: T, other: T) => number,
): Merged {
  const added: number[] = [];
  const removed: number[] = [];
  const placesBefore = new Uint32Array(before.length);
  const placesAfter = new Uint32Array(after.length);
  let [one, other] = [0, 0];
  for (let place = 0; one < before.length || other < after.length; place += 1) {
    const first = before[one];
    const second = after[other];
    const step =
      first === undefined ? 1 : second === undefined ? -1 : Math.sign(order(first, second));
    if (step < 0) removed.push(one);
    if (step > 0) added.push(other);
    if (step <= 0) placesBefore[one++] = place;
    if (step >= 0) placesAfter[other++] = place;
  }
  return { added, removed, placesBefore, placesAfter };
}

/** By dataset, then key: as columns are sorted in each. */
function columnOrder(before: Lineage, after: Lineage) {
  return (one: LineageColumn, other: LineageColumn) =>
    compare(at(before.datasets, one.dataset).key, at(after.datasets, other.dataset).key) ||
    compare(one.key, other.key);
}

/** Places keep the order within each lineage, so sorted edges stay sorted. */
function mergedEdges(
  before: LineageEdges,
  after: LineageEdges,
  { placesBefore, placesAfter }: Merged,
): { edgesAdded: number[]; edgesRemoved: number[] } {
  const edgesAdded: number[] = [];
  const edgesRemoved: number[] = [];
  const order = (one: number, other: number) =>
    placesBefore[before.target[one]!]! - placesAfter[after.target[other]!]! ||
    placesBefore[before.source[one]!]! - placesAfter[after.source[other]!]! ||
    before.kind[one]! - after.kind[other]!;
  let [one, other] = [0, 0];
  while (one < before.length || other < after.length) {
    const step = one >= before.length ? 1 : other >= after.length ? -1 : order(one, other);
    if (step < 0) edgesRemoved.push(one);
    if (step > 0) edgesAdded.push(other);
    if (step <= 0) one += 1;
    if (step >= 0) other += 1;
  }
  return { edgesAdded, edgesRemoved };
}
