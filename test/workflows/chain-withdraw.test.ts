import { randomUUID } from 'node:crypto';
import { chainMessages } from '../../src/contracts/chain';
import { chainWorkflowTypes } from '../../src/contracts/chain-asking';
import { forgetChain, pauseChain, resumeChain } from '../../src/starter/chains';
import { ChainStage, connection } from './chain-stage';

let stage: ChainStage;

beforeAll(async () => {
  stage = await ChainStage.open();
});
afterAll(() => stage.close());

test('an asker that is cancelled while its refresh waits takes it back, and the chain proves it', async () => {
  const chain = stage.chain('withdraw-queued');
  const first = await chain.ask({ waits: true });
  await first.untilRunning();
  const second = await chain.ask();
  await second.untilQueued();
  await second.cancel();
  expect(await second.outcome()).toMatchObject({
    kind: 'cancelled',
    kill: { outcome: 'nothingToKill' },
  });
  const { queue, refreshes, running } = await chain.state();
  expect({ queue, refreshes, running }).toMatchObject({
    queue: [],
    refreshes: [{ requestId: second.requestId, end: 'cancelled' }],
    running: { requestId: first.requestId },
  });
  await first.tell({ end: 'refreshed' });
  expect(await first.outcome()).toMatchObject({ kind: 'succeeded' });
});

test('an asker that is cancelled while its refresh runs cancels that refresh alone, and the chain goes on', async () => {
  const chain = stage.chain('withdraw-running');
  const first = await chain.ask({ waits: true });
  await first.untilRunning();
  await first.tell({ held: { jobId: 'kept' }, candidate: false });
  await chain.until(({ current }) => current?.jobId === 'kept');
  const second = await chain.ask();
  await second.untilQueued();
  await first.cancel();
  expect(await first.outcome()).toMatchObject({
    kind: 'cancelled',
    kill: { outcome: 'abandoned', remoteId: 'kept' },
  });
  expect((await first.refresh.describe()).status.name).toBe('CANCELLED');
  expect(await second.outcome()).toMatchObject({ result: { end: 'refreshed', jobId: 'kept' } });
  expect((await chain.state()).refreshes).toMatchObject([
    { end: 'refreshed' },
    { end: 'cancelled', error: { message: expect.stringContaining('whoever had asked') } },
  ]);
});

test('a refresh that ends well in spite of the cancel is answered as it ended', async () => {
  const chain = stage.chain('withdraw-late');
  const asked = await chain.ask({ waits: true, stubborn: true });
  await asked.untilRunning();
  await asked.cancel();
  await asked.tell({ end: 'refreshed' });
  expect(await asked.outcome()).toMatchObject({ kind: 'succeeded', result: { end: 'refreshed' } });
});

test('a withdrawal that overtakes its request wins, also where there is no chain yet', async () => {
  const chain = stage.chain('withdraw-overtakes');
  const requestId = randomUUID();
  await stage.client.workflow.signalWithStart(chainWorkflowTypes.chain, {
    workflowId: chain.workflowId,
    taskQueue: stage.stack.temporal.taskQueue,
    args: [{ connection, name: chain.name }],
    signal: chainMessages.withdraw,
    signalArgs: [requestId],
  });
  expect(await chain.askWithId(requestId)).toMatchObject({
    outcome: { requestId, end: 'cancelled' },
    kill: { outcome: 'nothingToKill' },
  });
  expect(await chain.askWithId(randomUUID())).toMatchObject({ outcome: { end: 'refreshed' } });
});

test('a refresh that somebody cancels at the chain fails its asker, which was not cancelled', async () => {
  const chain = stage.chain('cancelled-below');
  const asked = await chain.ask({ waits: true });
  await asked.untilRunning();
  await asked.refresh.cancel();
  expect(await asked.outcome()).toMatchObject({
    kind: 'failed',
    type: 'Chain.RefreshCancelled',
    message: 'somebody cancelled the refresh',
  });
});

test('a refresh whose workflow is terminated fails, and says that its job may still run', async () => {
  const chain = stage.chain('terminated-below');
  const asked = await chain.ask({ waits: true });
  await asked.untilRunning();
  await asked.refresh.terminate('by hand');
  expect(await asked.outcome()).toMatchObject({
    kind: 'failed',
    type: 'Chain.Ended',
    message: expect.stringContaining('may still run'),
  });
  expect(await chain.state()).toMatchObject({ unsettled: [{ files: 1 }], revision: 1 });
  expect(await (await chain.ask()).outcome()).toMatchObject({ result: { revision: 2 } });
});

