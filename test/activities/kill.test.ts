import { ActivityCancellationDetails } from '@temporalio/common';
import { killBudgetMs, withinKillBudget } from '../../activities/kill-budget';
import { killLinkisTasksByKey } from '../../activities/linkis/kill-by-key';
import { killLinkisTask } from '../../activities/linkis/kill-task';
import { ActivitySession } from '../../activities/session';
import { killSqlFlowJob } from '../../activities/sqlflow/kill-job';
import { killSqlFlowJobsByKey } from '../../activities/sqlflow/kill-by-key';
import type { Admission } from '../../src/clients/http/admission';
import { LinkisClient } from '../../src/clients/linkis/client';
import { SqlFlowClient } from '../../src/clients/sqlflow/client';
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

const code = '-- local: delay 600s\nselect 1';

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

function linkisClient(linkis: LocalLinkis): LinkisClient {
  const credential = { token: 'local-token' };
  const client = new LinkisClient({ url: linkis.url, user: 'hadoop', credential });
  closings.push(() => client.close());
  return client;
}

/** Runs a kill as the activity does, but with its times as parameters. */
function killing<Report>(
  kill: (session: ActivitySession) => Promise<Report>,
  attempt = new Attempt(),
): Promise<Report> {
  return attempt.environment.run(async () => {
    const session = new ActivitySession();
    try {
      return await kill(session);
    } finally {
      session.close();
    }
  });
}

/** A kill that waits for its proof for a moment only. */
async function killBriefly(
  linkis: LocalLinkis,
  taskId: string,
  execId?: string,
): Promise<KillReport> {
  const client = linkisClient(linkis);
  return killing((session) =>
    killLinkisTask(client, { taskId, execId, user: 'hadoop' }, session, 1000),
  );
}

function killByKey(linkis: LocalLinkis, key: string, withinMs: number, attempt?: Attempt) {
  const client = linkisClient(linkis);
  const input = { key, sinceMs: Date.now(), user: 'hadoop' };
  return killing((session) => killLinkisTasksByKey(client, input, session, withinMs), attempt);
}

function deleteByKey(sqlflow: LocalSqlFlow, key: string, withinMs: number, attempt?: Attempt) {
  const credential = { secretKey: 'demo-secret' };
  const client = new SqlFlowClient({ url: sqlflow.url, userId: 'demo', credential });
  closings.push(() => client.close());
  return killing(
    (session) => killSqlFlowJobsByKey(client, 'test', { key, policy: 'delete' }, session, withinMs),
    attempt,
  );
}

test('every call of a kill is urgent until the kill is sent, and those of its proof are not', async () => {
  const { linkis, sqlflow, stack } = await service();
  const asked: string[] = [];
  const admission: Admission = {
    admit: async (priority) => void asked.push(priority),
    answered: () => undefined,
    failed: () => undefined,
  };
  const ofSubmit = await running(stack, 'urgent');
  const credential = { token: 'local-token' };
  const tasks = new LinkisClient({ url: linkis.url, user: 'hadoop', credential, admission });
  closings.push(() => tasks.close());
  await killing((session) => killLinkisTask(tasks, target(ofSubmit), session));
  expect(asked.lastIndexOf('urgent')).toBe(asked.indexOf('foreground') - 1);
  expect(asked.indexOf('foreground')).toBeGreaterThan(2);

  asked.length = 0;
  const files = await stack.stage({ 'a.sql': '-- local: delay 600s\nselect 1;' });
  const job = { jobName: 'urgent', dbVendor: 'dbvhive', files };
  const { remoteId: jobId } = await stack.run('sqlflowSubmitJob', { job, key: 'urgent' });
  const account = { url: sqlflow.url, userId: 'demo', credential: { secretKey: 'demo-secret' } };
  const flow = new SqlFlowClient({ ...account, admission });
  closings.push(() => flow.close());
  const input = { connection: 'sqlflow', jobId, policy: 'delete' } as const;
  await killing((session) => killSqlFlowJob(flow, input, session));
  // The token, the summary, the delete.
  expect(asked.slice(0, 4)).toEqual(['urgent', 'urgent', 'urgent', 'foreground']);
});

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
  const { linkis, stack } = await service();
  const tasks = [await running(stack, 'twins'), await running(stack, 'twins')];
  const report = await killByKey(linkis, 'twins', 0);
  expect(report.outcome).toBe('confirmed');
  for (const { remoteId } of tasks) {
    expect(`${report.remoteId} ${report.evidence}`).toContain(remoteId);
    await untilStatus(stack, remoteId, 'Cancelled');
  }
});

