import { Worker, type WorkerOptions, type WorkerPlugin } from '@temporalio/worker';
import { newQueue, testPlugin, until, useTemporal } from './harness';

const harness = useTemporal();

it('runs waiting activities on the companion, and the others on the worker itself', async () => {
  const { plugin, made } = testPlugin();
  const taskQueue = newQueue();
  const { workflowBundle } = harness;
  const connection = await harness.connect();
  const worker = await Worker.create({ connection, taskQueue, workflowBundle, plugins: [plugin] });

  const queues = await worker.runUntil(async () => (await harness.start(taskQueue)).result());

  expect(queues).toEqual([taskQueue, `${taskQueue}-watch`]);
  expect(made.map(({ closed }) => closed)).toEqual([1]);
});

it('sends heartbeats often enough for a prompt cancel, unless the user says how often', async () => {
  const { plugin } = testPlugin();
  const connection = await harness.connect();
  const throttleOf = async (options: Pick<WorkerOptions, 'maxHeartbeatThrottleInterval'>) => {
    const taskQueue = newQueue();
    const { workflowBundle } = harness;
    const plugins = [plugin];
    const worker = await Worker.create({
      connection,
      taskQueue,
      workflowBundle,
      plugins,
      ...options,
    });
    await worker.runUntil(plugin.polling(worker));
    return worker.options.maxHeartbeatThrottleInterval;
  };
  expect(await throttleOf({})).toBe('5s');
  expect(await throttleOf({ maxHeartbeatThrottleInterval: '9s' })).toBe('9s');
});

it('runs once on a worker although it is on the connection too, and never on its companion', async () => {
  const { plugin, made } = testPlugin();
  const taskQueue = newQueue();
  const { workflowBundle } = harness;
  const connection = await harness.connect(plugin);
  const worker = await Worker.create({ connection, taskQueue, workflowBundle, plugins: [plugin] });

  await worker.runUntil(async () => {
    await (await harness.start(taskQueue)).result();
    expect(await harness.pollers(`${taskQueue}-watch`)).toBe(1);
    expect(await harness.pollers(`${taskQueue}-watch-watch`)).toBe(0);
  });

  expect(made.map(({ closed }) => closed)).toEqual([1]);
});

it('applies the other plugins of a connection to the worker and not to its companion again', async () => {
  const { plugin } = testPlugin();
  const seen: string[] = [];
  const other: WorkerPlugin = {
    name: 'Other',
    configureWorker: (options) => {
      seen.push(`configure ${options.taskQueue}`);
      return options;
    },
    runWorker: (worker, next) => {
      seen.push(`run ${worker.options.taskQueue}`);
      return next(worker);
    },
  };
  const connection = await harness.connect(plugin, other);
  const taskQueue = newQueue();
  const worker = await Worker.create({ connection, taskQueue });
  const polling = plugin.polling(worker);
  await worker.runUntil(polling);
  expect(seen).toEqual([`configure ${taskQueue}`, `run ${taskQueue}`]);
});

it('serves every worker on its connection, each with a companion of its own', async () => {
  const { plugin, made } = testPlugin();
  const connection = await harness.connect(plugin);
  const queues = [newQueue(), newQueue()];
  const { workflowBundle } = harness;
  const workers = await Promise.all(
    queues.map((taskQueue) => Worker.create({ connection, taskQueue, workflowBundle })),
  );

  const [first, second] = workers.map((worker) => worker.run());
  await expect((await harness.start(queues[0]!)).result()).resolves.toContain(`${queues[0]}-watch`);
  workers[0]!.shutdown();
  await first;
  expect(made.map(({ closed }) => closed)).toEqual([1, 0]);
  await expect((await harness.start(queues[1]!)).result()).resolves.toContain(`${queues[1]}-watch`);
  workers[1]!.shutdown();
  await second;
  expect(made.map(({ closed }) => closed)).toEqual([1, 1]);
});