test('a paused chain skips what waits and what comes, with the note, and lets what runs end', async () => {
  const chain = stage.chain('paused');
  const running = await chain.ask({ waits: true });
  await running.untilRunning();
  const waiting = await Promise.all(Array.from({ length: 8 }, () => chain.ask()));
  await chain.until(({ queue }) => queue.length === 8);
  await pauseChain(stage.client, connection, chain.name, { note: 'warehouse moves' });
  const skipped = { end: 'skipped', warnings: ['the chain is paused: warehouse moves'] };
  for (const asked of waiting) {
    expect(await asked.outcome()).toMatchObject({ kind: 'succeeded', result: skipped });
  }
  expect(await (await chain.ask()).outcome()).toMatchObject({ result: skipped });
  await running.tell({ end: 'refreshed' });
  expect(await running.outcome()).toMatchObject({ result: { end: 'refreshed' } });
  // What is skipped night after night pushes out nothing.
  for (let night = 0; night < 3; night++) await chain.askWithId(`night-${night}`);
  const ends = (await chain.state()).refreshes.map(({ end }) => end);
  expect(ends.filter((end) => end === 'skipped').length).toBeLessThan(12);
  expect(ends).toContain('refreshed');
  await resumeChain(stage.client, connection, chain.name);
  expect(await (await chain.ask()).outcome()).toMatchObject({ result: { end: 'refreshed' } });
});

test('a chain is forgotten only when nothing runs or waits, or by force, which answers everybody', async () => {
  const chain = stage.chain('forgotten');
  const running = await chain.ask({ waits: true });
  await running.untilRunning();
  const waiting = await chain.ask();
  await waiting.untilQueued();
  await expect(forgetChain(stage.client, connection, chain.name)).rejects.toMatchObject({
    name: 'ChainRefusedError',
    message: expect.stringContaining('a refresh under way and 1 waiting'),
  });
  await forgetChain(stage.client, connection, chain.name, { force: true });
  const ended = { kind: 'failed', type: 'Chain.Ended', message: 'the chain was forgotten' };
  expect(await waiting.outcome()).toMatchObject(ended);
  expect(await running.outcome()).toMatchObject(ended);
  await expect(chain.state()).rejects.toMatchObject({
    name: 'ChainNotFoundError',
    message: expect.stringContaining('was forgotten'),
  });
  // What ran once is not run again, though the new chain of the name knows nothing of it.
  expect(await chain.askWithId(running.requestId)).toMatchObject({
    outcome: { end: 'failed', error: { type: 'Chain.RanBefore' } },
  });
  // It may have sent what it was given: who was to know has forgotten it.
  expect(await chain.state()).toMatchObject({ unsettled: [{ files: 1 }] });
});

test('a chain that is cancelled cancels its refresh and leaves nobody without an answer', async () => {
  const chain = stage.chain('cancelled');
  const running = await chain.ask({ waits: true });
  await running.untilRunning();
  await running.tell({ held: { jobId: 'stays' }, candidate: false });
  await chain.until(({ current }) => current?.jobId === 'stays');
  const waiting = await chain.ask();
  await waiting.untilQueued();
  const handle = stage.client.workflow.getHandle(chain.workflowId);
  await handle.cancel();
  const ended = { kind: 'failed', type: 'Chain.Ended', message: 'the chain was cancelled' };
  expect(await running.outcome()).toMatchObject(ended);
  expect(await waiting.outcome()).toMatchObject(ended);
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect((await running.refresh.describe()).status.name).toBe('CANCELLED');
  await expect(chain.state()).rejects.toMatchObject({
    message: expect.stringContaining('its SQLFlow job stays stays: adopt it'),
  });
});

test('a chain that is terminated fails its askers at once', async () => {
  const chain = stage.chain('terminated');
  const asked = await chain.ask({ waits: true });
  await asked.untilRunning();
  await stage.client.workflow.getHandle(chain.workflowId).terminate('by hand');
  expect(await asked.outcome()).toMatchObject({ kind: 'failed', type: 'Chain.Ended' });
});
