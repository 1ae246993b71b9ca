import { flowKinds, edgeKinds } from '../model';
import type { Picture } from './picture';

/** For each column the edges at it, in two flat lists. */
export class Adjacency {
  private readonly firstInto: Uint32Array;
  private readonly firstOutOf: Uint32Array;
  private readonly into: Uint32Array;
  private readonly outOf: Uint32Array;

  constructor({ columns, edges }: Picture) {
    [this.firstInto, this.into] = grouped(columns.length, edges.target);
    [this.firstOutOf, this.outOf] = grouped(columns.length, edges.source);
  }

  edgesInto(column: number): Uint32Array {
    return this.into.subarray(this.firstInto[column], this.firstInto[column + 1]);
  }

  edgesOutOf(column: number): Uint32Array {
    return this.outOf.subarray(this.firstOutOf[column], this.firstOutOf[column + 1]);
  }
}

function grouped(columns: number, ends: Uint32Array): [Uint32Array, Uint32Array] {
  const first = new Uint32Array(columns + 1);
  for (const column of ends) first[column + 1]! += 1;
  for (let column = 0; column < columns; column += 1) first[column + 1]! += first[column]!;
  const next = first.slice();
  const edges = new Uint32Array(ends.length);
  ends.forEach((column, edge) => (edges[next[column]!++] = edge));
  return [first, edges];
}

/** By column and by edge: 1 where it is reached. */
export interface Reached {
  readonly columns: Uint8Array;
  readonly edges: Uint8Array;
}

const flows = edgeKinds.map((kind) => flowKinds.has(kind));

/** True for the kinds along which something flows; a join or a call leads nowhere. */
export function isFlow(kind: number): boolean {
  return flows[kind] === true;
}

/** All that lies up- or downstream of some columns, to any depth, along the edges that are drawn. */
export function reachOf(
  { columns, edges }: Picture,
  adjacency: Adjacency,
  {
    start,
    way,
    isDrawn,
  }: {
    start: Iterable<number>;
    way: 'upstream' | 'downstream';
    isDrawn: (edge: number) => boolean;
  },
): Reached {
  const reached = { columns: new Uint8Array(columns.length), edges: new Uint8Array(edges.length) };
  const waiting = [...start];
  for (const column of waiting) reached.columns[column] = 1;
  const ends = way === 'upstream' ? edges.source : edges.target;
  for (let column = waiting.pop(); column !== undefined; column = waiting.pop()) {
    const found = way === 'upstream' ? adjacency.edgesInto(column) : adjacency.edgesOutOf(column);
    for (const edge of found) {
      if (!isFlow(edges.kind[edge]!) || !isDrawn(edge)) continue;
      reached.edges[edge] = 1;
      const next = ends[edge]!;
      if (reached.columns[next] === 1) continue;
      reached.columns[next] = 1;
      waiting.push(next);
    }
  }
  return reached;
}
