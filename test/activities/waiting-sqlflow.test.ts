import { randomUUID } from 'node:crypto';
import type { JobProgress } from '../../src/contracts/job';
import type { SubmittedSqlFlowJob } from '../../src/contracts/sqlflow-steps';
import { LocalSqlFlow, type LocalSqlFlowOptions } from '../../src/local/sqlflow/local-sqlflow';
import { moveClock } from '../support/clock';
import { until } from '../support/until';
import { activityStack, Attempt, type ActivityStack } from './support';

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const close of closings.splice(0).reverse()) await close();
});

async function service(options: LocalSqlFlowOptions = {}) {
  const sqlflow = await LocalSqlFlow.start({ jobDelayMs: 0, ...options });
  closings.push(() => sqlflow.close());
  const stack = await activityStack({ sqlflow });
  closings.push(() => stack.close());
  return { sqlflow, stack };
}

const load = 'insert into mart.totals (id, total) select id, amount from sales.orders;';

async function submit(stack: ActivityStack, jobId?: string, sql = load) {
  const files = await stack.stage({ 'a.sql': sql });
  const job = { jobName: 'chain', dbVendor: 'dbvhive', files, jobId };
  return stack.run('sqlflowSubmitPersistJob', { job, key: randomUUID() });
}

function waitFor(stack: ActivityStack, job: SubmittedSqlFlowJob, attempt = new Attempt()) {
  const { connection, remoteId: jobId, submittedAtMs, previous } = job;
  const deadlineAtMs = Date.now() + 600_000;
  const input = { connection, jobId, submittedAtMs, deadlineAtMs, previous };
  return stack.run('sqlflowAwaitJob', input, attempt);
}

async function untilOver(stack: ActivityStack, jobId: string) {
  await until(async () => (await stack.run('sqlflowGetJob', { jobId })).status === 'success');
}

test('done means this revision: the end of the one before it, still shown, is none', async () => {
  const { stack } = await service({ behaviour: { staleSuccessMs: 3_600_000 } });
  const first = await submit(stack);
  const before = await waitFor(stack, first);
  const again = await submit(stack, first.remoteId);
  const attempt = new Attempt();
  const waiting = waitFor(stack, again, attempt);
  const told = () => attempt.beats.map((beat) => (beat as JobProgress).detail);
  const isTold = async () => told().includes('the end of the run before this one');
  await Promise.race([waiting, until(isTold)]);
  expect(await isTold()).toBe(true);
  moveClock(2 * 3_600_000);
  const ended = await waiting;
  expect(ended).toMatchObject({ outcome: 'succeeded' });
  expect(ended.sessionId).not.toBe(before.sessionId);
});

test('a run that is over before the first look is known by the time of its execution', async () => {
  const { stack } = await service({ behaviour: { resubmitSession: 'same' } });
  const first = await submit(stack);
  await waitFor(stack, first);
  const again = await submit(stack, first.remoteId);
  await untilOver(stack, again.remoteId);
  const attempt = new Attempt();
  expect(await waitFor(stack, again, attempt)).toMatchObject({ outcome: 'succeeded' });
  expect(attempt.beats).not.toContainEqual(expect.objectContaining({ seenAtWork: true }));
});

test('a run that left no mark is never called done: after a quarter of an hour its outcome is unknown', async () => {
  const { sqlflow, stack } = await service({
    behaviour: { resubmitSession: 'same', newerFields: false },
  });
  const first = await submit(stack);
  await waitFor(stack, first);
  const again = await submit(stack, first.remoteId);
  await untilOver(stack, again.remoteId);
  const attempt = new Attempt();
  const looks = () =>
    sqlflow.service.calls.filter(({ endpoint }) => endpoint === 'displayUserJobSummary').length;
  const looksBefore = looks();
  const waiting = stack.failure(
    'sqlflowAwaitJob',
    {
      connection: 'sqlflow',
      jobId: again.remoteId,
      submittedAtMs: Date.now(),
      deadlineAtMs: Date.now() + 24 * 3_600_000,
      previous: again.previous,
    },
    attempt,
  );
  await until(() => Promise.resolve(looks() > looksBefore + 6));
  const told = attempt.beats.map((beat) => (beat as JobProgress).detail);
  expect(told).toContain('the end of the run before this one');
  const laterMs = Date.now() + 16 * 60_000;
  const clock = jest.spyOn(Date, 'now').mockReturnValue(laterMs);
  try {
    expect(await waiting).toMatchObject({
      type: 'RemoteJob.SubmitOutcomeUnknown',
      message: expect.stringContaining('15 minutes'),
    });
  } finally {
    clock.mockRestore();
  }
});

