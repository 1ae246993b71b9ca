import { datasetMatcher, idlePatterns } from '../../src/lineage/dataset-patterns';
import { checkGate } from '../../src/lineage/gate';
import { diffLineage } from '../../src/lineage/diff';
import type { LineageGate } from '../../src/contracts/lineage-gate';
import { exported, read, relation } from './support';

const flows = [
  relation('fdd', ['ods.orders.amount'], 'dw.sales.amount'),
  relation('fdd', ['ods.orders.day'], 'dw.sales.day'),
  relation('fdd', ['dw.sales.amount'], 'mart.report.total'),
  relation('join', ['ods.orders.day'], 'mart.report.total'),
];
const syntax = {
  errorType: 'SyntaxHint',
  errorMessage: 'etl/a.sql(4,1): no statement begins with selec',
};
const guess = {
  errorType: 'LinkOrphanColumn',
  errorMessage: 'Link orphan column [d] to the first table [emp]',
};
const hint = { errorType: 'SyntaxHint', errorMessage: 'find orphan column(10500) near: d(14,8)' };

async function verdict(gate: LineageGate, kept: readonly number[], errors: unknown[] = []) {
  const before = await read(exported(flows));
  const after = await read(
    exported(
      kept.map((index) => flows[index]),
      [],
      { errors },
    ),
  );
  return checkGate(gate, { after, diff: diffLineage(before, after) });
}

test('a gate stays open up to its limits and closes beyond them', async () => {
  expect(await verdict({ maxRemovedEdges: 1 }, [0, 1, 2])).toEqual({ closed: false, reasons: [] });
  expect(await verdict({ maxRemovedEdges: 1 }, [0, 1])).toEqual({
    closed: true,
    reasons: [
      '2 edges of 4 vanished, more than maxRemovedEdges 1: dw.sales.amount → mart.report.total (fdd); ods.orders.day → mart.report.total (join)',
    ],
  });
  expect((await verdict({ maxRemovedPercent: 25 }, [0, 1, 2])).closed).toBe(false);
  expect((await verdict({ maxRemovedPercent: 24.99 }, [0, 1, 2])).reasons).toEqual([
    expect.stringMatching(
      /^25\.0 % of the edges vanished \(1 of 4\), more than maxRemovedPercent 24\.99: /,
    ),
  ]);
  expect((await verdict({ maxRemovedEdges: 0 }, [])).closed).toBe(true);
});

test('a protected dataset may lose a source, but not all, and must not vanish', async () => {
  expect((await verdict({ protect: ['dw.sales'] }, [0, 2, 3])).closed).toBe(false);
  expect((await verdict({ protect: ['DW.*'] }, [2, 3])).reasons).toEqual([
    'the protected dataset dw.sales (DW.*) lost all its sources: ods.orders',
  ]);
  expect((await verdict({ protect: ['sales'] }, [3])).reasons).toEqual([
    'the protected dataset dw.sales (sales) vanished',
  ]);
  // Nothing flows along a comparison.
  expect((await verdict({ protect: ['mart.report'] }, [0, 1, 3])).closed).toBe(true);
  // It never had any.
  expect((await verdict({ protect: ['ods.*'] }, [0])).closed).toBe(false);
});

test('only SQL that could not be parsed counts as a parse error', async () => {
  const all = [0, 1, 2, 3];
  expect((await verdict({ maxParseErrors: 0 }, all, [guess, hint])).closed).toBe(false);
  expect((await verdict({ maxParseErrors: 1 }, all, [syntax, guess])).closed).toBe(false);
  expect((await verdict({ maxParseErrors: 0 }, all, [syntax, guess])).reasons).toEqual([
    '1 parse error, more than maxParseErrors 0: etl/a.sql:4:1 no statement begins with selec',
  ]);
});

