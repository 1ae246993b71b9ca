import { at, type Lineage } from './model';

/**
 * The lineage between whole datasets: each has one `star` column, and what flows within a dataset
 * is left out.
 */
export function tableLineage(lineage: Lineage): Lineage {
  const { datasets, columns, edges } = lineage;
  const wanted = new Map<string, number>();
  for (let edge = 0; edge < edges.length; edge += 1) {
    const source = at(columns, at(edges.source, edge)).dataset;
    const target = at(columns, at(edges.target, edge)).dataset;
    if (source === target) continue;
    const key = `${target} ${source} ${at(edges.kind, edge)}`;
    const known = wanted.get(key);
    // The alphabetically first effect, as with every edge that several statements make.
    if (known === undefined || at(edges.effect, edge) < at(edges.effect, known)) {
      wanted.set(key, edge);
    }
  }
  const kept = [...wanted].map(([key, edge]) => {
    const [target = 0, source = 0, kind = 0] = key.split(' ').map(Number);
    return { edge, target, source, kind };
  });
  kept.sort((a, b) => a.target - b.target || a.source - b.source || a.kind - b.kind);
  const readers = new Set(columns.filter(({ queried }) => queried).map(({ dataset }) => dataset));
  return {
    ...lineage,
    datasets: datasets.map((dataset, index) => ({
      ...dataset,
      firstColumn: index,
      columnCount: 1,
    })),
    columns: datasets.map((_, dataset) => ({
      key: '*',
      name: '*',
      dataset,
      role: 'star',
      queried: readers.has(dataset),
    })),
    edges: {
      length: kept.length,
      source: Uint32Array.from(kept, ({ source }) => source),
      target: Uint32Array.from(kept, ({ target }) => target),
      kind: Uint8Array.from(kept, ({ kind }) => kind),
      effect: Uint16Array.from(kept, ({ edge }) => at(edges.effect, edge)),
      process: Int32Array.from(kept, ({ edge }) => at(edges.process, edge)),
    },
  };
}