test('a kill by key that was cut off reports what it had killed as confirmed', async () => {
  const { linkis, stack } = await service();
  await running(stack, 'twins');
  await running(stack, 'twins');
  const first = new Attempt();
  await killByKey(linkis, 'twins', 0, first);
  const second = new Attempt({ attempt: 2, heartbeatDetails: first.recorded.at(-1) });
  const report = await killByKey(linkis, 'twins', 0, second);
  expect(report.outcome).toBe('confirmed');
  expect(report.evidence).toMatch(/made more: \d+ confirmed/);
});

test('a SQLFlow kill by key that was cut off reports what it had deleted as removed', async () => {
  const { sqlflow, stack } = await service();
  const files = await stack.stage({ 'a.sql': '-- local: delay 600s\nselect 1' });
  const job = { jobName: 'n', dbVendor: 'dbvhive', files };
  const key = '00000000-1111-4222-8333-444444444444';
  const jobs = [
    await stack.run('sqlflowSubmitJob', { job, key }),
    await stack.run('sqlflowSubmitJob', { job, key }),
  ];
  const first = new Attempt();
  await deleteByKey(sqlflow, key, 0, first);
  const second = new Attempt({ attempt: 2, heartbeatDetails: first.recorded.at(-1) });
  const report = await deleteByKey(sqlflow, key, 0, second);
  expect(report.outcome).toBe('removed');
  for (const { remoteId } of jobs) {
    expect(`${report.remoteId} ${report.evidence}`).toContain(remoteId);
  }
});

