import type { LineageCounts } from '../contracts/lineage-gate';
import type { LineageDiff } from './diff';
import type { Lineage } from './model';

/** How much lineage there is, and what became different. Stars and row counters are no columns. */
export function countLineage(lineage: Lineage, diff?: LineageDiff): LineageCounts {
  const { datasets, columns, edges, errors } = lineage;
  return {
    datasets: datasets.length,
    columns: columns.filter(({ role }) => role === 'column').length,
    edges: edges.length,
    errors: errors.length,
    ...(diff && {
      change: {
        edgesAdded: diff.edgesAdded.length,
        edgesRemoved: diff.edgesRemoved.length,
        columnsAdded: diff.columnsAdded.length,
        columnsRemoved: diff.columnsRemoved.length,
        datasetsAdded: diff.datasetsAdded.length,
        datasetsRemoved: diff.datasetsRemoved.length,
      },
    }),
  };
}
