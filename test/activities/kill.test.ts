import { ActivityCancellationDetails } from '@temporalio/common';
import { killBudgetMs, withinKillBudget } from '../../activities/kill-budget';
import { killLinkisTask } from '../../activities/linkis/kill-task';
import { ActivitySession } from '../../activities/session';
import { LinkisClient } from '../../src/clients/linkis/client';
import type { KillReport } from '../../src/contracts/job';
import { LocalLinkis, type LocalLinkisOptions } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { until } from '../support/until';
import { activityStack, Attempt, type ActivityStack } from './support';

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function service(options: LocalLinkisOptions = {}) {
  const linkis = await LocalLinkis.start(options);
  closings.push(() => linkis.close());
  const sqlflow = await LocalSqlFlow.start();
  closings.push(() => sqlflow.close());
  const stack = await activityStack({ linkis, sqlflow });
  closings.push(() => stack.close());
  const calls = (endpoint: string) =>
    linkis.service.calls.filter((call) => call.endpoint === endpoint).length;
  return { linkis, sqlflow, stack, calls };
}

const code = '-- local: delay 60s\nselect 1';

function submit(stack: ActivityStack, key: string, engine = 'spark-2.4.3') {
  return stack.run('linkisSubmitTask', { task: { code, engine, runType: 'sql' }, key });
}

async function untilStatus(stack: ActivityStack, taskId: string, status: string) {
  await until(async () => (await stack.run('linkisGetTask', { taskId })).status === status);
}

async function running(stack: ActivityStack, key: string, engine?: string) {
  const submitted = await submit(stack, key, engine);
  await untilStatus(stack, submitted.remoteId, 'Running');
  return submitted;
}

function target({ remoteId, execId }: { remoteId: string; execId?: string }) {
  return { connection: 'linkis', user: 'hadoop', taskId: remoteId, execId };
}

/** A kill that waits for its proof for a moment only. */
async function killBriefly(
  linkis: LocalLinkis,
  taskId: string,
  execId?: string,
): Promise<KillReport> {
  const credential = { token: 'local-token' };
  const client = new LinkisClient({ url: linkis.url, user: 'hadoop', credential });
  closings.push(() => client.close());
  return new Attempt().environment.run(async () => {
    const session = new ActivitySession();
    try {
      return await killLinkisTask(client, { taskId, execId, user: 'hadoop' }, session, 1000);
    } finally {
      session.close();
    }
  });
}

test('a task that runs is killed, and jobhistory confirms it', async () => {
  const { stack } = await service();
  const report = await stack.run('linkisKillTask', target(await running(stack, 'a')));
  expect(report).toMatchObject({ outcome: 'confirmed', status: 'Cancelled' });
});

test('after a restart of the entrance a newer task that runs under the old execID is left alone', async () => {
  const { linkis, stack, calls } = await service();
  const old = await running(stack, 'old');
  await linkis.restartEntrance();
  const newer = await running(stack, 'newer');
  expect(newer.execId).toBe(old.execId);
  const report = await stack.run('linkisKillTask', target(old));
  expect(report).toMatchObject({ outcome: 'unconfirmed', status: 'Running' });
  expect(report.evidence).toContain(`belongs to task ${newer.remoteId}`);
  expect(calls('kill')).toBe(0);
});

test.each([
  ['the log tells whose it is', false],
  ['no log tells whose it is', true],
])(
  'a newer task that queues, whose row has no execID yet, hides the reuse and is left alone: %s',
  async (_title, withoutLog) => {
    const { linkis, stack, calls } = await service({ maxConcurrentTasks: 1 });
    const old = await running(stack, 'old');
    await linkis.restartEntrance();
    await running(stack, 'blocker', 'hive-2.3.3');
    const newer = await submit(stack, 'newer');
    expect(newer.execId).toBe(old.execId);
    if (withoutLog) {
      linkis.service.setFaults({ faults: [{ endpoint: 'log', do: 'status', status: 500 }] });
    }
    const report = await killBriefly(linkis, old.remoteId, old.execId);
    expect(report).toMatchObject({ outcome: 'unconfirmed', status: 'Running' });
    expect(report.evidence).toContain(withoutLog ? 'no kill was sent' : `task ${newer.remoteId}`);
    expect(calls('kill')).toBe(0);
    const row = await stack.run('linkisGetTask', { taskId: newer.remoteId });
    expect(row.status).toBe('Inited');
  },
);

