/** What a test says of a lineage: `sales.amount`, `sales.*` for all columns, `sales#` for its rows. */
export interface Flow {
  readonly kind?: 'fdd' | 'fdr' | 'frd' | 'join';
  readonly from: readonly string[];
  readonly to: string;
}

/** A SQLFlow JSON export with these tables and flows, as the service writes it. */
export function exportOf(
  tables: Readonly<Record<string, readonly string[]>>,
  flows: readonly Flow[],
  dbvendor = 'dbvhive',
): string {
  const ids = new Map(Object.keys(tables).map((name, index) => [name, String(1000 + index)]));
  const end = (place: string) => {
    const rows = place.endsWith('#');
    const cut = rows ? place.length - 1 : place.lastIndexOf('.');
    const table = place.slice(0, cut);
    const column = rows ? 'RelationRows' : place.slice(cut + 1);
    const id = `${ids.get(table)}.${column}`;
    return { id, column, parentId: ids.get(table), parentName: table };
  };
  return JSON.stringify({
    code: 200,
    data: {
      mode: 'global',
      sqlflow: {
        dbvendor,
        relationships: flows.map(({ kind = 'fdd', from, to }, index) => ({
          id: String(index),
          type: kind,
          effectType: 'insert',
          target: end(to),
          sources: from.map(end),
        })),
        dbobjs: Object.entries(tables).map(([name, columns]) => ({
          id: ids.get(name),
          name,
          type: 'table',
          columns: columns.map((column) => ({ id: `${ids.get(name)}.${column}`, name: column })),
        })),
      },
    },
  });
}
