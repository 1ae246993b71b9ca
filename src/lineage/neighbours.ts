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
  return { into, outOf };
}

/** Edges in their own order by one of their ends. */
function grouped(end: Uint32Array, columns: number): (column: number) => Uint32Array {
  const start = new Uint32Array(columns + 1);
  for (const column of end) start[column + 1]! += 1;
  for (let column = 0; column < columns; column += 1) start[column + 1]! += start[column]!;
  const next = start.slice();
  const order = new Uint32Array(end.length);
  for (const [edge, column] of end.entries()) order[next[column]!++] = edge;
  return (column) => order.subarray(start[column], start[column + 1]);
}
