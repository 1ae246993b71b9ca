import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndedJob } from '../../src/contracts/job';
import type { ResultFormat } from '../../src/contracts/linkis';
import type { LinkisOutputs } from '../../src/contracts/linkis-steps';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { artifactKey } from '../../src/artifacts/store';
import type { ActivityOrder } from './fixtures/activity-process';
import { activityStack } from './support';

/** How often a worker dies; `KILLS=20 SEED=3 npx jest test/activities/collect-kills` for more. */
const kills = Number(process.env.KILLS ?? 4);
let seed = Number(process.env.SEED ?? 1);

let linkis: LocalLinkis;
let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  linkis = await LocalLinkis.start();
  folder = await mkdtemp(path.join(tmpdir(), 'collect-kills-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await linkis.close();
  await rm(folder, { recursive: true, force: true });
});

/** The same numbers for the same seed. */
function random(limit: number): number {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed % limit;
}

async function submit(code: string): Promise<{ taskId: string; execId: string }> {
  const stack = await activityStack({ linkis });
  try {
    const { remoteId, execId = '' } = await stack.run('linkisSubmitTask', {
      task: { code, engine: 'spark-2.4.3', runType: 'sql' },
      key: `kills-${random(1e9)}`,
    });
    return { taskId: remoteId, execId };
  } finally {
    await stack.close();
  }
}

function connections(): ActivityOrder['connections'] {
  return {
    linkis: { type: 'linkis', url: linkis.url, user: 'hadoop', token: { value: 'local-token' } },
  };
}

/** Begins an attempt in a process of its own; `ended` is its answer. */
async function attempt<Result>(order: Pick<ActivityOrder, 'name' | 'input'>) {
  const settings: ActivityOrder = { folder, connections: connections(), ...order };
  const process = fork(
    path.join(__dirname, 'fixtures/activity-process.ts'),
    [JSON.stringify(settings)],
    {
      execArgv: ['-r', path.join(__dirname, '../support/register.js')],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  child = process;
  let result: Result | undefined;
  process.on('message', (message) => {
    result = (message as { result?: Result }).result ?? result;
  });
  const exited = once(process, 'exit');
  await Promise.race([once(process, 'message'), exited]);
  return {
    isOver: () => process.exitCode !== null || process.signalCode !== null,
    async ended(): Promise<Result> {
      await exited;
      if (result === undefined) throw new Error('the process ended without a result');
      return result;
    },
    async kill(): Promise<void> {
      process.kill('SIGKILL');
      await exited;
    },
  };
}

async function untilTrue(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(5);
}

function calls(endpoint: string): number {
  return linkis.service.calls.filter((call) => call.endpoint === endpoint).length;
}

function target({ taskId, execId }: { readonly taskId: string; readonly execId: string }) {
  return { connection: 'linkis', user: 'hadoop', taskId, execId };
}

async function read({ uri }: { readonly uri: string }): Promise<Buffer> {
  return readFile(path.join(folder, 'artifacts', artifactKey(uri)));
}

test(`no line of a collected log is lost or doubled over ${kills} killed workers (SEED=${seed})`, async () => {
  const statements = Array.from(
    { length: 60 * kills },
    (_, number) => `-- local: delay 50ms\nselect ${number} as n where ${number} < 0;`,
  );
  // The last one takes as long as it takes to begin and kill all those workers.
  const last = '-- local: delay 20m\nselect 0 as n where 1 < 0;';
  const task = await submit([...statements, last].join('\n'));
  // The whole log at the end can't be had: what was collected is all there is.
  linkis.service.setFaults({ faults: [{ endpoint: 'openLog', do: 'status', status: 404 }] });
  const order = {
    name: 'linkisAwaitTask' as const,
    input: {
      ...target(task),
      submittedAtMs: Date.now(),
      deadlineAtMs: Date.now() + 1_200_000,
    },
  };
  let killed = 0;
  for (; killed < kills; killed += 1) {
    const logCalls = calls('log');
    const worker = await attempt<EndedJob>(order);
    await untilTrue(() => calls('log') > logCalls + 1 || worker.isOver());
    await sleep(random(400));
    if (worker.isOver()) break;
    await worker.kill();
  }
  expect(killed).toBe(kills);
  linkis.endDelays();
  const ended = await (await attempt<EndedJob>(order)).ended();
  expect(ended).toMatchObject({ outcome: 'succeeded' });
  const outputs = await (
    await attempt<LinkisOutputs>({
      name: 'linkisCollectOutputs',
      input: { ...target(task), results: false, format: 'csv' },
    })
  ).ended();

  linkis.service.setFaults({ faults: [] });
  const stack = await activityStack({ linkis });
  const { logPath = '' } = await stack.run('linkisGetTask', { taskId: task.taskId });
  const truth = await stack.read(await stack.run('linkisGetPersistedLog', { path: logPath }));
  await stack.close();
  if (outputs.log === undefined) throw new Error('no log');
  expect(outputs.log).toMatchObject({ source: 'collected' });
  expect(outputs.log).not.toHaveProperty('restarts');
  const lines = (await read(outputs.log)).toString().trimEnd().split('\n');
  const expected = truth.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(statements.length);
  expect(lines).toEqual(expected);
}, 600_000);

test.each<ResultFormat>(['csv', 'xlsx'])(
  'a large result set is gone on with after every kill, and the %s has the same bytes',
  async (format) => {
    // So wide that 1,000 rows make a page, and three pages a part.
    const pages = 40;
    const rows = pages * 1000 - 400;
    const task = await submit(
      `select i as id, case when i % 7 = 0 then null else 'a,b' || i end as note, repeat('x', 1500) as wide from range(${rows}) t(i)`,
    );
    const order = {
      name: 'linkisCollectOutputs' as const,
      input: { ...target(task), results: true, format },
    };
    const whole = await activityStack({ linkis });
    await untilSucceeded(whole, task.taskId);
    const uninterrupted = await whole.run('linkisCollectOutputs', order.input);
    const expected = await whole.read(uninterrupted.results[0]!);
    await whole.close();

    const before = calls('openFile');
    const deaths = 2;
    for (let death = 0; death < deaths; death += 1) {
      const worker = await attempt<LinkisOutputs>(order);
      // Far enough for two parts, and somewhere in the next one.
      const called = calls('openFile') + 9 + random(6);
      await untilTrue(() => calls('openFile') >= called || worker.isOver());
      expect(worker.isOver()).toBe(false);
      await worker.kill();
    }
    const outputs = await (await attempt<LinkisOutputs>(order)).ended();
    // One part is being stored, the next fills; one page is asked for ahead, and one to begin with.
    expect(calls('openFile') - before).toBeLessThanOrEqual(pages + 1 + deaths * (2 * 3 + 2));
    expect(outputs.results).toEqual(uninterrupted.results);
    expect((await read(outputs.results[0]!)).toString()).toBe(expected);
  },
  300_000,
);

async function untilSucceeded(
  stack: Awaited<ReturnType<typeof activityStack>>,
  taskId: string,
): Promise<void> {
  for (;;) {
    const { status } = await stack.run('linkisGetTask', { taskId });
    if (status === 'Succeed') return;
    if (status === 'Failed') throw new Error('the task failed');
    await sleep(50);
  }
}
