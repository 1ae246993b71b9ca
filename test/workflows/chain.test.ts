import { ChainStage, snapshot } from './chain-stage';

let stage: ChainStage;

beforeAll(async () => {
  stage = await ChainStage.open();
});
afterAll(() => stage.close());

test('the first request starts the chain, and the next one is told what the chain knows by then', async () => {
  const chain = stage.chain('first');
  const first = await chain.ask({}, { scheduledAtMs: 86_400_000 });
  expect(await first.outcome()).toMatchObject({
    kind: 'succeeded',
    result: {
      requestId: first.requestId,
      end: 'refreshed',
      generation: 1,
      revision: 1,
      jobId: 'job-of-first',
      scheduledAtMs: 86_400_000,
      files: { total: 1, sent: 1 },
    },
  });
  const { current, latest } = await chain.state();
  const second = await chain.ask({ waits: true });
  await second.untilRunning();
  expect(await second.input()).toMatchObject({
    current,
    latest,
    mayBeSubmitted: false,
    revision: 2,
    unsettled: [],
  });
  await second.tell({ end: 'unchanged' });
  expect(await second.outcome()).toMatchObject({ result: { end: 'unchanged' } });
  expect(await chain.state()).toMatchObject({ revision: 1, latest: { revision: 1 } });
});

test('refreshes of one chain run one after the other, in the order in which they came', async () => {
  const chain = stage.chain('serial');
  const first = await chain.ask({ waits: true });
  await first.untilRunning();
  const second = await chain.ask({ waits: true });
  await second.untilQueued();
  const third = await chain.ask({ waits: true });
  await third.untilQueued();
  expect((await chain.state()).queue.map(({ requestId }) => requestId)).toEqual([
    second.requestId,
    third.requestId,
  ]);
  for (const asked of [first, second, third]) {
    await asked.untilRunning();
    await asked.tell({ end: 'refreshed' });
    await asked.outcome();
  }
  const { refreshes, running, queue } = await chain.state();
  expect(refreshes.map(({ requestId }) => requestId)).toEqual(
    [third, second, first].map(({ requestId }) => requestId),
  );
  expect({ running, queue }).toEqual({ running: undefined, queue: [] });
});

test('a chain lets eight refreshes wait and refuses the next one with a word on what to do', async () => {
  const chain = stage.chain('full');
  const first = await chain.ask({ waits: true });
  await first.untilRunning();
  const waiting = [];
  for (let i = 0; i < 8; i++) waiting.push(await chain.ask());
  await chain.until(({ queue }) => queue.length === 8);
  const late = await chain.ask();
  expect(await late.outcome()).toMatchObject({
    kind: 'failed',
    type: 'Chain.QueueFull',
    message: expect.stringContaining('ask again when some are done'),
  });
  await first.tell({ end: 'refreshed' });
  for (const asked of [first, ...waiting]) {
    expect(await asked.outcome()).toMatchObject({ result: { end: 'refreshed' } });
  }
  expect((await chain.state()).revision).toBe(9);
});

test('a refresh that fails ends its asker with its own type and words, and what it may have sent is remembered', async () => {
  const chain = stage.chain('failing');
  const first = await chain.ask({ waits: true }, { inputs: snapshot('a') });
  await first.untilRunning();
  await first.tell({ held: { jobId: 'made', submits: 1 }, candidate: false });
  await chain.until(({ current }) => current?.jobId === 'made');
  await first.tell({ end: 'failed', message: 'line 3: no such function' });
  expect(await first.outcome()).toMatchObject({
    kind: 'failed',
    type: 'Chain.Told',
    message: 'line 3: no such function',
    report: { vendor: 'sqlflow' },
  });
  expect(await chain.state()).toMatchObject({
    revision: 1,
    current: { generation: 1, jobId: 'made', submits: 1 },
    unsettled: [snapshot('a')],
    refreshes: [{ end: 'failed', revision: 1, jobId: 'made', error: { type: 'Chain.Told' } }],
  });
  // Of the same files there is nothing more to remember.
  for (const content of ['a', 'b']) {
    const again = await chain.ask({ waits: true }, { inputs: snapshot(content) });
    await again.untilRunning();
    await again.tell({ end: 'failed' });
    await again.outcome();
  }
  expect(await chain.state()).toMatchObject({ unsettled: [snapshot('a'), snapshot('b')] });
  const sent = await chain.ask({ waits: true }, { inputs: snapshot('c') });
  await sent.untilRunning();
  expect(await sent.input()).toMatchObject({ unsettled: [snapshot('a'), snapshot('b')] });
  await sent.tell({ end: 'refreshed' });
  await sent.outcome();
  expect(await chain.state()).toMatchObject({ unsettled: [], latest: { revision: 4 } });
});

