import { runRemoteJobsWorker } from '../../src/plugin/run-worker';
import { newQueue, testPlugin, useTemporal } from './harness';

const harness = useTemporal();

it('says when it polls both queues, and ends when it is aborted', async () => {
  const { plugin, made } = testPlugin();
  const taskQueue = newQueue();
  const stop = new AbortController();
  let pollers: Promise<number[]> | undefined;
  await runRemoteJobsWorker({
    connection: await harness.connect(plugin),
    taskQueue,
    plugin,
    signal: stop.signal,
    ready: () => {
      pollers = Promise.all(
        [taskQueue, `${taskQueue}-watch`].map((queue) => harness.untilPolled(queue)),
      ).finally(() => stop.abort());
    },
  });
  expect(await pollers).toEqual([1, 1]);
  expect(made.map(({ closed }) => closed)).toEqual([1]);
});

it('makes and closes a connection of its own where it is told the address', async () => {
  const { plugin, made } = testPlugin();
  const stop = new AbortController();
  await runRemoteJobsWorker({
    connection: { address: harness.address },
    taskQueue: newQueue(),
    plugin,
    signal: stop.signal,
    ready: () => stop.abort(),
  });
  expect(made[0]!.closed).toBe(1);
});

it('ends at once where it was aborted before it ran', async () => {
  const { plugin } = testPlugin();
  let ready = false;
  await runRemoteJobsWorker({
    connection: await harness.connect(),
    taskQueue: newQueue(),
    plugin,
    signal: AbortSignal.abort(),
    ready: () => (ready = true),
  });
  expect(ready).toBe(false);
});

it('tells which namespace is unknown', async () => {
  const { plugin } = testPlugin();
  const connection = await harness.connect();
  const run = runRemoteJobsWorker({ connection, namespace: 'nowhere', plugin });
  await expect(run).rejects.toThrow('Namespace nowhere is not found');
});
