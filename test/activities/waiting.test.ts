import type { JobProgress } from '../../src/contracts/job';
import type { SubmittedLinkisTask } from '../../src/contracts/linkis-steps';
import { LocalLinkis, type LocalLinkisOptions } from '../../src/local/linkis/local-linkis';
import { until } from '../support/until';
import { activityStack, Attempt, type ActivityStack } from './support';

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function service(
  options: LocalLinkisOptions = {},
  lostAfterMs?: number,
  liveBudget?: number,
) {
  const linkis = await LocalLinkis.start(options);
  closings.push(() => linkis.close());
  const stack = await activityStack(
    {},
    {
      connections: {
        linkis: {
          type: 'linkis',
          url: linkis.url,
          user: 'hadoop',
          token: { value: 'local-token' },
          lostAfterMs,
          liveBudget,
        },
      },
    },
  );
  closings.push(() => stack.close());
  const calls = (endpoint: string) =>
    linkis.service.calls.filter((call) => call.endpoint === endpoint).length;
  return { linkis, stack, calls };
}

function submit(stack: ActivityStack, code: string, engine = 'spark-2.4.3') {
  return stack.run('linkisSubmitTask', { task: { code, engine, runType: 'sql' }, key: 'key' });
}

async function untilStatus(stack: ActivityStack, taskId: string, status: string) {
  await until(async () => (await stack.run('linkisGetTask', { taskId })).status === status);
}

function waitFor(task: SubmittedLinkisTask, forMs = 600_000) {
  const { connection, user, remoteId: taskId, execId, submittedAtMs } = task;
  return { connection, user, taskId, execId, submittedAtMs, deadlineAtMs: Date.now() + forMs };
}

function progressOf(attempt: Attempt): JobProgress {
  return attempt.beats.at(-1) as JobProgress;
}

const quick = '-- local: delay 1s\nselect 1';
const long = '-- local: delay 600s\nselect 1';

test('a status word that nobody knows ends no wait', async () => {
  const { linkis, stack } = await service();
  linkis.service.setFaults({
    faults: [{ endpoint: 'jobhistory/get', do: 'showStatus', status: 'Done?', looks: 4 }],
  });
  const attempt = new Attempt();
  const ended = await stack.run('linkisAwaitTask', waitFor(await submit(stack, quick)), attempt);
  expect(ended).toMatchObject({ outcome: 'succeeded', status: 'Succeed' });
  expect(attempt.beats).toContainEqual(expect.objectContaining({ status: 'Done?' }));
});

test('a deadline that passes over an unknown status names the word', async () => {
  const { linkis, stack } = await service();
  linkis.service.setFaults({
    faults: [{ endpoint: 'jobhistory/get', do: 'showStatus', status: 'Zombie' }],
  });
  const submitted = await submit(stack, 'select 1');
  const failure = await stack.failure('linkisAwaitTask', waitFor(submitted, 6000));
  expect(failure).toMatchObject({
    type: 'RemoteJob.DeadlineExceeded',
    message: expect.stringContaining('"Zombie"'),
  });
});

test('a Failed that goes on to WaitForRetry and Running is no end', async () => {
  const { linkis, stack } = await service();
  linkis.service.setFaults({
    faults: [
      {
        endpoint: 'jobhistory/get',
        do: 'showStatus',
        statuses: ['Failed', 'Failed', 'WaitForRetry', 'Scheduled', 'Running'],
      },
    ],
  });
  const ended = await stack.run('linkisAwaitTask', waitFor(await submit(stack, quick)));
  expect(ended).toMatchObject({ outcome: 'succeeded', status: 'Succeed' });
});

test('what an entrance says of a task ends no wait', async () => {
  const { linkis, stack } = await service();
  linkis.service.setFaults({
    faults: [{ endpoint: 'status', do: 'showStatus', status: 'Succeed' }],
  });
  const waiting = stack.run('linkisAwaitTask', waitFor(await submit(stack, quick)));
  expect(await waiting).toMatchObject({ outcome: 'succeeded' });
  expect(linkis.tasks()).toMatchObject([{ status: 'Succeed' }]);
});

