import { chainFacts, outcomeWords } from '../../src/cli/chain-words';
import { outcomeCode } from '../../src/cli/outcome-code';
import { renderTable } from '../../src/cli/tables';
import type { ChainState, ManifestRef } from '../../src/contracts/chain';
import { failureTypes } from '../../src/contracts/failure-types';

const files = { total: 5000, sent: 10, added: 2, changed: 8, removed: 1 };
const warnings: readonly string[] = [];

test('what a refresh came to is one line, with figures that can be read', () => {
  const change = {
    edgesAdded: 1400,
    edgesRemoved: 3,
    columnsAdded: 0,
    columnsRemoved: 0,
    datasetsAdded: 0,
    datasetsRemoved: 0,
  };
  const lineage = { datasets: 9, columns: 90, edges: 12_340, errors: 0, change };
  expect(
    outcomeWords({ end: 'refreshed', revision: 12, generation: 2, files, lineage, warnings }),
  ).toBe(
    'revision 12 of generation 2 · 10 of 5,000 files sent (2 added, 8 changed, 1 removed) · 12,340 edges (+1,400 −3)',
  );
  expect(
    outcomeWords({ end: 'unchanged', generation: 2, files: { ...files, sent: 0 }, warnings }),
  ).toMatch(/^unchanged: none of 5,000 files differs /);
});

test('a service’s words in an outcome can not act on the terminal', () => {
  const error = { message: 'no\u001b[2Jway' };
  expect(outcomeWords({ end: 'failed', generation: 1, warnings, error })).toBe('failed: noway');
});

test('a chain tells what waits, what is unsettled and what it still has to delete', () => {
  const ref = { artifact: {}, files: 1, sizeBytes: 1 } as ManifestRef;
  const state: ChainState = {
    connection: 'sqlflow',
    name: 'nightly',
    revision: 3,
    unsettled: [ref, ref],
    replacedJobs: ['old'],
    paused: { atMs: 0, note: 'migration' },
    running: { requestId: 'r1', sinceMs: 0 },
    queue: [{ requestId: 'r2' }, { requestId: 'r3' }] as unknown as ChainState['queue'],
    refreshes: [],
  };
  const facts = Object.fromEntries(chainFacts(state));
  expect(facts).toMatchObject({
    status: 'refreshing, then paused',
    paused: expect.stringMatching(/: migration$/),
    refreshing: expect.stringMatching(/: sqlflow-chain\/sqlflow\/nightly\/r1$/),
    waiting: '2 refreshes',
    revision: 'none yet',
    unsettled: expect.stringMatching(/^2 refreshes since the latest revision/),
    'to delete': 'old',
  });
  expect(Object.fromEntries(chainFacts({ ...state, unsettled: 'all' })).unsettled).toContain(
    'sends every file',
  );
});

test.each([
  [failureTypes.gateClosed, 1],
  [failureTypes.approvalTimedOut, 1],
  [failureTypes.chainRefused, 2],
  [failureTypes.refreshCancelled, 3],
  [failureTypes.chainQueueFull, 4],
  [failureTypes.chainEnded, 5],
])('a refresh that ended as %s answers %i', (type, code) => {
  expect(outcomeCode({ kind: 'failed', type, message: '' })).toBe(code);
});

test('a table cuts its other columns rather than an id', () => {
  const id = 'sqlflowRefreshRequest/nightly/8f00a1b2';
  const table = renderTable({
    columns: ['id', 'why'],
    rows: [[id, 'a long story that nobody reads to its end']],
    width: 50,
    uncut: [0],
  });
  expect(table).toContain(id);
  expect(table).toContain('…');
});