test('a first submit of unknown outcome leaves its key, and the next refresh is to look for it', async () => {
  const chain = stage.chain('unknown');
  const first = await chain.ask({ waits: true });
  await first.untilRunning();
  const { nextKey, current, mayBeSubmitted } = await first.input();
  expect({ current, mayBeSubmitted }).toEqual({ mayBeSubmitted: false });
  await first.tell({ end: 'failed' });
  await first.outcome();
  const second = await chain.ask({ waits: true });
  await second.untilRunning();
  expect(await second.input()).toMatchObject({
    mayBeSubmitted: true,
    current: { generation: 1, key: nextKey },
  });
  await second.tell({ end: 'refreshed' });
  await second.outcome();
});

test('a refresh that certainly sent nothing leaves the chain as it was', async () => {
  const chain = stage.chain('nothing-sent');
  const asked = await chain.ask({ waits: true });
  await asked.untilRunning();
  await asked.tell({ end: 'failed', submitted: 'no' });
  await asked.outcome();
  const { refreshes, ...state } = await chain.state();
  expect(refreshes).toHaveLength(1);
  expect(state).toMatchObject({ revision: 0, unsettled: [] });
  expect(state.current).toBeUndefined();
});

test("a candidate's job replaces nothing unless its refresh passes, and is to be deleted then", async () => {
  const chain = stage.chain('candidate');
  await (await chain.ask()).outcome();
  const rebuild = await chain.ask({ waits: true }, { rebuild: true });
  await rebuild.untilRunning();
  await rebuild.tell({ held: { generation: 2, jobId: 'candidate-1' }, candidate: true });
  await rebuild.tell({ end: 'failed' });
  expect(await rebuild.outcome()).toMatchObject({ kind: 'failed' });
  expect(await chain.state()).toMatchObject({
    current: { generation: 1, jobId: 'job-of-candidate' },
    replacedJobs: ['candidate-1'],
    refreshes: [{ end: 'failed', generation: 2, jobId: 'candidate-1' }, { end: 'refreshed' }],
  });
  const second = await chain.ask({ waits: true }, { rebuild: true });
  await second.untilRunning();
  expect(await second.input()).toMatchObject({ replacedJobs: ['candidate-1'] });
  await second.tell({ held: { generation: 2, jobId: 'candidate-2' }, candidate: true });
  await second.tell({ end: 'refreshed', generation: { generation: 2, jobId: 'candidate-2' } });
  await second.outcome();
  expect(await chain.state()).toMatchObject({
    current: { generation: 2, jobId: 'candidate-2' },
    replacedJobs: [],
  });
});

test('eleven refreshes of unknown fate are too many to tell apart: every file is sent', async () => {
  const chain = stage.chain('many-unknown');
  for (let i = 0; i <= 10; i++) {
    const asked = await chain.ask({ waits: true }, { inputs: snapshot(`content-${i}`) });
    await asked.untilRunning();
    await asked.tell({ end: 'failed' });
    await asked.outcome();
  }
  expect((await chain.state()).unsettled).toBe('all');
});