/** Two waits make the watcher ask for the list; this one never ends by itself. */
async function waitForAnother(stack: ActivityStack) {
  const files = await stack.stage({ 'b.sql': `-- local: delay 5m\n${load}` });
  const job = { jobName: 'other', dbVendor: 'dbvhive', files };
  const other = await stack.run('sqlflowSubmitJob', { job, key: randomUUID() });
  const attempt = new Attempt();
  const waiting = waitFor(stack, other, attempt).catch(() => undefined);
  closings.push(async () => {
    attempt.environment.cancel();
    await waiting;
  });
}

test('a list that still shows the run before this one at work proves nothing of this one', async () => {
  const { sqlflow, stack } = await service();
  const first = await submit(stack);
  const before = await waitFor(stack, first);
  const again = await submit(stack, first.remoteId);
  sqlflow.service.setFaults({
    faults: [
      { endpoint: 'displayUserJobsSummary', calls: [1], do: 'showStatus', status: 'process' },
      { endpoint: '*', do: 'staleSuccess' },
    ],
  });
  await waitForAnother(stack);
  const attempt = new Attempt();
  const waiting = waitFor(stack, again, attempt);
  const words = () => attempt.beats.map((beat) => (beat as JobProgress).status);
  const ending = Promise.race([
    waiting,
    until(() => {
      const at = words().indexOf('process');
      return Promise.resolve(
        at >= 0 &&
          words()
            .slice(at)
            .filter((word) => word === 'success').length > 1,
      );
    }),
  ]);
  expect(await ending).toBeUndefined();
  expect(attempt.beats).not.toContainEqual(expect.objectContaining({ seenAtWork: true }));
  sqlflow.service.setFaults(undefined);
  const ended = await waiting;
  expect(ended.sessionId).not.toBe(before.sessionId);
});

test('work that only the list has shown counts once the summary of the job shows it too', async () => {
  const { sqlflow, stack } = await service({
    behaviour: { resubmitSession: 'same', newerFields: false },
  });
  const first = await submit(stack);
  await waitFor(stack, first);
  const again = await submit(stack, first.remoteId);
  await untilOver(stack, again.remoteId);
  sqlflow.service.setFaults({
    faults: [
      { endpoint: 'displayUserJobSummary', calls: [1], do: 'status', status: 503 },
      { endpoint: 'displayUserJobSummary', do: 'staleStatus', looks: 2 },
      { endpoint: 'displayUserJobsSummary', do: 'staleStatus', looks: 1 },
    ],
  });
  await waitForAnother(stack);
  expect(await waitFor(stack, again)).toMatchObject({ outcome: 'succeeded' });
});

test('a list that never shows the end of this run leaves it to the summary of the job', async () => {
  const { sqlflow, stack } = await service();
  const first = await submit(stack);
  const before = await waitFor(stack, first);
  const again = await submit(stack, first.remoteId);
  await untilOver(stack, again.remoteId);
  sqlflow.service.setFaults({
    faults: [
      // The first look fails, so that from the second on both jobs are asked for together.
      { endpoint: 'displayUserJobSummary', calls: [1], do: 'status', status: 503 },
      { endpoint: 'displayUserJobsSummary', do: 'staleSuccess' },
    ],
  });
  await waitForAnother(stack);
  const ended = await waitFor(stack, again);
  expect(ended).toMatchObject({ outcome: 'succeeded' });
  const lists = sqlflow.service.calls.filter((call) => call.endpoint === 'displayUserJobsSummary');
  expect(lists.length).toBeLessThan(5);
  expect(ended.sessionId).not.toBe(before.sessionId);
});

