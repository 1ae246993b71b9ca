import { Readable } from 'node:stream';
import { settleRevision } from '../../activities/chain/settle-revision';
import type { ArtifactStore } from '../../src/artifacts/store';
import type { ArtifactRef } from '../../src/contracts/artifact';
import type { ExportShape } from '../../src/contracts/chain';
import type { SettleRevisionInput } from '../../src/contracts/chain-steps';
import type { LineageGate } from '../../src/contracts/lineage-gate';
import { makeAnyStore, noAbort, readText } from '../artifacts/support';
import { exported, relation } from '../lineage/support';

const flow = relation('fdd', ['ods.orders.amount'], 'dw.sales.amount');
const other = relation('fdd', ['ods.orders.day'], 'dw.sales.day');
let store: ArtifactStore;

beforeEach(async () => {
  store = await makeAnyStore();
});

function put(revision: number, name: string, content: unknown): Promise<ArtifactRef> {
  const body = Readable.from([typeof content === 'string' ? content : JSON.stringify(content)]);
  return store.put(`chains/x/c/${revision}/${name}`, body, { format: 'json', signal: noAbort });
}

/** Revision 2, of which one edge is left, behind a revision 1. */
async function settle(
  before: { readonly lineage?: unknown; readonly result?: unknown; readonly changedTo?: unknown },
  exportedWith: ExportShape = {},
  gate: LineageGate = { maxRemovedEdges: 0 },
  now: Partial<Pick<SettleRevisionInput, 'status'>> & { readonly lineage?: unknown } = {},
) {
  const earlier = await put(1, 'lineage.json', before.lineage ?? exported([flow, other]));
  if (before.changedTo !== undefined) await put(1, 'lineage.json', before.changedTo);
  if (before.result !== undefined) await put(1, 'result.json', before.result);
  const lineage = await put(2, 'lineage.json', now.lineage ?? exported([flow]));
  const settled = await settleRevision(
    store,
    {
      connection: 'x',
      chain: 'c',
      revision: 2,
      lineage,
      status: now.status ?? 'success',
      exportedWith,
      before: { revision: 1, lineage: earlier },
      gate,
    },
    noAbort,
  );
  return { settled, reasons: settled.verdict?.reasons ?? [], warnings: settled.warnings };
}

test.each(['', '{', 'no lineage', '{"code":500}', '{}', '[]', '\0'])(
  'a latest lineage that is damaged keeps a gate closed and stops no chain: %j',
  async (lineage) => {
    const { settled, reasons, warnings } = await settle({ lineage });
    expect(settled.comparedWith).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('there is nothing to compare with')]);
    expect(reasons).toEqual([expect.stringContaining("what vanished can't be told")]);
    const open = await settle({ lineage }, {}, { maxParseErrors: 0 });
    expect(open.settled.verdict).toEqual({ closed: false, reasons: [] });
  },
);

test('a latest lineage that was changed in the store since is compared with, and told', async () => {
  const { settled, reasons, warnings } = await settle({ changedTo: exported([flow]) });
  expect(settled.comparedWith).toBe(1);
  expect(reasons).toEqual([]);
  expect(warnings).toEqual([
    expect.stringContaining('the lineage of revision 1 was changed in the artifact store'),
  ]);
});

test('exports that were made with other settings are told, first of all why a gate closed', async () => {
  const result = { exportedWith: { exportSettings: { showRelationType: 'fdd,fdr' } } };
  const words =
    "the exports' settings changed since revision 1 (tableToTable, showRelationType), so lineage may have come or gone for that alone";
  const { settled, reasons, warnings } = await settle({ result }, { tableToTable: true });
  expect(warnings).toEqual([words]);
  expect(reasons).toEqual([words, expect.stringContaining('1 edge of 2 vanished')]);
  expect(await readText(store, 'chains/x/c/2/diff.md')).toContain("the exports' settings changed");
  expect(settled.comparedWith).toBe(1);
  // What is not beyond the gate's limits doesn't close it.
  const open = await settle({ result }, { tableToTable: true }, { maxRemovedEdges: 1 });
  expect(open.settled.verdict).toEqual({ closed: false, reasons: [] });
  expect(open.warnings).toEqual([words]);
});