test('a Forced Kill, which only rewrites the row, confirms nothing', async () => {
  const { linkis, stack } = await service();
  const old = await running(stack, 'old');
  await linkis.restartEntrance();
  const report = await stack.run('linkisKillTask', target(old));
  expect(report).toMatchObject({ outcome: 'unconfirmed', status: 'Cancelled' });
  expect(report.evidence).toContain('Forced Kill');
});

test('a Forced Kill that a crash cut off from its report stays unconfirmed at the next attempt', async () => {
  const { linkis, stack } = await service();
  const old = await running(stack, 'old');
  await linkis.restartEntrance();
  const first = new Attempt();
  await stack.run('linkisKillTask', target(old), first);
  const second = new Attempt({ attempt: 2, heartbeatDetails: first.recorded[0] });
  const report = await stack.run('linkisKillTask', target(old), second);
  expect(report).toMatchObject({
    outcome: 'unconfirmed',
    evidence: expect.stringMatching('Forced'),
  });
});

test('a kill that was taken but not carried out is unconfirmed, and says what jobhistory has', async () => {
  const { linkis, stack } = await service();
  const task = await running(stack, 'a');
  linkis.service.setFaults({ faults: [{ endpoint: 'kill', do: 'pretend' }] });
  const report = await killBriefly(linkis, task.remoteId, task.execId);
  expect(report).toMatchObject({ outcome: 'unconfirmed', status: 'Running' });
  expect(report.evidence).toContain('jobhistory still has Running');
});

test('a kill by key ends every task of the key, and the report names them all', async () => {
  const { stack } = await service();
  const tasks = [await running(stack, 'twins'), await running(stack, 'twins')];
  const sinceMs = Date.now();
  const report = await stack.run('linkisKillTask', { connection: 'linkis', key: 'twins', sinceMs });
  expect(report.outcome).toBe('confirmed');
  for (const { remoteId } of tasks) {
    expect(`${report.remoteId} ${report.evidence}`).toContain(remoteId);
    await untilStatus(stack, remoteId, 'Cancelled');
  }
});

test('a kill by key that was cut off reports what it had killed as confirmed', async () => {
  const { stack } = await service();
  await running(stack, 'twins');
  await running(stack, 'twins');
  const kill = { connection: 'linkis', key: 'twins', sinceMs: Date.now() };
  const first = new Attempt();
  await stack.run('linkisKillTask', kill, first);
  const second = new Attempt({ attempt: 2, heartbeatDetails: first.recorded.at(-1) });
  const report = await stack.run('linkisKillTask', kill, second);
  expect(report.outcome).toBe('confirmed');
  expect(report.evidence).toMatch(/made more: \d+ confirmed/);
});

test('a SQLFlow kill by key that was cut off reports what it had deleted as removed', async () => {
  const { stack } = await service();
  const files = await stack.stage({ 'a.sql': '-- local: delay 60s\nselect 1' });
  const job = { jobName: 'n', dbVendor: 'dbvhive', files };
  const key = '00000000-1111-4222-8333-444444444444';
  const jobs = [
    await stack.run('sqlflowSubmitJob', { job, key }),
    await stack.run('sqlflowSubmitJob', { job, key }),
  ];
  const first = new Attempt();
  const kill = { key, policy: 'delete' } as const;
  await stack.run('sqlflowKillJob', kill, first);
  const second = new Attempt({ attempt: 2, heartbeatDetails: first.recorded.at(-1) });
  const report = await stack.run('sqlflowKillJob', kill, second);
  expect(report.outcome).toBe('removed');
  for (const { remoteId } of jobs) {
    expect(`${report.remoteId} ${report.evidence}`).toContain(remoteId);
  }
});

test('a service that hangs holds a kill no longer than its attempts may spend', async () => {
  const { linkis, stack } = await service();
  const task = await running(stack, 'a');
  linkis.service.setFaults({ faults: [{ endpoint: 'jobhistory/get', delayMs: 3_600_000 }] });
  const report: KillReport = await new Attempt().environment.run(async () => {
    const session = new ActivitySession();
    const client = new LinkisClient({
      url: linkis.url,
      user: 'hadoop',
      credential: { token: 'local-token' },
    });
    try {
      return await withinKillBudget(
        session,
        (text) => text,
        (bounded) => killLinkisTask(client, { taskId: task.remoteId, user: 'hadoop' }, bounded),
        300,
      );
    } finally {
      session.close();
      await client.close();
    }
  });
  expect(report).toMatchObject({ outcome: 'unconfirmed', evidence: expect.stringMatching('hung') });
});

