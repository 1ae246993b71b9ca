import { findByName, namesLike } from '../../src/lineage/find';
import type { Lineage } from '../../src/lineage/model';
import { findUnused, reach, type Direction } from '../../src/lineage/questions';
import { tableLineage } from '../../src/lineage/tables';
import { columnKey, exported, read, relation } from './support';

let lineage: Lineage;
beforeAll(async () => {
  lineage = await read(
    exported(
      [
        relation('fdd', ['ods.orders.amount'], 'dw.sales.amount'),
        relation('fdr', ['ods.orders.day'], 'dw.sales.RelationRows'),
        relation('join', ['ods.orders.id'], 'ods.items.order_id'),
        relation('fdd', ['dw.sales.amount'], 'mart.report.total'),
        relation('frd', ['dw.sales.RelationRows'], 'mart.report.rows'),
        relation('fdd', ['mart.report.total'], 'dw.sales.amount'),
        relation('fdd', ['raw.events.*'], 'raw.copy.*'),
        relation('fdd', ['ods.items.price'], 'RS-1.price'),
      ],
      [
        { name: 'ods.orders', type: 'table', columns: [{ name: 'note' }] },
        { name: 'raw.events', type: 'table', columns: [{ name: 'seen' }] },
      ],
    ),
  );
});

function reached(name: string, direction: Direction, depth?: number) {
  const found = findByName(lineage, name);
  if (!('columns' in found)) throw new Error(found.kind);
  const { distances, cut } = reach(lineage, found.columns, direction, depth);
  return {
    cut,
    found: [...distances].map(([column, distance]) => `${distance} ${columnKey(lineage, column)}`),
  };
}

test('upstream follows flows to their beginnings, through circles too', () => {
  expect(reached('mart.report.total', 'upstream')).toEqual({
    cut: false,
    found: ['0 mart.report.total', '1 dw.sales.amount', '2 ods.orders.amount'],
  });
});

test('downstream follows filters and counts as well as values, and no comparisons', () => {
  expect(reached('ods.orders.day', 'downstream').found).toEqual([
    '0 ods.orders.day',
    '1 dw.sales.relationrows',
    '2 mart.report.rows',
  ]);
  expect(reached('ods.orders.id', 'downstream').found).toEqual(['0 ods.orders.id']);
});

test('a dataset is asked about as all its columns are', () => {
  expect(reached('ods.orders', 'downstream', 1).found).toEqual([
    '0 ods.orders.amount',
    '0 ods.orders.day',
    '0 ods.orders.id',
    '0 ods.orders.note',
    '1 dw.sales.amount',
    '1 dw.sales.relationrows',
  ]);
});

test('a depth ends the way, and it is said that there is more', () => {
  expect(reached('mart.report.total', 'upstream', 1)).toEqual({
    cut: true,
    found: ['0 mart.report.total', '1 dw.sales.amount'],
  });
  expect(reached('dw.sales.RelationRows', 'downstream', 1).cut).toBe(false);
});

test('on the level of tables a dataset is one thing', () => {
  const tables = tableLineage(lineage);
  const start = tables.datasets.findIndex(({ key }) => key === 'ods.orders');
  const { distances } = reach(tables, [start], 'downstream');
  expect([...distances].map(([column]) => columnKey(tables, column))).toEqual([
    'ods.orders.*',
    'dw.sales.*',
    'mart.report.*',
  ]);
});

test('unused is what neither an edge nor a query reads', () => {
  const { columns, datasets } = findUnused(lineage);
  // ods.items.price is read by a query, order_id in a comparison; of raw.events everything is.
  expect(columns.map((column) => columnKey(lineage, column))).toEqual([
    'mart.report.rows',
    'ods.orders.note',
  ]);
  expect(datasets.map((index) => lineage.datasets[index]!.key)).toEqual(['raw.copy']);
});

test('a name is found without regard to case, quotes and the first levels', () => {
  const name = (text: string) => findByName(lineage, text);
  expect(name('DW.Sales')).toMatchObject({ kind: 'dataset', name: 'dw.sales' });
  expect(name('sales.amount')).toMatchObject({ kind: 'column', name: 'dw.sales.amount' });
  expect(name('"Orders"')).toMatchObject({ kind: 'dataset', name: 'ods.orders' });
  expect(name('amount')).toEqual({
    kind: 'ambiguous',
    names: ['dw.sales.amount', 'ods.orders.amount'],
  });
  expect(name('nothing')).toEqual({ kind: 'unknown' });
  expect(namesLike(lineage, 'dw.sale')).toContain('dw.sales');
  expect(namesLike(lineage, 'ammount')).toContain('amount');
});
