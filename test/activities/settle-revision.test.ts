import { Readable } from 'node:stream';
import { settleRevision } from '../../activities/chain/settle-revision';
import type { ArtifactStore } from '../../src/artifacts/store';
import type { ArtifactRef } from '../../src/contracts/artifact';
import type { ExportShape } from '../../src/contracts/chain';
import type { LineageGate } from '../../src/contracts/lineage-gate';
import { makeStore, noAbort, readText } from '../artifacts/support';
import { exported, relation } from '../lineage/support';

const flow = relation('fdd', ['ods.orders.amount'], 'dw.sales.amount');
const other = relation('fdd', ['ods.orders.day'], 'dw.sales.day');
let store: ArtifactStore;

beforeEach(async () => {
  store = await makeStore();
});

function put(revision: number, name: string, content: unknown): Promise<ArtifactRef> {
  const body = Readable.from([typeof content === 'string' ? content : JSON.stringify(content)]);
  return store.put(`chains/x/c/${revision}/${name}`, body, { format: 'json', signal: noAbort });
}

/** Revision 2, of which one edge is left, behind a revision 1. */
async function settle(
  before: { readonly lineage?: unknown; readonly result?: unknown },
  exportedWith: ExportShape = {},
  gate: LineageGate = { maxRemovedEdges: 0 },
) {
  const earlier = await put(1, 'lineage.json', before.lineage ?? exported([flow, other]));
  if (before.result !== undefined) await put(1, 'result.json', before.result);
  const lineage = await put(2, 'lineage.json', exported([flow]));
  const settled = await settleRevision(
    store,
    {
      connection: 'x',
      chain: 'c',
      revision: 2,
      lineage,
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
