import type { Context } from '@temporalio/activity';
import { NativeConnection, Worker, type WorkerPlugin } from '@temporalio/worker';
import { createCompanion, runTogether } from '../../src/plugin/companion';
import { gate, newQueue, testPlugin, until, useTemporal } from './harness';

const harness = useTemporal();

/** Ends a running worker as an error inside the SDK would. */
function breakDown(worker: Worker, error: Error): void {
  const { unexpectedErrorSubject } = worker as unknown as {
    unexpectedErrorSubject: { error(error: Error): void };
  };
  unexpectedErrorSubject.error(error);
}

/** Two bare workers, run as one. */
async function pair() {
  const connection = await harness.connect();
  const activities = { anActivity: async () => {} };
  const create = () => Worker.create({ connection, taskQueue: newQueue(), activities });
  const [main, companion] = [await create(), await create()];
  const polling = gate();
  const runMain = (worker: Worker) => worker.run();
  const run = runTogether(main, runMain, () => Promise.resolve(companion), polling.open);
  return { main, companion, run, polling: polling.opened };
}

it('stops the companion and tells the error when the main worker breaks down', async () => {
  const { main, companion, run, polling } = await pair();
  await polling;
  breakDown(main, new Error('main is broken'));
  await expect(run).rejects.toThrow('main is broken');
  expect([main.getState(), companion.getState()]).toEqual(['FAILED', 'STOPPED']);
});

it('stops the main worker and tells the error when the companion breaks down', async () => {
  const { main, companion, run, polling } = await pair();
  await polling;
  breakDown(companion, new Error('the companion is broken'));
  await expect(run).rejects.toThrow('the companion is broken');
  expect([main.getState(), companion.getState()]).toEqual(['STOPPED', 'FAILED']);
});

it('tells the first error when both break down', async () => {
  const connection = await harness.connect();
  const activities = { anActivity: async () => {} };
  const main = await Worker.create({ connection, taskQueue: newQueue(), activities });
  const run = runTogether(
    main,
    (worker) => worker.run().then(() => Promise.reject(new Error('second'))),
    () => Promise.reject(new Error('first')),
  );
  await expect(run).rejects.toThrow('first');
});

it('stops the main worker when the companion ends by itself', async () => {
  const { main, companion, run, polling } = await pair();
  await polling;
  companion.shutdown();
  await run;
  expect(main.getState()).toBe('STOPPED');
});

it('stops a main worker that another plugin still held back when the companion failed', async () => {
  const connection = await harness.connect();
  const activities = { anActivity: async () => {} };
  const main = await Worker.create({ connection, taskQueue: newQueue(), activities });
  const held = gate();
  const run = runTogether(
    main,
    (worker) => held.opened.then(() => worker.run()),
    () => Promise.reject(new Error('no companion today')),
  );
  held.open();
  await expect(run).rejects.toThrow('no companion today');
  expect(main.getState()).toBe('STOPPED');
});

it('stops a worker that cannot be run, and the companion with it', async () => {
  const connection = await harness.connect();
  const activities = { anActivity: async () => {} };
  const create = () => Worker.create({ connection, taskQueue: newQueue(), activities });
  const main = await create();
  await main.runUntil(Promise.resolve());
  let companion: Worker | undefined;
  const run = runTogether(
    main,
    (worker) => worker.run(),
    async () => (companion = await create()),
  );
  await expect(run).rejects.toThrow('already started');
  expect(companion!.getState()).toBe('STOPPED');
});

