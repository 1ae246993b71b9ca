import { layoutOf, type Card, type Layout } from '../../../src/lineage/render/layout';
import { pictureOf, type Picture } from '../../../src/lineage/render/picture';
import { large, small } from './samples';

const all = { isDrawn: () => true, isOpen: () => true };
const closed = { isDrawn: () => true, isOpen: () => false };

function cardOf(picture: Picture, layout: Layout, name: string): Card {
  return layout.cards[layout.cardOf[picture.tables.findIndex((table) => table.name === name)]!]!;
}

function overlaps({ cards }: Layout): number {
  const sorted = [...cards].sort((one, other) => one.x - other.x);
  let found = 0;
  sorted.forEach((card, index) => {
    for (let next = index + 1; next < sorted.length; next += 1) {
      const other = sorted[next]!;
      if (other.x >= card.x + card.width) break;
      if (other.y < card.y + card.height && card.y < other.y + other.height) found += 1;
    }
  });
  return found;
}

test('tables stand from the left to the right as data flows, whatever is joined with what', async () => {
  const picture = pictureOf(await small(), '');
  const layout = layoutOf(picture, all);
  const at = (name: string) => cardOf(picture, layout, name).x;
  expect(at('ods.orders')).toBe(at('ods.rates'));
  expect(at('ods.orders')).toBeLessThan(at('dw.sales'));
  expect(at('dw.sales')).toBeLessThan(at('mart.daily'));
  expect(overlaps(layout)).toBe(0);
});

test('the rows of a table have a row only where something depends on them', async () => {
  const picture = pictureOf(await small(), '');
  const layout = layoutOf(picture, all);
  const rows = (name: string) =>
    cardOf(picture, layout, name).rows.map((column) => picture.columns[column]!.role);
  expect(rows('dw.sales')).toContain('rows');
  expect(rows('ods.orders')).not.toContain('rows');
});

test('tables of a cycle stand side by side like others', async () => {
  const lineage = await large(20, 40);
  const { source, target } = lineage.edges;
  const turned = { ...lineage.edges, source: target, target: source };
  for (const edges of [lineage.edges, turned]) {
    const layout = layoutOf(pictureOf({ ...lineage, edges }, ''), all);
    expect(overlaps(layout)).toBe(0);
  }
});

test.each([
  ['two hundred open tables', 200, 800, all],
  ['two thousand tables', 2_000, 50_000, closed],
  ['two thousand open tables', 2_000, 50_000, all],
])('%s have a place each, on a sheet that fits a screen', async (_, tables, edges, choice) => {
  const picture = pictureOf(await large(tables, edges), '');
  const layout = layoutOf(picture, choice);
  expect(layout.cards).toHaveLength(picture.tables.length);
  expect(overlaps(layout)).toBe(0);
  if (tables > 1_000) {
    expect(layout.width / layout.height).toBeGreaterThan(0.7);
    expect(layout.width / layout.height).toBeLessThan(5);
  }
});
