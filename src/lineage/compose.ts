import { setImmediate as nextTurn } from 'node:timers/promises';
import { EdgeList, tooLargeRemedy } from './edge-list';
import { LineageError } from './errors';
import { grouped } from './grouped';
import { edgeKinds, flowKinds, type LineageEdges } from './model';

/** Edges between nodes; nodes below `columns` are columns of datasets, the others lie between. */
export interface NodeEdges {
  readonly columns: number;
  readonly nodes: number;
  readonly source: ArrayLike<number>;
  readonly target: ArrayLike<number>;
  readonly kind: ArrayLike<number>;
  /** Smaller numbers are preferred where several statements make one edge. */
  readonly effect: ArrayLike<number>;
  readonly process: ArrayLike<number>;
}

export interface ComposeLimits {
  /** Edges between datasets. */
  readonly edges: number;
  /** Steps along edges, by which the time is bounded. */
  readonly steps: number;
}

export const composeLimits: ComposeLimits = { edges: 5_000_000, steps: 500_000_000 };
const stepsATurn = 200_000;

const kindNumber = Object.fromEntries(edgeKinds.map((kind, index) => [kind, index])) as Record<
  (typeof edgeKinds)[number],
  number
>;
/** The first three kinds are the flows, from the most direct to the least. */
const flows = 3;
const isFlow = edgeKinds.map((kind) => flowKinds.has(kind));

/**
 * Leaves out what lies between: an edge for every path from a column over nodes between to a
 * column. A path is as direct as its least direct step: fdd, then frd, then fdr. Comparisons (join)
 * and calls are composed with `fdd` paths alone. Effect and process are those of the last step,
 * which writes.
 */
export class Composition {
  readonly #edges: NodeEdges;
  readonly #limits: ComposeLimits;
  readonly #signal: AbortSignal;
  /** Flows by target: those of node n are `order[start[n]]` to `order[start[n + 1]]`. */
  readonly #start: Uint32Array;
  readonly #order: Uint32Array;
  /** For each node and flow kind: the walk that saw it last. */
  readonly #seen: Uint32Array;
  #walk = 0;
  #steps = 0;
  #stepsThisTurn = 0;
  readonly #pending: number[] = [];

  constructor(edges: NodeEdges, limits: ComposeLimits, signal: AbortSignal) {
    this.#edges = edges;
    this.#limits = limits;
    this.#signal = signal;
    this.#seen = new Uint32Array(edges.nodes * flows);
    ({ start: this.#start, order: this.#order } = byTarget(edges));
  }

  async edges(): Promise<LineageEdges> {
    const found = new EdgeList(this.#limits.edges);
    const { columns, kind, effect, process } = this.#edges;
    for (let target = 0; target < columns; target += 1) {
      this.#walk += 1;
      for (let at = this.#first(target); at < this.#last(target); at += 1) {
        const edge = this.#order[at] as number;
        this.#origins(this.#edges.source[edge] as number, kind[edge] as number, (source, flow) =>
          found.add(source, target, flow, effect[edge] as number, process[edge] as number),
        );
      }
      await this.#turn();
    }
    await this.#comparisons(found);
    return found.sorted(columns, () => this.#turn());
  }

  /** Columns that are read by a result set that nothing reads: by a query for itself. */
  async queried(ends: Iterable<number>): Promise<Uint8Array> {
    const queried = new Uint8Array(this.#edges.columns);
    this.#walk += 1;
    for (const node of ends) {
      this.#origins(node, 0, (source) => (queried[source] = 1));
      await this.#turn();
    }
    return queried;
  }

  async #comparisons(found: EdgeList): Promise<void> {
    const { source, target, kind, effect, process } = this.#edges;
    for (let edge = 0; edge < kind.length; edge += 1) {
      if (isFlow[kind[edge] as number]) continue;
      const sources = this.#direct(source[edge] as number);
      for (const to of this.#direct(target[edge] as number)) {
        for (const from of sources) {
          const number = kind[edge] as number;
          found.add(from, to, number, effect[edge] as number, process[edge] as number);
        }
      }
      await this.#turn();
    }
  }

  #direct(node: number): number[] {
    if (node < this.#edges.columns) return [node];
    const direct: number[] = [];
    this.#walk += 1;
    this.#origins(node, 0, (source, flow) => {
      if (flow === kindNumber.fdd) direct.push(source);
    });
    return direct;
  }

  /** Walks back to columns; within one walk each is told once for each kind. */
  #origins(node: number, flow: number, tell: (source: number, flow: number) => void): void {
    const { columns, source, kind } = this.#edges;
    const pending = this.#pending;
    pending.push(node * flows + flow);
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      this.#steps += 1;
      this.#stepsThisTurn += 1;
      if (this.#seen[state] === this.#walk) continue;
      this.#seen[state] = this.#walk;
      const at = Math.floor(state / flows);
      const along = state % flows;
      if (at < columns) {
        tell(at, along);
        continue;
      }
      for (let index = this.#first(at); index < this.#last(at); index += 1) {
        const edge = this.#order[index] as number;
        const weaker = Math.max(along, kind[edge] as number);
        const next = (source[edge] as number) * flows + weaker;
        if (this.#seen[next] !== this.#walk) pending.push(next);
      }
    }
  }

  #first(node: number): number {
    return this.#start[node] as number;
  }

  #last(node: number): number {
    return this.#start[node + 1] as number;
  }

  /** Lets others have their turn, and ends what takes too long. */
  async #turn(): Promise<void> {
    this.#stepsThisTurn += 1;
    if (this.#steps > this.#limits.steps) {
      throw new LineageError(
        'Lineage.TooLarge',
        `following the lineage over its result sets takes more than ${this.#limits.steps} steps: ${tooLargeRemedy}`,
      );
    }
    if (this.#stepsThisTurn < stepsATurn) return;
    this.#stepsThisTurn = 0;
    await nextTurn();
    this.#signal.throwIfAborted();
  }
}

/** Flows by target, the preferred effect and process first. */
function byTarget({ nodes, source, target, kind, effect, process }: NodeEdges) {
  const { start, order } = grouped(target, nodes, (edge) => isFlow[kind[edge] as number] === true);
  for (let node = 0; node < nodes; node += 1) {
    const [from, to] = [start[node] as number, start[node + 1] as number];
    if (to - from < 2) continue;
    order
      .subarray(from, to)
      .sort(
        (one, other) =>
          effect[one]! - effect[other]! ||
          process[one]! - process[other]! ||
          source[one]! - source[other]!,
      );
  }
  return { start, order };
}
