import { LineageError } from './errors';
import { grouped } from './grouped';
import type { LineageEdges } from './model';

export const tooLargeRemedy =
  'export it with ignoreRecordSet or tableToTable, or spread the files over several chains';

/** Edges as they are found, and then in canonical order. */
export class EdgeList {
  readonly #most: number;
  readonly #source: number[] = [];
  readonly #target: number[] = [];
  readonly #kind: number[] = [];
  readonly #effect: number[] = [];
  readonly #process: number[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(source: number, target: number, kind: number, effect: number, process: number): void {
    if (this.#kind.length >= this.#most) {
      throw new LineageError(
        'Lineage.TooLarge',
        `the lineage has more than ${this.#most} edges between columns of datasets: ${tooLargeRemedy}`,
      );
    }
    this.#source.push(source);
    this.#target.push(target);
    this.#kind.push(kind);
    this.#effect.push(effect);
    this.#process.push(process);
  }

  /** By target, source, kind; the first effect and process of each. */
  async sorted(columns: number, turn: () => Promise<void>): Promise<LineageEdges> {
    const [source, target, kind] = [this.#source, this.#target, this.#kind];
    const [effect, process] = [this.#effect, this.#process];
    const { start, order } = grouped(target, columns);
    let length = 0;
    for (let column = 0; column < columns; column += 1) {
      const own = order
        .slice(start[column], start[column + 1])
        .sort(
          (one, other) =>
            source[one]! - source[other]! ||
            kind[one]! - kind[other]! ||
            effect[one]! - effect[other]! ||
            process[one]! - process[other]!,
        );
      for (const [index, edge] of own.entries()) {
        const last = own[index - 1];
        const isSame =
          last !== undefined && source[last] === source[edge] && kind[last] === kind[edge];
        if (!isSame) order[length++] = edge;
      }
      await turn();
    }
    const kept = order.subarray(0, length);
    const pick = (values: readonly number[]) => (edge: number) => values[edge] as number;
    return {
      length,
      source: Uint32Array.from(kept, pick(source)),
      target: Uint32Array.from(kept, pick(target)),
      kind: Uint8Array.from(kept, pick(kind)),
      effect: Uint16Array.from(kept, pick(effect)),
      process: Int32Array.from(kept, pick(process)),
    };
  }
}
