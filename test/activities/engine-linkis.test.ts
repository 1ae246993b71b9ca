import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CancelledFailure } from '@temporalio/common';
import type { LinkisTaskInput } from '../../src/contracts/linkis';
import { LocalLinkis, type LocalLinkisOptions } from '../../src/local/linkis/local-linkis';
import { until } from '../support/until';
import { activityStack, Attempt, type ActivityStack } from './support';

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function stackOn(url: string): Promise<ActivityStack> {
  const linkis = { type: 'linkis', url, user: 'hadoop', token: { value: 'local-token' } } as const;
  const stack = await activityStack(
    {},
    { connections: { linkis }, secrets: { KNOWN: { value: 'kn0wn-s3cr3t' } } },
  );
  closings.push(() => stack.close());
  return stack;
}

async function service(options: LocalLinkisOptions = {}) {
  const linkis = await LocalLinkis.start(options);
  closings.push(() => linkis.close());
  const stack = await stackOn(linkis.url);
  const calls = (endpoint: string) =>
    linkis.service.calls.filter((call) => call.endpoint === endpoint).length;
  return { linkis, stack, calls };
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(async () => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const task = (code: string): LinkisTaskInput => ({ code, engine: 'spark-2.4.3', runType: 'sql' });
const long = task('-- local: delay 600s\nselect 1');

function submit(stack: ActivityStack, what: LinkisTaskInput, key = 'key') {
  return stack.run('linkisSubmitTask', { task: what, key });
}

async function untilStatus(stack: ActivityStack, taskId: string, status: string) {
  await until(async () => {
    const row = await stack.run('linkisGetTask', { taskId });
    return row.status === status;
  });
}

function target({ remoteId, execId }: { remoteId: string; execId?: string }) {
  return { connection: 'linkis', user: 'hadoop', taskId: remoteId, execId };
}

test('a repeated kill that is refused, since the first one worked, is confirmed', async () => {
  const { linkis, stack } = await service();
  const submitted = await submit(stack, long);
  await untilStatus(stack, submitted.remoteId, 'Running');
  // The entrance kills the task and answers as for one that has ended.
  linkis.service.setFaults({
    faults: [{ endpoint: 'kill', when: 'after', do: 'error', code: 1, message: 'has ended' }],
  });
  const heartbeatDetails = {
    sent: { [submitted.remoteId]: { hadSource: true, held: true } },
  };
  const attempt = new Attempt({ attempt: 2, heartbeatDetails });
  const report = await stack.run('linkisKillTask', target(submitted), attempt);
  expect(report).toMatchObject({ outcome: 'confirmed', status: 'Cancelled' });
});

test('an adopted task that still queues is killed as soon as it can be addressed', async () => {
  const { stack, calls } = await service({ maxConcurrentTasks: 1 });
  const first = await submit(stack, long, 'first');
  await untilStatus(stack, first.remoteId, 'Running');
  const queued = await submit(stack, long, 'queued');
  const killing = stack.run('linkisKillTask', {
    ...target(queued),
    execId: undefined,
  });
  const looks = calls('jobhistory/get');
  await until(() => Promise.resolve(calls('jobhistory/get') > looks + 2));
  await stack.run('linkisKillTask', target(first));
  expect(await killing).toMatchObject({ outcome: 'confirmed', remoteId: queued.remoteId });
});

test('a queued task is killed though newer ones queue behind it', async () => {
  const { stack } = await service({ maxConcurrentTasks: 1 });
  const first = await submit(stack, long, 'first');
  await untilStatus(stack, first.remoteId, 'Running');
  const queued = await submit(stack, long, 'queued');
  await submit(stack, long, 'newer');
  const report = await stack.run('linkisKillTask', target(queued));
  expect(report).toMatchObject({ outcome: 'confirmed' });
});

test('a reused execID is noticed behind any number of newer tasks', async () => {
  const rows = Array.from({ length: 450 }, (_, index) => ({
    taskID: 1000 - index,
    status: index === 430 ? 'Running' : 'Succeed',
    execId: `short_${index}`,
    strongerExecId: index === 430 ? 'reused' : `exec_${index}`,
    createdTime: 1,
  }));
  const old = { ...rows[0], taskID: 7, status: 'Running', execId: 's', strongerExecId: 'reused' };
  const kills: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://localhost');
    if (pathname.endsWith('/kill')) kills.push(pathname);
    const status = searchParams.get('status')?.split(',');
    const fitting = rows.filter((row) => status === undefined || status.includes(row.status));
    const size = Number(searchParams.get('pageSize'));
    const data = pathname.endsWith('/get')
      ? { task: old }
      : { tasks: fitting.slice(0, size), totalPage: fitting.length };
    outgoing.setHeader('content-type', 'application/json');
    outgoing.end(JSON.stringify({ method: null, status: 0, message: 'OK', data }));
  });
  const stack = await stackOn(await listening(server));
  const report = await stack.run('linkisKillTask', target({ remoteId: '7' }));
  expect(report).toMatchObject({ outcome: 'unconfirmed' });
  expect(report.evidence).toContain('570');
  expect(kills).toEqual([]);
});

test('a search that had to stop short is no proof that there is no task', async () => {
  const submits: string[] = [];
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.includes('/submit')) submits.push(incoming.url);
    const tasks = Array.from({ length: 200 }, (_, index) => ({
      taskID: index + 1,
      status: 'Running',
      sourceJson: '{}',
    }));
    outgoing.setHeader('content-type', 'application/json');
    const data = { tasks, totalPage: 20_000 };
    outgoing.end(JSON.stringify({ method: null, status: 0, message: 'OK', data }));
  });
  const stack = await stackOn(await listening(server));
  const attempt = new Attempt({ attempt: 2 });
  await expect(
    stack.run('linkisSubmitTask', { task: task('select 1'), key: 'key' }, attempt),
  ).rejects.toMatchObject({
    message: expect.stringContaining('20000'),
    details: [{ submitted: 'maybe' }],
  });
  expect(submits).toEqual([]);
});