test('a log page that hangs keeps nobody from seeing the end of the task', async () => {
  const { linkis, stack } = await service();
  linkis.service.setFaults({ faults: [{ endpoint: 'log', do: 'none', delayMs: 3_600_000 }] });
  const waiting = stack.run('linkisAwaitTask', waitFor(await submit(stack, long)));
  await until(async () => linkis.service.heldCalls > 0);
  linkis.endDelays();
  expect(await waiting).toMatchObject({ outcome: 'succeeded' });
  expect(linkis.service.heldCalls).toBe(1);
});

test('a list, and a row, that miss the task for a while end no wait', async () => {
  const { linkis, stack } = await service();
  linkis.service.setFaults({
    faults: [
      { endpoint: 'jobhistory/get', do: 'missJob', looks: 8 },
      { endpoint: 'jobhistory/list-taskids', do: 'missJob', looks: 3 },
    ],
  });
  const [one, two] = [await submit(stack, quick), await submit(stack, quick)];
  const both = await Promise.all([
    stack.run('linkisAwaitTask', waitFor(one)),
    stack.run('linkisAwaitTask', waitFor(two)),
  ]);
  expect(both).toMatchObject([{ outcome: 'succeeded' }, { outcome: 'succeeded' }]);
});

test('a list-taskids that was missing once is asked for again later', async () => {
  const { linkis, stack, calls } = await service();
  const listed = () => calls('jobhistory/list-taskids');
  linkis.service.setFaults({
    faults: [{ endpoint: 'jobhistory/list-taskids', calls: [1], do: 'status', status: 404 }],
  });
  const waiting = [await submit(stack, long), await submit(stack, long)].map((task) => {
    const attempt = new Attempt();
    const wait = stack.run('linkisAwaitTask', waitFor(task, 3_600_000), attempt);
    wait.catch(() => {});
    closings.push(async () => {
      attempt.environment.cancel('CANCELLED');
      await wait.catch(() => {});
    });
    return wait;
  });
  await until(() => Promise.resolve(listed() === 1 && calls('jobhistory/list') > 2));
  expect(listed()).toBe(1);
  // A minute more with every look at the clock's effect: so both tasks are due at the same time.
  const real = Date.now.bind(Date);
  let aheadMs = 11 * 60_000;
  const now = jest.spyOn(Date, 'now').mockImplementation(() => real() + aheadMs);
  try {
    await until(async () => {
      aheadMs += 60_000;
      return listed() > 1;
    });
  } finally {
    now.mockRestore();
  }
  expect(waiting).toHaveLength(2);
});

describe('a task whose entrance restarted', () => {
  test('is lost, not failed, once no entrance holds it and its row has stayed as it is', async () => {
    const { linkis, stack } = await service({}, 1500);
    const submitted = await submit(stack, long);
    await untilStatus(stack, submitted.remoteId, 'Running');
    await linkis.restartEntrance();
    const failure = await stack.failure('linkisAwaitTask', waitFor(submitted));
    expect(failure).toMatchObject({ type: 'RemoteJob.Lost', nonRetryable: true });
    expect(failure.message).toMatch(
      /still has it as Running.*hasn't changed for .*3 looks in a row.*no entrance holds it/,
    );
  });

  test('is lost too when a newer task bears its execID', async () => {
    const { linkis, stack } = await service({}, 1500);
    const submitted = await submit(stack, long);
    await untilStatus(stack, submitted.remoteId, 'Running');
    await linkis.restartEntrance();
    const newer = await submit(stack, long);
    await untilStatus(stack, newer.remoteId, 'Running');
    const failure = await stack.failure('linkisAwaitTask', waitFor(submitted));
    expect(failure).toMatchObject({
      type: 'RemoteJob.Lost',
      message: expect.stringContaining(`names task ${newer.remoteId} now`),
    });
  });

  test('keeps over a hand-over since when its row is as it is', async () => {
    const { linkis, stack } = await service({}, 3_600_000);
    const submitted = await submit(stack, long);
    await untilStatus(stack, submitted.remoteId, 'Running');
    await linkis.restartEntrance();
    const first = new Attempt();
    const waiting = stack.run('linkisAwaitTask', waitFor(submitted), first);
    waiting.catch(() => {});
    await until(() => Promise.resolve(progressOf(first)?.unchanged !== undefined));
    first.environment.cancel('CANCELLED');
    await waiting.catch(() => {});
    const { unchanged } = progressOf(first);
    const heartbeatDetails = progressOf(first);
    const second = new Attempt({ attempt: 2, heartbeatDetails, heartbeatTimeoutMs: 2000 });
    const again = stack.run('linkisAwaitTask', waitFor(submitted), second);
    again.catch(() => {});
    await until(() => Promise.resolve(progressOf(second)?.status === 'Running'));
    expect(progressOf(second).unchanged).toEqual(unchanged);
    second.environment.cancel('CANCELLED');
    await again.catch(() => {});
  });
});