it('hands waiting jobs over at once on shutdown(), before a busy main worker has drained', async () => {
  const { plugin, made } = testPlugin();
  const { workflowBundle } = harness;
  const taskQueue = newQueue();
  const busy = gate();
  const mayEnd = gate();
  const worker = await Worker.create({
    connection: await harness.connect(),
    taskQueue,
    workflowBundle,
    plugins: [plugin],
    activities: {
      longActivity: async () => {
        busy.open();
        await mayEnd.opened;
      },
    },
  });
  made[0]!.hold();
  const run = worker.run();
  const handles = [
    await harness.start(taskQueue),
    await harness.start(taskQueue, 'callActivity', 'longActivity'),
  ];
  await busy.opened;
  await until(() => made[0]!.waits > 0);

  worker.shutdown();
  await until(() => made[0]!.handovers.length > 0);
  expect(worker.getState()).not.toBe('STOPPED');
  mayEnd.open();
  await run;

  expect(made[0]!.handovers).toEqual(['WORKER_SHUTDOWN']);
  await Promise.all(handles.map((handle) => handle.terminate()));
});

it('stops with a shutdown() that comes before the companion exists', async () => {
  const { plugin, made } = testPlugin();
  const connection = await harness.connect();
  const worker = await Worker.create({ connection, taskQueue: newQueue(), plugins: [plugin] });
  const run = worker.run();
  worker.shutdown();
  await run;
  expect(worker.getState()).toBe('STOPPED');
  expect(made[0]!.closed).toBe(1);
});

it('ends runUntil although its promise had settled before the companion existed', async () => {
  const { plugin, made } = testPlugin();
  const connection = await harness.connect();
  const worker = await Worker.create({ connection, taskQueue: newQueue(), plugins: [plugin] });
  await expect(worker.runUntil(Promise.resolve('done'))).resolves.toBe('done');
  expect(made[0]!.closed).toBe(1);
});

it('moves to the connection that the main worker is given while it runs', async () => {
  const { plugin } = testPlugin();
  const taskQueue = newQueue();
  const { workflowBundle } = harness;
  const connection = await NativeConnection.connect({ address: harness.address });
  const worker = await Worker.create({ connection, taskQueue, workflowBundle, plugins: [plugin] });
  const polling = plugin.polling(worker);
  await worker.runUntil(async () => {
    await polling;
    worker.connection = await harness.connect(plugin);
    await connection.close();
    await (await harness.start(taskQueue)).result();
  });
});

it('takes over what plugins have made of the main worker', async () => {
  const dataConverter = { payloadCodecs: [] };
  const intercepted: string[] = [];
  const interceptors = {
    activity: [
      ({ info }: Context) => {
        intercepted.push(info.activityType);
        return {};
      },
    ],
  };
  const other: WorkerPlugin = {
    name: 'Other',
    configureWorker: (options) => ({ ...options, dataConverter, interceptors, identity: 'me' }),
  };
  const { plugin, made } = testPlugin();
  const { workflowBundle } = harness;
  const taskQueue = newQueue();
  const connection = await harness.connect(plugin, other);
  const worker = await Worker.create({ connection, taskQueue, workflowBundle });

  await worker.runUntil(async () => (await harness.start(taskQueue)).result());
  expect(intercepted).toEqual(['submitJob', 'awaitJob']);

  const companion = await createCompanion(worker, {
    activities: made[0]!.watch,
    maxWaitingJobs: 3,
  });
  await companion.runUntil(Promise.resolve());
  expect(companion.options).toMatchObject({ namespace: 'default', identity: 'me' });
  expect(companion.options.dataConverter).toBe(dataConverter);
  expect([...companion.options.activities.keys()]).toEqual(['awaitJob']);
  expect(companion.options.tuner.activityTaskSlotSupplier).toMatchObject({ numSlots: 3 });
});

it('says which queue it was when the companion cannot be created, and stops', async () => {
  const { plugin, made } = testPlugin();
  const taskQueue = newQueue();
  const connection = await harness.connect();
  const activities = { anActivity: async () => {} };
  const other = await Worker.create({ connection, taskQueue: `${taskQueue}-watch`, activities });
  const worker = await Worker.create({ connection, taskQueue, plugins: [plugin] });
  await other.runUntil(async () => {
    await expect(worker.run()).rejects.toThrow(`task queue "${taskQueue}-watch" could not be`);
  });
  expect(worker.getState()).toBe('STOPPED');
  expect(made[0]!.closed).toBe(1);
});