test('the time that attempts spent is counted over all of them, with what the last one met', async () => {
  const { linkis, stack, calls } = await service();
  const task = await running(stack, 'a');
  linkis.service.setFaults({
    faults: [{ endpoint: 'jobhistory/get', do: 'status', status: 503, delayMs: 50 }],
  });
  const first = new Attempt({ heartbeatDetails: { spentMs: 1000 } });
  const failed = await stack.failure('linkisKillTask', target(task), first);
  expect(failed).toMatchObject({ type: 'Service.Busy', nonRetryable: false });
  const left = first.beats.at(-1) as { spentMs: number; trouble: string };
  expect(left.spentMs).toBeGreaterThanOrEqual(1050);
  expect(left.trouble).toContain('503');

  const asked = calls('jobhistory/get');
  const last = new Attempt({ attempt: 9, heartbeatDetails: { ...left, spentMs: killBudgetMs } });
  const report: KillReport = await stack.run('linkisKillTask', target(task), last);
  expect(report).toMatchObject({ outcome: 'unconfirmed', evidence: expect.stringMatching('503') });
  expect(calls('jobhistory/get')).toBe(asked);
});

test('a worker that shuts down in the middle of a kill hands it over', async () => {
  const { linkis, stack } = await service();
  const task = await running(stack, 'a');
  linkis.service.setFaults({ faults: [{ endpoint: 'kill', delayMs: 3_600_000 }] });
  const attempt = new Attempt();
  const killing = stack.run('linkisKillTask', target(task), attempt);
  killing.catch(() => {});
  await until(() => Promise.resolve(attempt.recorded.length > 0));
  attempt.environment.cancel(
    'WORKER_SHUTDOWN',
    new ActivityCancellationDetails({ workerShutdown: true }),
  );
  await expect(killing).rejects.toMatchObject({ type: 'RemoteJob.HandedOver' });
});

test('a row that jobhistory misses for a moment is killed all the same', async () => {
  const { linkis, stack } = await service();
  const task = await running(stack, 'a');
  linkis.service.setFaults({
    faults: [{ endpoint: 'jobhistory/get', calls: [1, 3, 5], do: 'missJob' }],
  });
  expect(await stack.run('linkisKillTask', target(task))).toMatchObject({ outcome: 'confirmed' });
});

test('a Failed that the service takes back is no end: the task is killed', async () => {
  const { linkis, stack } = await service();
  const task = await running(stack, 'a');
  linkis.service.setFaults({
    faults: [
      { endpoint: 'jobhistory/get', do: 'showStatus', statuses: ['Failed', 'WaitForRetry'] },
    ],
  });
  expect(await stack.run('linkisKillTask', target(task))).toMatchObject({ outcome: 'confirmed' });
});

test('a SQLFlow job that an answer misses is deleted all the same', async () => {
  const { sqlflow, stack } = await service();
  const files = await stack.stage({ 'a.sql': '-- local: delay 60s\nselect 1' });
  const job = { jobName: 'n', dbVendor: 'dbvhive', files };
  const { remoteId } = await stack.run('sqlflowSubmitJob', { job, key: 'k' });
  sqlflow.service.setFaults({
    faults: [{ endpoint: 'displayUserJobSummary', calls: [1], do: 'missJob' }],
  });
  const report = await stack.run('sqlflowKillJob', { jobId: remoteId, policy: 'delete' });
  expect(report).toMatchObject({ outcome: 'removed', remoteId });
});

test('a SQLFlow delete that was answered but not carried out is unconfirmed', async () => {
  const { sqlflow, stack } = await service();
  const files = await stack.stage({ 'a.sql': '-- local: delay 60s\nselect 1' });
  const job = { jobName: 'n', dbVendor: 'dbvhive', files };
  const { remoteId } = await stack.run('sqlflowSubmitJob', { job, key: 'k' });
  sqlflow.service.setFaults({ faults: [{ endpoint: 'deleteUserJob', do: 'pretend' }] });
  const report = await stack.run('sqlflowKillJob', { jobId: remoteId, policy: 'delete' });
  expect(report).toMatchObject({ outcome: 'unconfirmed', remoteId });
  expect(report.evidence).toContain('still listed');
});

test('no kill is sent for a task that the entrance remembers as ended, which may be another one', async () => {
  const { linkis, stack, calls } = await service();
  const task = await running(stack, 'a');
  linkis.service.setFaults({
    faults: [{ endpoint: 'status', do: 'showStatus', status: 'Succeed' }],
  });
  const report = await killBriefly(linkis, task.remoteId, task.execId);
  expect(report).toMatchObject({ outcome: 'unconfirmed', status: 'Running' });
  expect(report.evidence).toContain('has its execID as ended');
  expect(calls('kill')).toBe(0);
});