it('can be given to one worker after another in the same options object', async () => {
  const { plugin, made } = testPlugin();
  const { workflowBundle } = harness;
  const taskQueue = newQueue();
  // Worker.create() adds the connection's plugins to this very object each time.
  const options = {
    connection: await harness.connect(plugin),
    taskQueue,
    workflowBundle,
  };
  for (let round = 0; round < 2; round++) {
    const worker = await Worker.create(options);
    await worker.runUntil(async () => (await harness.start(taskQueue)).result());
  }
  expect(made.map(({ closed }) => closed)).toEqual([1, 1]);
});

it('hands waiting jobs over to another worker on the same queue', async () => {
  const { workflowBundle } = harness;
  const taskQueue = newQueue();
  const [leaving, staying] = [testPlugin(), testPlugin()];
  const [first, second] = await Promise.all(
    [leaving, staying].map(async ({ plugin }) =>
      Worker.create({
        connection: await harness.connect(plugin),
        taskQueue,
        workflowBundle,
        identity: 'one of two',
      }),
    ),
  );
  leaving.made[0]!.hold();
  const firstRun = first!.run();
  const handle = await harness.start(taskQueue);
  await until(() => leaving.made[0]!.waits > 0);
  const secondRun = second!.run();
  first!.shutdown();
  await firstRun;
  expect(leaving.made[0]!.handovers).toEqual(['WORKER_SHUTDOWN']);
  await handle.result();
  expect(staying.made[0]!.waits).toBe(1);
  second!.shutdown();
  await secondRun;
});

it('leaves a running worker alone when a second one on its queue and connection is refused', async () => {
  const { plugin, made } = testPlugin();
  const { workflowBundle } = harness;
  const taskQueue = newQueue();
  const connection = await harness.connect(plugin);
  const worker = await Worker.create({ connection, taskQueue, workflowBundle });
  await worker.runUntil(async () => {
    await expect(Worker.create({ connection, taskQueue })).rejects.toThrow(
      'Registration of multiple workers',
    );
    await (await harness.start(taskQueue)).result();
    expect(made[0]!.closed).toBe(0);
  });
  expect(made[0]!.closed).toBe(1);
});

it('refuses an activity that has the name of one of its own', async () => {
  const { plugin } = testPlugin();
  const activities = { submitJob: async () => {}, another: async () => {} };
  const connection = await harness.connect();
  await expect(
    Worker.create({ connection, taskQueue: newQueue(), activities, plugins: [plugin] }),
  ).rejects.toThrow("TestJobs can't add its activities: the worker already has submitJob.");
});

it('refuses two of its kind for one worker', async () => {
  const connection = await harness.connect(testPlugin().plugin, testPlugin().plugin);
  await expect(Worker.create({ connection, taskQueue: newQueue() })).rejects.toThrow(
    'use one TestJobs a worker',
  );
});

it("keeps the user's own activities, workflows and settings", async () => {
  const { plugin } = testPlugin();
  const workflowsPath = require.resolve('./fixtures/workflows');
  const own = async () => 'mine';
  const worker = await Worker.create({
    connection: await harness.connect(),
    taskQueue: newQueue(),
    workflowsPath,
    activities: { own },
    stickyQueueScheduleToStartTimeout: '7s',
    plugins: [plugin],
  });
  await worker.runUntil(Promise.resolve());
  expect(worker.options.activities.get('own')).toBe(own);
  expect([...worker.options.activities.keys()]).toEqual(['own', 'submitJob']);
  expect(worker.options.workflowsPath).toBe(workflowsPath);
  expect(worker.options.stickyQueueScheduleToStartTimeout).toBe('7s');
});

it('keeps workflows of a lost worker waiting for a second only', async () => {
  const { plugin } = testPlugin();
  const connection = await harness.connect();
  const worker = await Worker.create({ connection, taskQueue: newQueue(), plugins: [plugin] });
  await worker.runUntil(Promise.resolve());
  expect(worker.options.stickyQueueScheduleToStartTimeout).toBe('1s');
});