test('a wait that another worker began leaves its live figures until a thousand such were looked at', async () => {
  const { linkis, stack } = await service();
  const submitted = await submit(stack, long);
  await untilStatus(stack, submitted.remoteId, 'Running');
  const heartbeatDetails = { status: 'Running', observedAtMs: Date.now(), consecutiveErrors: 0 };
  const attempt = new Attempt({ attempt: 2, heartbeatDetails });
  const beganAtMs = Date.now();
  const wait = stack.run('linkisAwaitTask', waitFor(submitted), attempt);
  wait.catch(() => {});
  const firstLog = () => linkis.service.calls.find(({ endpoint }) => endpoint === 'log');
  await until(() => Promise.resolve(firstLog() !== undefined));
  // Timers may be a little early by the clock of the wall.
  expect(firstLog()?.atMs).toBeGreaterThan(beganAtMs + 4900);
  attempt.environment.cancel('CANCELLED');
  await wait.catch(() => {});
});

test('an entrance is asked about one of many tasks whose rows stay as they are, not about each', async () => {
  const { stack, calls } = await service({ maxConcurrentTasks: 1 }, 2000, 1);
  // While they queue, their rows stay as they are.
  await submit(stack, long);
  for (let task = 0; task < 12; task += 1) {
    const attempt = new Attempt();
    const submitted = await submit(stack, long);
    const wait = stack.run('linkisAwaitTask', waitFor(submitted, 3_600_000), attempt);
    wait.catch(() => {});
    closings.push(async () => {
      attempt.environment.cancel('CANCELLED');
      await wait.catch(() => {});
    });
  }
  // The one with live figures asks for itself at the start.
  await until(() => Promise.resolve(calls('status') > 1));
  const looks = calls('jobhistory/list-taskids') + 8;
  await until(() => Promise.resolve(calls('jobhistory/list-taskids') > looks));
  expect(calls('status')).toBeLessThan(12);
});

test.each([
  ['answers for it', []],
  ["can't be reached", [{ endpoint: 'status', do: 'status', status: 500 }]],
  ['will not say', [{ endpoint: 'status', do: 'error', code: 2, message: 'not for you' }]],
])(
  'a task that does not change for long is not lost while its entrance %s',
  async (_title, faults) => {
    const { linkis, stack, calls } = await service({ maxConcurrentTasks: 1 }, 300);
    await submit(stack, '-- local: delay 10m\nselect 1');
    // While it queues, its row stays as it is.
    const submitted = await submit(stack, 'select 1');
    linkis.service.setFaults({ faults });
    const ended = stack.run('linkisAwaitTask', waitFor(submitted));
    await Promise.race([ended, until(async () => calls('status') > 0)]);
    linkis.endDelays();
    expect(await ended).toMatchObject({ outcome: 'succeeded' });
    expect(calls('status')).toBeGreaterThan(0);
  },
);