test('a service that hangs holds a kill no longer than its attempts may spend', async () => {
  const { linkis, stack } = await service();
  const task = await running(stack, 'a');
  linkis.service.setFaults({ faults: [{ endpoint: 'jobhistory/get', delayMs: 3_600_000 }] });
  const client = linkisClient(linkis);
  const report = await killing((session) =>
    withinKillBudget(
      session,
      (text) => text,
      (bounded) => killLinkisTask(client, { taskId: task.remoteId, user: 'hadoop' }, bounded),
      300,
    ),
  );
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
  const files = await stack.stage({ 'a.sql': '-- local: delay 600s\nselect 1' });
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
  const files = await stack.stage({ 'a.sql': '-- local: delay 600s\nselect 1' });
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

test('beside hundreds of newer tasks the entrance that names the task saves reading them all', async () => {
  const { linkis, stack, calls } = await service({ maxConcurrentTasks: 1 });
  const oldest = await running(stack, 'oldest');
  const client = linkisClient(linkis);
  const call = { user: 'hadoop', signal: new AbortController().signal };
  const newer = { code, engine: 'spark-2.4.3', runType: 'sql' };
  await Promise.all(Array.from({ length: 450 }, () => client.submit(newer, call)));
  const listed = calls('jobhistory/list');
  const report = await stack.run('linkisKillTask', target(oldest));
  expect(report).toMatchObject({ outcome: 'confirmed', status: 'Cancelled' });
  // Before the note that the kill is sent, and after it.
  expect(calls('jobhistory/list') - listed).toBe(2);
});

test('a newer task that queues may get an execID that nobody holds, so nothing is sent', async () => {
  const { linkis, stack, calls } = await service({ maxConcurrentTasks: 1 });
  const old = await running(stack, 'old');
  await linkis.restartEntrance();
  await running(stack, 'blocker', 'hive-2.3.3');
  const asked = calls('status');
  // Between the entrance's word that it holds no such task and the look at the newer rows.
  linkis.service.setFaults({
    faults: [{ endpoint: 'jobhistory/list', calls: [1], delayMs: 3_600_000 }],
  });
  const report = killBriefly(linkis, old.remoteId, old.execId);
  await until(() => Promise.resolve(calls('status') > asked));
  const newer = await submit(stack, 'newer');
  expect(newer.execId).toBe(old.execId);
  await until(async () => linkis.service.heldCalls === 1);
  linkis.service.endDelays();
  expect(await report).toMatchObject({ outcome: 'unconfirmed', status: 'Running' });
  expect(calls('kill')).toBe(0);
});

test('what was seen before a checkpoint that took long is looked at again', async () => {
  const { linkis, stack, calls } = await service();
  const old = await running(stack, 'old');
  const client = linkisClient(linkis);
  const report = await killing((session) =>
    killLinkisTask(
      client,
      { taskId: old.remoteId, user: 'hadoop' },
      {
        signal: session.signal,
        lastDetails: () => session.lastDetails(),
        async remember(more) {
          // Temporal is away for so long.
          await linkis.restartEntrance();
          expect((await running(stack, 'newer')).execId).toBe(old.execId);
          await session.remember(more);
        },
      },
      1000,
    ),
  );
  expect(report).toMatchObject({
    outcome: 'unconfirmed',
    evidence: expect.stringMatching('now belongs to task'),
  });
  expect(calls('kill')).toBe(0);
});

test('an adopted task that queues is waited for as long as the kill has time', async () => {
  const { linkis, stack, calls } = await service({ maxConcurrentTasks: 1 });
  const first = await running(stack, 'first');
  const queued = await submit(stack, 'queued');
  const client = linkisClient(linkis);
  const asked = calls('jobhistory/get');
  const report = killing((session) =>
    withinKillBudget(
      session,
      (text) => text,
      (bounded) =>
        killLinkisTask(client, { taskId: queued.remoteId, user: 'hadoop' }, bounded, 1000),
    ),
  );
  // Longer than a proof may take.
  await until(() => Promise.resolve(calls('jobhistory/get') >= asked + 8));
  await stack.run('linkisKillTask', target(first));
  expect(await report).toMatchObject({ outcome: 'confirmed', remoteId: queued.remoteId });
});

test('a kill by key also ends a task that appears after the first one was killed', async () => {
  const { linkis, stack, calls } = await service();
  await running(stack, 'twins');
  const report = killByKey(linkis, 'twins', 10_000);
  await until(() => Promise.resolve(calls('kill') === 1));
  const late = await submit(stack, 'twins');
  expect(await report).toMatchObject({
    outcome: 'confirmed',
    evidence: expect.stringMatching('made more: '),
  });
  await untilStatus(stack, late.remoteId, 'Cancelled');
});

test('a kill by key waits for every task of the key that queues at the same time', async () => {
  const { linkis, stack, calls } = await service({ maxConcurrentTasks: 2 });
  const blockers = [await running(stack, 'one'), await running(stack, 'two')];
  const queued = [await submit(stack, 'twins'), await submit(stack, 'twins')];
  const report = killByKey(linkis, 'twins', 0);
  await until(() => Promise.resolve(calls('jobhistory/get') > 8));
  for (const blocker of blockers) await stack.run('linkisKillTask', target(blocker));
  expect(await report).toMatchObject({ outcome: 'confirmed' });
  for (const { remoteId } of queued) await untilStatus(stack, remoteId, 'Cancelled');
});

test('a SQLFlow kill by key also deletes a job that appears after the first one was deleted', async () => {
  const { sqlflow, stack } = await service();
  const files = await stack.stage({ 'a.sql': '-- local: delay 600s\nselect 1' });
  const job = { jobName: 'n', dbVendor: 'dbvhive', files };
  const key = '00000000-1111-4222-8333-555555555555';
  await stack.run('sqlflowSubmitJob', { job, key });
  const report = deleteByKey(sqlflow, key, 10_000);
  await until(() => Promise.resolve(sqlflow.jobs().length === 0));
  await stack.run('sqlflowSubmitJob', { job, key });
  expect(await report).toMatchObject({
    outcome: 'removed',
    evidence: expect.stringMatching('made more: '),
  });
  expect(sqlflow.jobs()).toEqual([]);
});

test('a kill by key that fails ends with nothing of it under way', async () => {
  const { linkis, stack, calls } = await service();
  await running(stack, 'twins');
  await running(stack, 'twins');
  linkis.service.setFaults({
    faults: [{ endpoint: 'kill', calls: [1], do: 'status', status: 503 }],
  });
  const first = new Attempt();
  await expect(killByKey(linkis, 'twins', 600_000, first)).rejects.toThrow('503');
  const sent = calls('kill');
  const second = new Attempt({ attempt: 2, heartbeatDetails: first.recorded.at(-1) });
  expect(await killByKey(linkis, 'twins', 0, second)).toMatchObject({ outcome: 'confirmed' });
  expect(calls('kill')).toBeGreaterThan(sent);
});

test('a worker that shuts down while a kill by key looks for late tasks hands it over', async () => {
  const { stack, calls } = await service();
  const attempt = new Attempt();
  const kill = { connection: 'linkis', key: 'none', sinceMs: Date.now() };
  const handedOver = stack.run('linkisKillTask', kill, attempt);
  handedOver.catch(() => {});
  await until(() => Promise.resolve(calls('jobhistory/list') > 0));
  attempt.environment.cancel(
    'WORKER_SHUTDOWN',
    new ActivityCancellationDetails({ workerShutdown: true }),
  );
  await expect(handedOver).rejects.toMatchObject({ type: 'RemoteJob.HandedOver' });
});

test('a service that asks for a long pause holds no kill and no search for twins for it', async () => {
  const { linkis, sqlflow, stack } = await service();
  const task = await running(stack, 'a');
  const busy = { endpoint: '*', do: 'status', status: 503, retryAfter: 900 } as const;
  linkis.service.setFaults({ faults: [busy] });
  sqlflow.service.setFaults({ faults: [busy] });
  const untilMs = Date.now();
  const mark = { connection: 'linkis', key: 'k', sinceMs: untilMs };
  const failures = [
    await stack.failure('linkisKillTask', target(task)),
    await stack.failure('linkisRemoveTwins', { ...target(task), ...mark, untilMs }),
    await stack.failure('sqlflowKillJob', { jobId: 'j', policy: 'delete' }),
    await stack.failure('sqlflowRemoveTwins', {
      connection: 'sqlflow',
      jobId: 'j',
      key: 'k',
      untilMs,
    }),
    await stack.failure('remoteJobsKillOrphan', {
      vendor: 'linkis',
      connection: 'linkis',
      user: 'hadoop',
      remoteId: task.remoteId,
      shortKey: 'k',
      name: 'spark-2.4.3',
      status: 'Running',
      reason: 'its workflow is closed',
    }),
  ];
  for (const { type, nextRetryDelay } of failures) {
    expect({ type, nextRetryDelay }).toEqual({ type: 'Service.Busy', nextRetryDelay: 10_000 });
  }
  // Nothing else is in a hurry.
  const patient = await stack.failure('linkisGetTask', { taskId: task.remoteId });
  expect(patient.nextRetryDelay).toBe(900_000);
});

/** A server that doesn't tell the source of a row: a Forced Kill empties nothing. */
class WithoutSource extends LinkisClient {
  override async getTask(...call: Parameters<LinkisClient['getTask']>) {
    return { ...(await super.getTask(...call)), source: {} };
  }
}

test('a kill that an earlier attempt only meant to send proves nothing', async () => {
  const { linkis, stack, calls } = await service();
  const { remoteId: taskId } = await running(stack, 'a');
  const credential = { token: 'local-token' };
  const client = new WithoutSource({ url: linkis.url, user: 'hadoop', credential });
  closings.push(() => client.close());
  const kill = (attempt: Attempt) =>
    killing((session) => killLinkisTask(client, { taskId, user: 'hadoop' }, session), attempt);
  linkis.service.setFaults({ faults: [{ endpoint: 'kill', do: 'reset' }] });
  const first = new Attempt();
  await expect(kill(first)).rejects.toThrow();
  expect(calls('kill')).toBe(1);
  linkis.service.setFaults({ faults: [] });
  await linkis.restartEntrance();
  const second = new Attempt({ attempt: 2, heartbeatDetails: first.recorded.at(-1) });
  expect(await kill(second)).toMatchObject({
    outcome: 'unconfirmed',
    status: 'Cancelled',
    evidence: expect.stringMatching('Forced Kill'),
  });
});

test.each([
  ['that an answer misses once', [1]],
  ['that all answers miss', undefined],
])(
  'a SQLFlow job %s is deleted, though an earlier attempt already meant to',
  async (_title, looks) => {
    const { sqlflow, stack } = await service();
    const files = await stack.stage({ 'a.sql': '-- local: delay 600s\nselect 1' });
    const job = { jobName: 'n', dbVendor: 'dbvhive', files };
    const { remoteId } = await stack.run('sqlflowSubmitJob', { job, key: 'k' });
    sqlflow.service.setFaults({ faults: [{ endpoint: 'deleteUserJob', do: 'reset' }] });
    const kill = { jobId: remoteId, policy: 'delete' } as const;
    const first = new Attempt();
    await stack.failure('sqlflowKillJob', kill, first);
    sqlflow.service.setFaults({
      faults: [{ endpoint: 'displayUserJobSummary', calls: looks, do: 'missJob' }],
    });
    const second = new Attempt({ attempt: 2, heartbeatDetails: first.recorded.at(-1) });
    expect(await stack.run('sqlflowKillJob', kill, second)).toMatchObject({ outcome: 'removed' });
    expect(sqlflow.jobs()).toEqual([]);
  },
);
