import { randomUUID } from 'node:crypto';
import { chainState, listChains, pauseChain } from '../../src/starter/chains';
import { until } from '../support/until';
import { ChainStage, connection, type StagedChain } from './chain-stage';

let stage: ChainStage;

beforeAll(async () => {
  stage = await ChainStage.open();
});
afterAll(() => stage.close());

/** Runs of a chain, by their events. */
async function runs(chain: StagedChain): Promise<number[]> {
  const events: number[] = [];
  const query = `WorkflowId = '${chain.workflowId}'`;
  for await (const { runId } of stage.client.workflow.list({ query })) {
    const handle = stage.client.workflow.getHandle(chain.workflowId, runId);
    events.push((await handle.fetchHistory()).events?.length ?? 0);
  }
  return events;
}

test('a chain that continues as new with requests waiting loses none and does none twice', async () => {
  const chain = stage.chain('handover');
  const asked: string[] = [];
  // Six askers at any time, so that every run ends with some of them waiting.
  const lane = async () => {
    for (let i = 0; i < 7; i++) {
      const refresh = await chain.ask();
      asked.push(refresh.requestId);
      expect(await refresh.outcome()).toMatchObject({
        kind: 'succeeded',
        result: { requestId: refresh.requestId, end: 'refreshed' },
      });
    }
  };
  await Promise.all(Array.from({ length: 6 }, lane));
  const { revision, latest, refreshes, current, queue } = await chain.state();
  expect({ revision, latest: latest?.revision, submits: current?.submits, queue }).toEqual({
    revision: asked.length,
    latest: asked.length,
    submits: asked.length,
    queue: [],
  });
  expect(new Set(refreshes.map(({ requestId }) => requestId))).toEqual(new Set(asked));
  await until(async () => (await runs(chain)).length >= 3);
  for (const events of await runs(chain)) expect(events).toBeLessThan(350);
}, 120_000);

test('a request that is repeated is held to the same refresh: waiting, running, ended, and in a later run', async () => {
  const chain = stage.chain('repeated');
  const requestId = randomUUID();
  const first = await chain.ask({ waits: true });
  await first.untilRunning();
  const waits = { defaultDatabase: JSON.stringify({ waits: true }) };
  const asked = [chain.askWithId(requestId, waits), chain.askWithId(requestId, waits)];
  await chain.until(({ queue }) => queue.length === 1);
  await first.tell({ end: 'refreshed' });
  await chain.until(({ running }) => running?.requestId === requestId);
  asked.push(chain.askWithId(requestId, waits));
  const refresh = stage.client.workflow.getHandle(`${chain.workflowId}/${requestId}`);
  await until(async () =>
    refresh.signal('told', { end: 'refreshed' }).then(
      () => true,
      () => false,
    ),
  );
  const answers = await Promise.all(asked);
  for (const answer of answers)
    expect(answer).toMatchObject({ outcome: { requestId, revision: 2 } });
  for (let i = 0; i < 20; i++) await chain.askWithId(`more-${i}`);
  await until(async () => (await runs(chain)).length > 1);
  expect(await chain.askWithId(requestId)).toEqual(answers[0]);
  expect((await chain.state()).revision).toBe(22);
}, 120_000);

test('a chain that is paused for years has a bounded history, too', async () => {
  const chain = stage.chain('paused-for-years');
  await chain.askWithId('first');
  await pauseChain(stage.client, connection, chain.name);
  for (let i = 0; i < 60; i++) {
    const answer = await chain.askWithId(`night-${i}`).catch(() => undefined);
    // Whoever comes at the very end of a run is told to ask again.
    if (answer !== undefined && !('pending' in answer)) {
      expect(answer).toMatchObject({ outcome: { end: 'skipped' } });
    }
  }
  await until(async () => (await runs(chain)).length > 1);
  for (const events of await runs(chain)) expect(events).toBeLessThan(350);
}, 120_000);

test('ten chains are refreshed side by side', async () => {
  const chains = Array.from({ length: 10 }, (_, i) => stage.chain(`beside-${i}`));
  const asked = await Promise.all(chains.map((chain) => chain.ask({ waits: true })));
  // All at work at once; one that waited for another would never come to this.
  await Promise.all(asked.map((refresh) => refresh.untilRunning()));
  await Promise.all(asked.map((refresh) => refresh.tell({ end: 'refreshed' })));
  for (const [i, refresh] of asked.entries()) {
    expect(await refresh.outcome()).toMatchObject({ result: { jobId: `job-of-beside-${i}` } });
  }
  const listed = async () => {
    const found = [];
    for await (const chain of listChains(stage.client)) {
      if (chain.taskQueue === stage.stack.temporal.taskQueue && chain.name.startsWith('beside-')) {
        found.push(chain);
      }
    }
    return found;
  };
  await until(async () => (await listed()).filter(({ last }) => last !== undefined).length === 10);
  for (const chain of await listed()) {
    expect(chain).toMatchObject({
      connection,
      status: 'RUNNING',
      generation: 1,
      revision: 1,
      jobId: `job-of-${chain.name}`,
      last: { end: 'refreshed' },
    });
  }
}, 120_000);

test('a chain that is not there, and one that no worker answers for, are told apart', async () => {
  await expect(chainState(stage.client, connection, 'nobody')).rejects.toMatchObject({
    name: 'ChainNotFoundError',
    message: expect.stringContaining('begins with its first refresh'),
  });
  await stage.client.workflow.start('sqlflowPersistChain', {
    taskQueue: 'no-worker-here',
    workflowId: `sqlflow-chain/${connection}/unanswered`,
    args: [{ connection, name: 'unanswered' }],
  });
  await expect(
    chainState(stage.client, connection, 'unanswered', { withinMs: 500 }),
  ).rejects.toMatchObject({
    name: 'ChainUnansweredError',
    message: expect.stringContaining('is a worker running'),
  });
  await stage.client.workflow.getHandle(`sqlflow-chain/${connection}/unanswered`).terminate();
});
