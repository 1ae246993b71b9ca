import { grouped } from './grouped';
import type { Lineage } from './model';

/** The edges into and out of each column, without a walk through all of them. */
export interface Neighbours {
  /** Indexes of edges whose target the column is, by source. */
  into(column: number): Uint32Array;
  /** Indexes of edges whose source the column is, by target. */
  outOf(column: number): Uint32Array;
}

/** Takes the time of one walk through the edges, and some bytes for each. */
export function neighboursOf({ columns, edges }: Lineage): Neighbours {
  const into = grouped(edges.target, columns.length);
  const outOf = grouped(edges.source, columns.length);
  return {
    into: (column) => into.order.subarray(into.start[column], into.start[column + 1]),
    outOf: (column) => outOf.order.subarray(outOf.start[column], outOf.start[column + 1]),
  };
}