test('a submit that a full queue refused is sent again, not taken for a failed task', async () => {
  const { stack, calls } = await service({
    maxConcurrentTasks: 1,
    behaviour: { queueCapacity: 1 },
  });
  const running = await submit(stack, long, 'running');
  await untilStatus(stack, running.remoteId, 'Running');
  const waiting = await submit(stack, long, 'waiting');
  await expect(submit(stack, task('select 1'), 'refused')).rejects.toMatchObject({
    type: 'Service.Busy',
    nonRetryable: false,
  });
  const kill = await stack.run('linkisKillTask', target(waiting));
  expect(kill).toMatchObject({ outcome: 'confirmed' });
  const before = calls('submit');
  const attempt = new Attempt({ attempt: 2 });
  const again = await stack.run(
    'linkisSubmitTask',
    { task: task('select 1'), key: 'refused' },
    attempt,
  );
  expect(again.decision).toBe('freshSubmit');
  expect(calls('submit')).toBe(before + 1);
});

test('a cancel that comes before the request is sent sends nothing', async () => {
  const { linkis, stack, calls } = await service();
  linkis.service.setFaults({
    faults: [{ endpoint: 'jobhistory/list', calls: [1], delayMs: 3_600_000 }],
  });
  const attempt = new Attempt({ attempt: 2 });
  const submitting = stack.run('linkisSubmitTask', { task: long, key: 'key' }, attempt);
  submitting.catch(() => {});
  // The look for an earlier one, which comes before the request.
  await until(async () => linkis.service.heldCalls === 1);
  attempt.environment.cancel('CANCELLED');
  await expect(submitting).rejects.toThrow(CancelledFailure);
  linkis.service.endDelays();
  await stack.run('linkisListTasks', { filter: {} });
  expect(calls('submit')).toBe(0);
});

test('a secret that the worker lacks is found out before anything is sent, and said so', async () => {
  const { stack, calls } = await service();
  const variables = { password: { secret: 'UNKNOWN' } };
  await expect(submit(stack, { ...task('select 1'), variables })).rejects.toMatchObject({
    type: 'RemoteJob.Configuration',
    details: [{ submitted: 'no' }],
  });
  expect(calls('submit')).toBe(0);
});

test('a task that ended shortly before the deadline, between two looks, is in time', async () => {
  const { stack } = await service();
  const submitted = await submit(stack, task('-- local: delay 1s\nselect 1'));
  const ended = await stack.run('linkisAwaitTask', {
    ...target(submitted),
    // So old a task is looked at every 15 s.
    submittedAtMs: Date.now() - 3_600_000,
    deadlineAtMs: Date.now() + 7000,
  });
  expect(ended).toMatchObject({ outcome: 'succeeded', status: 'Succeed' });
});

test('a log that the service will not give costs the task none of its results', async () => {
  const { linkis, stack } = await service();
  const submitted = await submit(stack, task('select 1 as one'));
  await untilStatus(stack, submitted.remoteId, 'Succeed');
  linkis.service.setFaults({
    faults: [
      { endpoint: 'openLog', do: 'status', status: 404 },
      { endpoint: 'log', do: 'status', status: 400 },
    ],
  });
  const outputs = await stack.run('linkisCollectOutputs', {
    ...target(submitted),
    results: true,
    format: 'csv',
  });
  expect(outputs.results).toMatchObject([{ rows: 1 }]);
  expect(outputs.log).toBeUndefined();
});

test("a failed task's last words come without secrets, from a worker that never sent them too", async () => {
  const { linkis, stack } = await service();
  const submitted = await submit(stack, {
    ...task("select * from missing_table where a = '${known}'"),
    variables: { known: { secret: 'KNOWN' } },
  });
  await untilStatus(stack, submitted.remoteId, 'Failed');
  const other = await stackOn(linkis.url);
  const ended = await other.run('linkisAwaitTask', {
    ...target(submitted),
    submittedAtMs: Date.now(),
    deadlineAtMs: Date.now() + 600_000,
  });
  const outputs = await other.run('linkisCollectOutputs', {
    ...target(submitted),
    results: false,
    format: 'csv',
  });
  expect(outputs.logTail).toContain('[redacted]');
  expect(JSON.stringify([ended, outputs])).not.toContain('kn0wn-s3cr3t');
});

test('a user that the connection does not act for gets nothing collected', async () => {
  const { stack } = await service();
  const submitted = await submit(stack, task('select 1'));
  await expect(
    stack.run('linkisCollectOutputs', {
      ...target(submitted),
      user: 'root',
      results: true,
      format: 'csv',
    }),
  ).rejects.toMatchObject({ type: 'RemoteJob.Configuration' });
});

test('heartbeats fit the time-out that the workflow has set', async () => {
  const { stack } = await service();
  const submitted = await submit(stack, long);
  const attempt = new Attempt({ heartbeatTimeoutMs: 200 });
  const age = { submittedAtMs: Date.now() - 3_600_000, deadlineAtMs: Date.now() + 60_000 };
  const waiting = stack.run('linkisAwaitTask', { ...target(submitted), ...age }, attempt);
  waiting.catch(() => {});
  // Two come from the first look; the rest of a look every 15 s is the beat.
  await until(() => Promise.resolve(attempt.beats.length > 8));
  attempt.environment.cancel('CANCELLED');
  await expect(waiting).rejects.toThrow(CancelledFailure);
});