test.each<[string, object, 'success' | 'partial_success' | undefined, string | undefined]>([
  [
    'a job of which some files failed',
    {},
    'partial_success',
    "the job ended partial_success, and the export doesn't tell which files failed, so maxParseErrors 3 can't be checked",
  ],
  [
    'a job of which some files failed, whose export tells of guesses alone',
    { errors: [guess, hint] },
    'partial_success',
    "the job ended partial_success, and the export doesn't tell which files failed, so maxParseErrors 3 can't be checked",
  ],
  [
    'a job of which some files failed, with words beside code 200',
    { error: 'see the log' },
    'partial_success',
    "the job ended partial_success, and the export doesn't tell which files failed, so maxParseErrors 3 can't be checked; it says: see the log",
  ],
  [
    'data with warnings',
    { code: 203, error: ["1.sql: syntax error near 'FORM'", 'and  another'] },
    'success',
    "the export came with code 203 and doesn't tell what failed, so maxParseErrors 3 can't be checked; it says: 1.sql: syntax error near 'FORM'; and another",
  ],
  [
    'data with warnings and no words',
    { code: '203' },
    undefined,
    "the export came with code 203 and doesn't tell what failed, so maxParseErrors 3 can't be checked",
  ],
  ['data with a guess', { code: 203, error: 'Link orphan column [d]' }, 'success', undefined],
  ['data with words and a guess', { code: 203, error: 'x', errors: [guess] }, 'success', undefined],
  ['words beside code 200', { error: 'the licence ends in a week' }, 'success', undefined],
  ['a failure that is told', { errors: [syntax] }, 'partial_success', undefined],
  ['a job of which nothing failed', {}, 'success', undefined],
])(
  'a gate against parse errors stays closed where nothing tells how many there are: %s',
  async (_, { errors = [], ...envelope }: { errors?: readonly unknown[] }, status, reason) => {
    const after = await read({ ...exported(flows, [], { errors }), ...envelope });
    expect(checkGate({ maxParseErrors: 3 }, { after, status })).toEqual({
      closed: reason !== undefined,
      reasons: reason === undefined ? [] : [reason],
    });
    // Who doesn't ask for it gets a partial lineage, as ever.
    expect(checkGate({ maxRemovedEdges: 0 }, { after, status }).closed).toBe(false);
  },
);

test('with nothing to compare with, only parse errors close a gate', async () => {
  const after = await read(exported([], [], { errors: [syntax] }));
  const gate = { maxRemovedEdges: 0, maxRemovedPercent: 1, protect: ['*'] };
  expect(checkGate(gate, { after }).closed).toBe(false);
  expect(checkGate({ ...gate, maxParseErrors: 0 }, { after }).closed).toBe(true);
});

test('a reason stays in its line, whatever the server calls a file', async () => {
  const forged = { errorMessage: 'a.sql(1,1): bad\n\n0 parse errors', errorType: 'SyntaxError' };
  const { reasons } = await verdict({ maxParseErrors: 0 }, [0, 1, 2, 3], [forged]);
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toContain('bad 0 parse errors');
});

test('reasons are few and short, since they travel through history', async () => {
  const long = 'x'.repeat(3000);
  const before = await read(
    exported(
      Array.from({ length: 60 }, (_, index) => relation('fdd', ['s.a'], `t${index}.${long}`)),
    ),
  );
  const after = await read(exported([]));
  const diff = diffLineage(before, after);
  const { closed, reasons } = checkGate({ maxRemovedEdges: 0, protect: ['*'] }, { after, diff });
  expect(closed).toBe(true);
  expect(reasons).toHaveLength(20);
  expect(reasons[19]).toBe('and 43 more reasons');
  expect(Math.max(...reasons.map(({ length }) => length))).toBeLessThanOrEqual(600);
});

test('a pattern names the last levels of a dataset, with stars for any characters', () => {
  const matches = (pattern: string, key: string) => datasetMatcher([pattern])(key) !== undefined;
  expect(matches('sales.orders', 'dw.sales.orders')).toBe(true);
  expect(matches('ales.orders', 'dw.sales.orders')).toBe(false);
  expect(matches('Sales.*', 'dw.sales.orders')).toBe(true);
  expect(matches('s*s.o*s', 'sales.orders')).toBe(true);
  expect(matches('s*s.o*s', 'sales.order')).toBe(false);
  expect(matches('a*a', 'a')).toBe(false);
  expect(matches('a.b', 'axb')).toBe(false);
  expect(matches('*', 'anything')).toBe(true);
  expect(matches(`${'*a'.repeat(50)}b`, 'a'.repeat(5000))).toBe(false);
});

test('patterns that no dataset matches are found', async () => {
  const before = await read(exported(flows));
  const after = await read(exported([flows[0]]));
  const patterns = ['dw.sale', 'Sales', 'mart.*', 'report', 'xx.*'];
  expect(idlePatterns(patterns, [before, after])).toEqual(['dw.sale', 'xx.*']);
  expect(idlePatterns(patterns, [after])).toEqual(['dw.sale', 'mart.*', 'report', 'xx.*']);
});
