import { readLineage, type ReadLineageOptions } from '../../src/lineage/read-lineage';
import { edgeKinds, type Lineage } from '../../src/lineage/model';

export const signal: AbortSignal = new AbortController().signal;

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Reads an export that is given as a value or as its text. */
export function read(value: unknown, limits?: ReadLineageOptions['limits']): Promise<Lineage> {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return readLineage(chunks(text), { signal, limits });
}

/** `sales.orders.id`, by keys. */
export function columnKey({ columns, datasets }: Lineage, column: number): string {
  return `${datasets[columns[column]!.dataset]!.key}.${columns[column]!.key}`;
}

/** `fdd sales.orders.id -> mart.daily.id`, by keys, in the lineage's own order. */
export function edgesOf(lineage: Lineage): string[] {
  const { source, target, kind } = lineage.edges;
  return [...kind].map(
    (number, edge) =>
      `${edgeKinds[number]} ${columnKey(lineage, source[edge]!)} -> ${columnKey(lineage, target[edge]!)}`,
  );
}

/** All that makes two lineages equal. */
export function canonical(lineage: Lineage) {
  return {
    datasets: lineage.datasets.map(({ key, kind, firstColumn, columnCount }) => [
      key,
      kind,
      firstColumn,
      columnCount,
    ]),
    columns: lineage.columns.map(({ key, dataset, role, queried }) => [
      key,
      dataset,
      role,
      queried,
    ]),
    edges: edgesOf(lineage),
    errors: lineage.errors,
  };
}

/** One end of a relation, as an export writes it. */
export function end(name: string, id?: number | string, parentId?: number | string) {
  const [parentName, column] = [name.slice(0, name.lastIndexOf('.')), name.split('.').pop()];
  return {
    ...(id !== undefined && { id: String(id) }),
    column,
    ...(parentId !== undefined && { parentId: String(parentId) }),
    parentName,
    coordinates: [],
  };
}

/** A relation between names alone; result sets are told by how they are called. */
export function relation(type: string, sources: readonly string[], target: string, more = {}) {
  return {
    type,
    effectType: 'insert',
    target: end(target),
    sources: sources.map((s) => end(s)),
    ...more,
  };
}

/** An export in the most common shape. */
export function exported(
  relationships: readonly unknown[],
  dbobjs: unknown = [],
  more: Readonly<Record<string, unknown>> = {},
) {
  return {
    code: 200,
    data: { mode: 'global', sqlflow: { dbvendor: 'dbvhive', relationships, dbobjs, ...more } },
  };
}
