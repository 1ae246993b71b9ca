import { SimplePlugin } from '@temporalio/plugin';
import { CompanionPlugin } from '../../src/plugin/companion-plugin';
import { runRemoteJobsWorker } from '../../src/plugin/run-worker';
import { gate, newQueue, testPlugin, useTemporal } from './harness';

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

it('ends with an error where an activity heeds no stop, once its grace is over, and closes what it opened', async () => {
  const taskQueue = newQueue();
  const stop = new AbortController();
  const called = gate();
  let closed = 0;
  const plugin = new CompanionPlugin({
    name: 'StuckJobs',
    maxWaitingJobs: 10,
    createActivities: () => ({
      main: {
        stuck: () => {
          called.open();
          return new Promise<never>(() => undefined);
        },
      },
      watch: { awaitJob: () => Promise.resolve() },
      close: () => {
        closed++;
        return Promise.resolve();
      },
    }),
  });
  const { workflowBundle } = harness;
  // An application's own, which has its say after the default of 100 s.
  const hasty = new SimplePlugin({ name: 'Hasty' });
  hasty.configureWorker = (options) => ({
    ...options,
    workflowsPath: undefined,
    workflowBundle,
    shutdownForceTime: '100ms',
  });
  const run = runRemoteJobsWorker({
    connection: await harness.connect(hasty),
    taskQueue,
    plugin,
    signal: stop.signal,
  });
  const handle = await harness.start(taskQueue, 'callActivity', 'stuck');
  await called.opened;
  stop.abort();
  await expect(run).rejects.toThrow(
    'what it was at did not end in time: it is given up here, and tried again elsewhere',
  );
  expect(closed).toBe(1);
  await handle.terminate();
});