test.each([
  [{ exportedWith: { tableToTable: false, exportSettings: {} } }, {}],
  [{ exportedWith: {} }, { exportSettings: { showTransform: undefined } }],
  [{}, { tableToTable: true }],
  [undefined, { tableToTable: true }],
  ['{', { tableToTable: true }],
])(
  'settings that are the same, or that nobody knows, are not told: %j, %j',
  async (result, now) => {
    const { reasons, warnings } = await settle({ result }, now);
    expect(warnings).toEqual([]);
    expect(reasons).toHaveLength(1);
  },
);

const zip = 'c-0123456789ab.zip';

test('files are told by the names that their owner knows, in a gate’s reasons too', async () => {
  const errors = [
    {
      errorType: 'SyntaxHint',
      errorMessage: `${zip}/etl/a.sql(4,1): near ${zip}/etl/b.sql: selec`,
    },
    {
      errorType: 'SyntaxHint',
      errorMessage: 'ab-0123456789ab.zip/a.sql(1,1): a zip of their own',
    },
  ];
  const lineage = exported([flow, other], [], { errors });
  const gate = { maxParseErrors: 0 };
  const { reasons } = await settle({}, {}, gate, { lineage, status: 'partial_success' });
  expect(reasons).toEqual([
    '2 parse errors, more than maxParseErrors 0: ab-0123456789ab.zip/a.sql:1:1 a zip of their own; etl/a.sql:4:1 near etl/b.sql: selec',
  ]);
  const told = await readText(store, 'chains/x/c/2/file-errors.json');
  expect(JSON.parse(told)).toMatchObject({ errors: [{}, { file: 'etl/a.sql', line: 4 }] });
  expect(told).not.toContain(zip);
  expect(await readText(store, 'chains/x/c/2/diff.md')).not.toContain(zip);
});

test('files that failed without being named keep a gate against parse errors closed', async () => {
  const lineage = exported([flow, other]);
  const gate = { maxParseErrors: 0 };
  const partial = await settle({}, {}, gate, { lineage, status: 'partial_success' });
  expect(partial.reasons).toEqual([
    "the job ended partial_success, and the export doesn't tell which files failed, so maxParseErrors 0 can't be checked",
  ]);
  const warned = { ...lineage, code: 203, error: `${zip}/a.sql: syntax error` };
  const { reasons, warnings } = await settle({}, {}, gate, { lineage: warned });
  expect(reasons).toEqual([expect.stringContaining('code 203')]);
  expect(reasons).toEqual([expect.stringContaining('it says: a.sql: syntax error')]);
  expect(warnings).toEqual(['SQLFlow says of the whole export: a.sql: syntax error']);
  expect((await settle({}, {}, gate, { lineage })).reasons).toEqual([]);
});

test('a protected dataset that nobody knows is told, since nothing would ever close its gate', async () => {
  const protect = ['dw.sale', 'dw.sales', 'xx.*', 'ods.*'];
  const words = "protect dw.sale, xx.* matches no dataset, so the gate doesn't watch it";
  const { reasons, warnings } = await settle({}, {}, { protect });
  expect(warnings).toEqual([words]);
  expect(reasons).toEqual([]);
  // It was there before: that is what the gate is for.
  const gone = await settle({}, {}, { protect: ['dw.sales'] }, { lineage: exported([]) });
  expect(gone.warnings).toEqual([]);
  expect(gone.reasons).toEqual([expect.stringContaining('vanished')]);
  const many = Array.from({ length: 7 }, (_, index) => `xx.t${index}`);
  expect((await settle({}, {}, { protect: many })).warnings).toEqual([
    expect.stringContaining('protect xx.t0, xx.t1, xx.t2, xx.t3, xx.t4 (and 2 more) matches no'),
  ]);
  // Nobody knows what a lost lineage would have matched; the gate stays closed for that.
  expect((await settle({ lineage: '{' }, {}, { protect: ['dw.sale'] })).warnings).toHaveLength(1);
});
