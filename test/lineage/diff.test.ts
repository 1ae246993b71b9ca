import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { countLineage } from '../../src/lineage/counts';
import { diffLineage, isSame } from '../../src/lineage/diff';
import { diffJson } from '../../src/lineage/diff-json';
import { diffMarkdown } from '../../src/lineage/diff-markdown';
import { tableLineage } from '../../src/lineage/tables';
import { exported, read, relation } from './support';

const table = (name: string, ...columns: string[]) => ({
  name,
  type: 'table',
  columns: columns.map((column) => ({ name: column })),
});

async function compared() {
  const before = await read(
    exported(
      [
        relation('fdd', ['ods.Orders.amount'], 'dw.sales.amount'),
        relation('fdd', ['ods.orders.day'], 'dw.sales.day'),
        relation('fdd', ['ods.old.x'], 'dw.sales.x'),
      ],
      [table('ods.orders', 'amount', 'day', 'unused')],
    ),
  );
  const after = await read(
    exported([
      relation('fdd', ['ods.orders.Amount_EUR'], 'dw.sales.amount'),
      relation('fdr', ['ods.orders.day'], 'dw.sales.day'),
      relation('fdr', ['ods.orders.day'], 'dw.sales.RelationRows'),
      relation('fdd', ['ods.`new|table`.x'], 'dw.sales.x'),
    ]),
  );
  return diffLineage(before, after);
}

test('what was added and removed is counted, row counters and stars left out', async () => {
  const diff = await compared();
  expect(countLineage(diff.after, diff)).toEqual({
    datasets: 3,
    columns: 6,
    edges: 4,
    errors: 0,
    change: {
      edgesAdded: 4,
      edgesRemoved: 3,
      columnsAdded: 2,
      columnsRemoved: 3,
      datasetsAdded: 1,
      datasetsRemoved: 1,
    },
  });
});

test('diff.json has every entry with its sign, in one order', async () => {
  const diff = await compared();
  const told = JSON.parse(await text(Readable.from(diffJson(diff))));
  expect(told).toMatchObject({ version: 1, before: { edges: 3 }, change: { edgesAdded: 4 } });
  expect(told.datasets).toEqual([
    { sign: '+', name: 'ods.new|table', kind: 'table', columns: 1 },
    { sign: '-', name: 'ods.old', kind: 'table', columns: 1 },
  ]);
  expect(told.columns.map((entry: any) => `${entry.sign}${entry.dataset}.${entry.column}`)).toEqual(
    [
      '+ods.new|table.x',
      '-ods.old.x',
      '-ods.Orders.amount',
      '+ods.orders.Amount_EUR',
      '-ods.Orders.unused',
    ],
  );
  expect(told.edges[0]).toEqual({
    sign: '-',
    source: { dataset: 'ods.Orders', column: 'amount' },
    target: { dataset: 'dw.sales', column: 'amount' },
    kind: 'fdd',
    effect: 'insert',
  });
});

test('Markdown tells it for a pull request, with the reasons of a closed gate', async () => {
  const diff = await compared();
  const forged = 'dw.x\n\n# Approved\n@everyone, see `https://example.com`';
  const markdown = diffMarkdown(diff, {
    labels: ['nightly@41', 'nightly@42'],
    gate: { closed: true, reasons: ['3 edges vanished: <b> a*b', forged] },
  });
  expect(markdown).toContain('## Lineage: `nightly@41` → `nightly@42`');
  expect(markdown).toContain('\n- `3 edges vanished: <b> a*b`\n');
  // In a code span nothing is a heading, a mention or a link.
  expect(markdown).toContain('\n- `` dw.x # Approved @everyone, see `https://example.com` ``\n');
  expect(markdown).toContain('| edges | 3 | 4 | −3 | +4 |');
  expect(markdown).toContain('- table `ods.new|table` (1 column)');
  expect(markdown).toContain('- `ods.Orders.amount` → `dw.sales.amount` (fdd)');
  expect(diffMarkdown(diffLineage(diff.after, diff.after))).toContain('Nothing changed.');
});

test('Markdown stays small enough for a comment, and counts what it leaves out', async () => {
  const name = 'n'.repeat(300);
  const relations = Array.from({ length: 500 }, (_, index) =>
    relation('fdd', [`a\`\`${name}.${name}${index}`], `b${index}.${name}`),
  );
  const diff = diffLineage(await read(exported([])), await read(exported(relations)));
  const markdown = diffMarkdown(diff);
  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toContain('<summary>Edges added (500)</summary>');
  expect(markdown).toContain('… and 400 more');
  expect(markdown).toContain('``` a``nnn');
});

test('on the level of tables the same flow by other columns is no difference', async () => {
  const diff = await compared();
  const tables = diffLineage(tableLineage(diff.before), tableLineage(diff.after));
  expect(tables.edgesRemoved).toHaveLength(1);
  expect(tables.edgesAdded).toHaveLength(2);
  const twice = await read(
    exported([relation('fdd', ['a.x', 'a.y'], 'b.x'), relation('fdd', ['b.x'], 'b.y')]),
  );
  const level = tableLineage(twice);
  expect(level.edges.length).toBe(1);
  expect(level.columns).toHaveLength(level.datasets.length);
  expect(isSame(diffLineage(level, tableLineage(twice)))).toBe(true);
});