async function submitSimple(stack: ActivityStack, sql: string) {
  const files = await stack.stage({ 'a.sql': sql });
  const job = { jobName: 'simple', dbVendor: 'dbvhive', files };
  return stack.run('sqlflowSubmitJob', { job, key: randomUUID() });
}

test('a success that the list shows is asked of the summary of the job, once: only that tells warnings', async () => {
  const { sqlflow, stack } = await service();
  await waitForAnother(stack);
  const submitted = await submitSimple(stack, load);
  const { calls } = sqlflow.service;
  const soFar = calls.length;
  expect(await waitFor(stack, submitted)).toMatchObject({ outcome: 'succeeded' });
  const asked = calls.slice(soFar).map(({ endpoint }) => endpoint);
  // Before the first list the other job was still asked for by itself.
  const firstList = asked.indexOf('displayUserJobsSummary');
  expect(firstList).toBeGreaterThanOrEqual(0);
  expect(
    asked.slice(firstList).filter((endpoint) => endpoint === 'displayUserJobSummary'),
  ).toHaveLength(1);
});

test('a success that the list shows too early, and a failure, are asked of the summary of the job', async () => {
  const { sqlflow, stack } = await service();
  await waitForAnother(stack);
  const early = await submitSimple(stack, `-- local: delay 1s\n${load}`);
  sqlflow.service.setFaults({
    faults: [{ endpoint: 'displayUserJobsSummary', do: 'showStatus', status: 'success' }],
  });
  expect(await waitFor(stack, early)).toMatchObject({
    outcome: 'succeeded',
    sessionId: expect.any(String),
  });
  sqlflow.service.setFaults({
    faults: [{ endpoint: 'displayUserJobsSummary', do: 'showStatus', status: 'fail' }],
  });
  const sound = await submitSimple(stack, load);
  expect(await waitFor(stack, sound)).toMatchObject({ outcome: 'succeeded', status: 'success' });
});

test('a resubmit waits for the run that is under way, whose end would pass for its own', async () => {
  const { sqlflow, stack } = await service();
  const first = await submit(stack, undefined, `-- local: delay 10m\n${load}`);
  const submits = () =>
    sqlflow.service.calls.filter(({ endpoint }) => endpoint === 'submitPersistJob').length;
  const submitting = submit(stack, first.remoteId);
  await until(async () => {
    const { status } = await stack.run('sqlflowGetJob', { jobId: first.remoteId });
    return status === 'process';
  });
  expect(submits()).toBe(1);
  sqlflow.endDelays();
  const before = await waitFor(stack, first);
  const again = await submitting;
  const ended = await waitFor(stack, again);
  expect(submits()).toBe(2);
  expect(ended.sessionId).not.toBe(before.sessionId);
});

test('an unknown status, and a job that the answers miss for a while, end no wait', async () => {
  const { sqlflow, stack } = await service();
  sqlflow.service.setFaults({
    faults: [
      { endpoint: 'displayUserJobSummary', calls: [1, 2], do: 'showStatus', status: 'paused' },
      { endpoint: 'displayUserJobSummary', calls: [3, 4, 5, 6], do: 'missJob' },
    ],
  });
  const attempt = new Attempt();
  const ended = await waitFor(stack, await submit(stack), attempt);
  expect(ended).toMatchObject({ outcome: 'succeeded', status: 'success' });
  expect(attempt.beats).toContainEqual(expect.objectContaining({ status: 'paused' }));
});

test('a token that expires in the middle, and a 429, cost a wait nothing but time', async () => {
  const { sqlflow, stack } = await service();
  sqlflow.service.setFaults({
    faults: [
      { endpoint: 'displayUserJobSummary', calls: [1], do: 'expireToken' },
      { endpoint: 'displayUserJobSummary', calls: [3], do: 'status', status: 429, retryAfter: 1 },
    ],
  });
  const job = await submit(stack, undefined, `-- local: delay 2s\n${load}`);
  expect(await waitFor(stack, job)).toMatchObject({ outcome: 'succeeded' });
});
