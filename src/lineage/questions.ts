import { at, edgeKinds, flowKinds, type Lineage } from './model';
import { neighboursOf, type Neighbours } from './neighbours';

/** Towards what a column is made of, or what is made of it. */
export type Direction = 'upstream' | 'downstream';

/** What can be reached from some columns along flows; comparisons and calls lead nowhere. */
export interface Reach {
  /** Each column and how many edges away it is; the start with 0. In the order of the distance. */
  readonly distances: ReadonlyMap<number, number>;
  /** Edges between them, sorted. */
  readonly edges: readonly number[];
  /** True where `depth` kept it from going on. */
  readonly cut: boolean;
}

/**
 * Follows flows from some columns, breadth first.
 *
 * @param start indices into `columns`
 * @param depth the most edges away; without it, as far as there are any
 */
export function reach(
  lineage: Lineage,
  start: Iterable<number>,
  direction: Direction,
  depth = Infinity,
  neighbours: Neighbours = neighboursOf(lineage),
): Reach {
  const distances = new Map<number, number>();
  for (const column of start) distances.set(column, 0);
  const edges: number[] = [];
  let cut = false;
  // A map tells what is added while it is walked through: in the order of the distance.
  for (const [column, distance] of distances) {
    for (const edge of flowsOf(lineage, neighbours, column, direction)) {
      if (distance >= depth) {
        cut = true;
        break;
      }
      edges.push(edge);
      const other = otherEnd(lineage, edge, direction);
      if (!distances.has(other)) distances.set(other, distance + 1);
    }
  }
  return { distances, edges: edges.sort((one, other) => one - other), cut };
}

/** The flows of a column, those that lead on in a direction. */
export function* flowsOf(
  { edges }: Lineage,
  neighbours: Neighbours,
  column: number,
  direction: Direction,
): Generator<number> {
  const found = direction === 'upstream' ? neighbours.into(column) : neighbours.outOf(column);
  for (const edge of found) {
    if (flowKinds.has(at(edgeKinds, at(edges.kind, edge)))) yield edge;
  }
}

export function otherEnd({ edges }: Lineage, edge: number, direction: Direction): number {
  return at(direction === 'upstream' ? edges.source : edges.target, edge);
}

/** What nothing reads; indices into the lineage's `datasets` and `columns`. */
export interface Unused {
  /** Datasets of which nothing is read at all: the ends of the lineage, or dead weight. */
  readonly datasets: readonly number[];
  /** Columns that nothing reads, of datasets of which something is read. */
  readonly columns: readonly number[];
}

/**
 * What nothing in this lineage reads: no edge of any kind, and no query. An export without `fdr`
 * and `join` doesn't tell of columns that only filter or compare.
 */
export function findUnused({ datasets, columns, edges }: Lineage): Unused {
  const isRead = new Uint8Array(columns.length);
  for (const [column, { queried }] of columns.entries()) if (queried) isRead[column] = 1;
  for (let edge = 0; edge < edges.length; edge += 1) {
    const kind = at(edgeKinds, at(edges.kind, edge));
    const [source, target] = [at(edges.source, edge), at(edges.target, edge)];
    // Writing a column from itself is no use of it.
    if (source === target) continue;
    isRead[source] = 1;
    if (kind === 'join') isRead[target] = 1;
  }
  const unused = { datasets: [] as number[], columns: [] as number[] };
  for (const [index, { firstColumn, columnCount }] of datasets.entries()) {
    const own = Array.from({ length: columnCount }, (_, offset) => firstColumn + offset);
    const read = own.filter((column) => isRead[column] === 1);
    const isWhole = read.some((column) => at(columns, column).role === 'star');
    if (read.length === 0) unused.datasets.push(index);
    else if (!isWhole) {
      const left = own.filter(
        (column) => isRead[column] === 0 && at(columns, column).role === 'column',
      );
      unused.columns.push(...left);
    }
  }
  return unused;
}
