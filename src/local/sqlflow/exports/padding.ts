import type { LineageColumn, LineageObject } from '../analysis/model';
import type { LineageView } from './view';

const columnsATable = 20;
/** Ids that no real lineage reaches, and what lies between two tables' ids. */
const firstId = 1_000_000_000;
const idsATable = 100;

/** Tables without a place in any file, each filled from the one before it. */
export class Padding {
  /** @param bytesATable what one of them takes in the export, with its relations */
  constructor(
    { paddedToBytes }: LineageView,
    bytesATable: number,
    readonly tables = Math.ceil(paddedToBytes / bytesATable),
  ) {}

  get columns(): number {
    return this.tables * columnsATable;
  }

  get relations(): number {
    return Math.max(0, this.tables - 1) * columnsATable;
  }

  *objects(): Generator<LineageObject> {
    for (let number = 0; number < this.tables; number += 1) yield tableOf(number);
  }

  *steps(): Generator<PaddingStep> {
    let source = tableOf(0);
    for (let number = 1; number < this.tables; number += 1) {
      const target = tableOf(number);
      for (const [index, to] of target.columns.entries()) {
        const id = target.id + 1 + columnsATable + index;
        yield { id, source, from: source.columns[index]!, target, to };
      }
      source = target;
    }
  }
}

/** One column's value flows into the column of the same name of the next table. */
export interface PaddingStep {
  readonly id: number;
  readonly source: LineageObject;
  readonly from: LineageColumn;
  readonly target: LineageObject;
  readonly to: LineageColumn;
}

function tableOf(number: number): LineageObject {
  const id = firstId + number * idsATable;
  return {
    id,
    schema: 'padding',
    name: `table_${number}`,
    kind: 'table',
    columns: Array.from({ length: columnsATable }, (_, index) => ({
      id: id + 1 + index,
      name: `column_${index}`,
      places: [],
    })),
    places: [],
  };
}

const asked = /--\s*local:.*?\bexport\s+(\d+)\s*(kb|mb|gb)\b/i;
const unitBytes: Readonly<Record<string, number>> = { kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 };

/** How large `-- local: export 500 MB` asks the exports of a job to be at least; 0 without it. */
export function exportBytesAskedFor(text: string): number {
  const [, count, unit] = asked.exec(text) ?? [];
  return Number(count ?? 0) * (unitBytes[unit?.toLowerCase() ?? ''] ?? 0);
}
