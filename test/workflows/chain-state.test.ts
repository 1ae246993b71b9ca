import type { ChainRequest, RefreshInput, RefreshOutcome } from '../../src/contracts/chain';
import { jsonBytes } from '../../src/contracts/history-size';
import { mostRequestBytes, validateChainRefresh } from '../../src/contracts/validate-chain';
import { afterBroken, withJobHeld } from '../../workflows/chain/after-refresh';
import { openChain, type CarriedChain } from '../../workflows/chain/carried';
import { answerTo, notBegun, withOutcome } from '../../workflows/chain/outcomes';
import { snapshot } from './chain-stage';

const empty = openChain({ connection: 'sqlflow', name: 'nightly' });
/** What takes the most room in JSON: every character is escaped. */
const hostile = '\u0001'.repeat(100_000);

function request(requestId: string, more: Partial<ChainRequest> = {}): ChainRequest {
  const inputs = snapshot(requestId);
  return {
    requestId,
    connection: 'sqlflow',
    chain: 'nightly',
    dbVendor: 'dbvhive',
    inputs,
    ...more,
  };
}

function outcome(requestId: string, more: Partial<RefreshOutcome> = {}): RefreshOutcome {
  const times = { startedAtMs: 1, endedAtMs: 2 };
  return { requestId, end: 'refreshed', ...times, generation: 1, warnings: [], ...more };
}

function underWay(requestId: string): { chain: CarriedChain; input: RefreshInput } {
  const chain = { ...empty, running: { requestId, sinceMs: 1 } };
  const input: RefreshInput = {
    request: request(requestId),
    nextKey: 'key',
    mayBeSubmitted: false,
    unsettled: [],
    revision: 1,
    replacedJobs: [],
  };
  return { chain, input };
}

test('what a chain carries stays far below what Temporal takes, whatever the service says', () => {
  let chain = empty;
  for (let night = 0; night < 60; night++) {
    const warnings = Array<string>(100).fill(hostile);
    const error = { type: 'RemoteJob.Failed', message: hostile };
    const report = {
      vendor: 'sqlflow' as const,
      connection: 'sqlflow',
      errorMessage: hostile,
      logTail: hostile,
      kill: { outcome: 'unconfirmed' as const, evidence: hostile },
    };
    const ended = outcome(`night-${night}`, { end: 'failed', warnings, error });
    chain = withOutcome(chain, ended, { report });
  }
  const filler = { protect: Array<string>(80).fill('x'.repeat(190)) };
  const queue = Array.from({ length: 8 }, (_, i) => request(`waiting-${i}`, { gate: filler }));
  for (const one of queue) expect(validateChainRefresh(one)).toEqual([]);
  expect(jsonBytes(queue)).toBeGreaterThan(7 * mostRequestBytes);
  const unsettled = Array.from({ length: 10 }, () => snapshot('x'.repeat(2000)));
  const carried = { ...chain, queue, unsettled };
  expect(carried.refreshes).toHaveLength(50);
  expect(jsonBytes(carried)).toBeLessThan(2 ** 20);
});

test('fifty refreshes are remembered, and the report of a failure with its outcome', () => {
  let chain = withOutcome(empty, outcome('first'));
  for (let i = 0; i < 49; i++) chain = withOutcome(chain, outcome(`more-${i}`));
  expect(answerTo(chain, 'first')?.outcome.end).toBe('refreshed');
  const report = { vendor: 'sqlflow' as const, connection: 'sqlflow', errorCode: '500' };
  chain = withOutcome(chain, outcome('failed', { end: 'failed' }), { report });
  expect(answerTo(chain, 'first')).toBeUndefined();
  expect(answerTo(chain, 'failed')).toMatchObject({ report });
});

test('a request that is skipped or taken back leaves the queue and nothing else behind', () => {
  const waiting = { ...empty, queue: [request('a'), request('b')] };
  const skipped = notBegun(waiting, request('a'), 'skipped', { message: 'paused' });
  expect(skipped.queue.map(({ requestId }) => requestId)).toEqual(['b']);
  expect(skipped.refreshes).toMatchObject([{ requestId: 'a', end: 'skipped', error: undefined }]);
  expect({ unsettled: skipped.unsettled, revision: skipped.revision }).toEqual({
    unsettled: [],
    revision: 0,
  });
});

test("a job's id that comes after its refresh was ended from outside is still kept", () => {
  const { chain, input } = underWay('gone');
  const broken = { end: 'failed', error: { message: 'terminated' }, sentNothing: false } as const;
  const ended = afterBroken(chain, input, broken);
  expect(ended.current).toMatchObject({ generation: 1, key: 'key', submits: 0 });
  const generation = { ...ended.current!, jobId: 'late', submits: 1 };
  const late = { requestId: 'gone', generation, candidate: false };
  const kept = withJobHeld(ended, late);
  expect(kept.current).toEqual(generation);
  expect(withJobHeld(kept, late)).toEqual(kept);
  // One that was to replace it, or comes too late for that, is to be deleted.
  const other = { ...generation, generation: 2, jobId: 'candidate' };
  const twice = withJobHeld(kept, { requestId: 'gone', generation: other, candidate: true });
  expect(twice).toMatchObject({ current: generation, replacedJobs: ['candidate'] });
  // Of another key it is the job of a chain that was here before: not this one's to delete.
  const foreign = { ...generation, key: 'of the chain before', jobId: 'foreign' };
  const before = { requestId: 'before', generation: foreign, candidate: false };
  expect(withJobHeld(kept, before)).toEqual(kept);
  expect(withJobHeld(ended, before)).toEqual(ended);
});

test('a refresh that certainly sent nothing leaves no generation behind that it had only planned', () => {
  const current = { generation: 1, key: 'old', settings: { dbVendor: 'dbvhive' }, submits: 3 };
  const { chain, input } = underWay('planned');
  const before = { chain: { ...chain, current }, input: { ...input, current } };
  const planned = { ...current, generation: 2, key: 'key', submits: 0 };
  const told = withJobHeld(before.chain, {
    requestId: 'planned',
    generation: planned,
    candidate: false,
  });
  const broken = { end: 'failed', error: { message: 'no' }, sentNothing: true } as const;
  expect(afterBroken(told, before.input, broken).current).toEqual(current);
  const mayHaveSent = { ...broken, sentNothing: false };
  expect(afterBroken(told, before.input, mayHaveSent).current).toEqual(planned);
});

test('a wrong request is refused with every mistake and its remedy', () => {
  const wrong = {
    ...request('a'),
    chain: 'not/a/name',
    connection: 'http://elsewhere',
    dbVendor: '',
    send: 'some',
    rebuildEvery: 0,
    keepRevisions: 1.5,
    exports: ['pdf'],
    gate: { maxRemovedPercent: 0, onClosed: 'ask', protect: [''] },
    publish: { target: '' },
    inputs: { ...snapshot('a'), files: 0 },
  } as unknown as ChainRequest;
  expect(validateChainRefresh(wrong).map(({ field }) => field)).toEqual([
    'connection',
    'chain',
    'dbVendor',
    'inputs',
    'send',
    'rebuildEvery',
    'exports[0]',
    'gate.maxRemovedPercent',
    'gate.protect[0]',
    'gate.onClosed',
    'publish.target',
    'keepRevisions',
  ]);
  const huge = request('a', { gate: { protect: Array<string>(200).fill('x'.repeat(190)) } });
  expect(validateChainRefresh(huge)).toMatchObject([{ field: 'the input' }]);
});
