import { randomUUID } from 'node:crypto';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { keyedJobName } from '../../activities/sqlflow/job-name';
import { LinkisClient } from '../../src/clients/linkis/client';
import { SqlFlowClient } from '../../src/clients/sqlflow/client';
import { localConnections } from '../../src/cli/local-connections';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';
import { endless, spark } from './cli-stack';
import { Terminal } from './terminal';

const installation = 'prod';
const { signal } = new AbortController();

let sqlflow: LocalSqlFlow;
let linkis: LocalLinkis;
let jobs: JobStack;
let cwd: string;
let flow: SqlFlowClient;
let entrance: LinkisClient;

beforeAll(async () => {
  [sqlflow, linkis] = await Promise.all([LocalSqlFlow.start(), LocalLinkis.start()]);
  const local = localConnections({ sqlflow: sqlflow.url, linkis: linkis.url });
  // Two names for one account: a job is found on both, and told once. And a name of its own: an open
  // workflow of another spec may follow a task of the same number on a connection of its name.
  const connections = { sqlflow: local.sqlflow, reaped: local.linkis, also: local.sqlflow };
  const defaults = { sqlflow: 'sqlflow' };
  jobs = await jobStack(connections, { installation, defaults });
  cwd = await mkdtemp(path.join(tmpdir(), 'orphans-'));
  const folder = JSON.stringify(jobs.store.root);
  await writeFile(
    path.join(cwd, 'remote-jobs.yaml'),
    `installation: ${installation}\nartifacts:\n  folder: ${folder}\n`,
  );
  await writeFile(
    path.join(cwd, 'slow.sql'),
    '-- local: delay 600s\ncreate table a as select 1 as b;',
  );
  const credential = { secretKey: 'demo-secret' };
  flow = new SqlFlowClient({ url: sqlflow.url, userId: 'demo', credential });
  entrance = new LinkisClient({
    url: linkis.url,
    user: 'hadoop',
    credential: { password: 'hadoop' },
  });
});

afterEach(async () => {
  for await (const open of jobs.temporal.client.workflow.list({
    query: `TaskQueue = "${jobs.temporal.taskQueue}" AND ExecutionStatus = 'Running'`,
  })) {
    await jobs.temporal.client.workflow
      .getHandle(open.workflowId)
      .terminate()
      .catch(() => {});
  }
  const { jobs: left } = await flow.displayUserJobsSummary(signal);
  for (const { jobId } of left) await flow.deleteUserJob(jobId, signal);
  for (const { execId, taskId } of await tasksUnderWay()) {
    await entrance.kill(execId ?? '', { taskId }, { signal });
  }
});

afterAll(async () => {
  await jobs.close();
  await Promise.all([flow.close(), entrance.close(), sqlflow.close(), linkis.close()]);
  await rm(cwd, { recursive: true, force: true });
});

function terminal(address = jobs.temporal.address): Terminal {
  const flags = ['--address', address, '--task-queue', jobs.temporal.taskQueue];
  return new Terminal({ cwd, env: { HOME: cwd, PATH: process.env.PATH }, flags });
}

async function orphans(...args: string[]) {
  const typed = terminal();
  const exitCode = await typed.run('orphans', ...args, '--output', 'json');
  expect(typed.json.exitCode).toBe(exitCode);
  return typed.json;
}

async function tasksUnderWay() {
  const status = ['Inited', 'Scheduled', 'Running'];
  return (await entrance.listTasks({ status, pageSize: 100 }, { signal })).tasks;
}

async function statusOf(taskId: string): Promise<string> {
  return (await entrance.getTask(taskId, { signal })).status;
}

async function isListed(jobId: string): Promise<boolean> {
  return (await flow.displayUserJobsSummary(signal)).jobs.some((job) => job.jobId === jobId);
}

/** Starts a job that runs until somebody ends it; answers its workflow id and its remote id. */
async function start(...args: string[]): Promise<{ id: string; remoteId: string }> {
  const typed = terminal();
  expect(await typed.run(...args, '--detach', '--quiet')).toBe(0);
  const id = typed.stdout.trim();
  let remoteId = '';
  await until(async () => {
    await typed.run('show', id, '--output', 'json');
    remoteId = typed.json.job?.remoteId ?? '';
    return remoteId !== '' && /running|process/i.test(typed.json.progress?.status ?? '');
  });
  return { id, remoteId };
}

const startTask = (...more: string[]) =>
  start('linkis', 'run', '--code', endless, ...spark, ...more);
const startJob = (...more: string[]) =>
  start('sqlflow', 'run', 'slow.sql', '--dbvendor', 'hive', '--connection', 'sqlflow', ...more);

/** Ends a workflow without its kill, and waits until Temporal's list, which is a moment behind, has it. */
async function terminate(id: string): Promise<void> {
  const { workflow } = jobs.temporal.client;
  await workflow.getHandle(id).terminate();
  const open = `WorkflowId = "${id}" AND ExecutionStatus = 'Running'`;
  await until(async () => (await workflow.count(open)).count === 0);
}

test('a terminated workflow leaves its task: found, not touched, killed with proof on --kill', async () => {
  const [left, running] = [await startTask(), await startTask()];
  await terminate(left.id);

  const found = await orphans();
  expect(found.exitCode).toBe(0);
  expect(found.orphans).toEqual([
    expect.objectContaining({
      vendor: 'linkis',
      connection: 'reaped',
      user: 'hadoop',
      remoteId: left.remoteId,
      name: 'spark-2.4.3',
      status: 'Running',
      workflowId: left.id,
      reason: 'its workflow is closed (terminated)',
    }),
  ]);
  expect(found.orphans[0].kill).toBeUndefined();
  expect(await statusOf(left.remoteId)).toBe('Running');

  const killed = await orphans('--kill');
  expect(killed).toMatchObject({
    exitCode: 0,
    orphans: [{ remoteId: left.remoteId, kill: { outcome: 'confirmed' } }],
  });
  expect(await statusOf(left.remoteId)).toBe('Cancelled');
  expect(await statusOf(running.remoteId)).toBe('Running');
  expect((await orphans('--kill')).orphans).toEqual([]);
});

test("a terminated workflow's SQLFlow job is found by its name alone, and removed on --kill", async () => {
  const [left, running] = [await startJob(), await startJob()];
  await terminate(left.id);
  const found = await orphans();
  expect(found.orphans).toMatchObject([
    { vendor: 'sqlflow', connection: 'sqlflow', remoteId: left.remoteId, workflowId: left.id },
  ]);
  expect(await isListed(left.remoteId)).toBe(true);
  const killed = await orphans('--kill');
  expect(killed).toMatchObject({ exitCode: 0, orphans: [{ kill: { outcome: 'removed' } }] });
  expect(await isListed(left.remoteId)).toBe(false);
  expect(await isListed(running.remoteId)).toBe(true);
});

test('jobs of workflows that Temporal does not know, or knows no more, are orphans too', async () => {
  const key = randomUUID();
  const owner = { namespace: 'default', installation, workflowId: 'long-gone' };
  await submitForeignJob(keyedJobName('a', { ...owner, key, persist: false }));
  await submitForeignTask({
    remoteJobsInstallation: installation,
    remoteJobsNamespace: 'default',
    remoteJobsWorkflowId: 'long-gone',
  });
  const killed = await orphans('--kill');
  expect(killed.exitCode).toBe(0);
  const reason = 'Temporal knows no such workflow';
  expect(killed.orphans).toMatchObject([
    { vendor: 'sqlflow', reason, kill: { outcome: 'removed' } },
    { vendor: 'linkis', reason, workflowId: 'long-gone', kill: { outcome: 'confirmed' } },
  ]);
});

test("another installation's and another namespace's jobs are never touched", async () => {
  const key = randomUUID();
  const own = { namespace: 'default', installation, workflowId: 'gone', key, persist: false };
  const names = [
    keyedJobName('a', { ...own, installation: 'staging' }),
    // Ends like one of ours.
    keyedJobName('a', { ...own, installation: `x--${installation}` }),
    keyedJobName('a', { ...own, namespace: 'etl' }),
  ];
  for (const jobName of names) await submitForeignJob(jobName);
  for (const remoteJobsInstallation of ['staging', `x--${installation}`]) {
    await submitForeignTask({ remoteJobsInstallation, remoteJobsNamespace: 'default' });
  }
  await submitForeignTask({ remoteJobsInstallation: installation, remoteJobsNamespace: 'etl' });
  const killed = await orphans('--kill');
  expect(killed).toMatchObject({ exitCode: 0, orphans: [], abandoned: [], unjudged: [] });
  expect(killed.looks).toMatchObject([
    { vendor: 'sqlflow', underWay: 3, own: 0 },
    { vendor: 'sqlflow', underWay: 3, own: 0 },
    { vendor: 'linkis', underWay: 3, own: 0 },
  ]);
  expect(await tasksUnderWay()).toHaveLength(3);
  expect((await flow.displayUserJobsSummary(signal)).jobs).toHaveLength(3);
});

test('jobs of before the marks told their owner are listed apart, and never killed', async () => {
  await submitForeignJob(`old--${installation}-0123456789ab`);
  await submitForeignTask({ remoteJobsInstallation: installation });
  const killed = await orphans('--kill');
  expect(killed).toMatchObject({ exitCode: 0, orphans: [] });
  expect(killed.unjudged).toMatchObject([
    { vendor: 'sqlflow', reason: expect.stringContaining('an earlier version') },
    { vendor: 'linkis', reason: expect.stringContaining('an earlier version') },
  ]);
  expect(await tasksUnderWay()).toHaveLength(1);
});

test('a persist job that was left on purpose is listed apart, and never deleted', async () => {
  const persist = await startJob('--persist');
  expect(await terminal().run('cancel', persist.id)).toBe(0);
  const { workflow } = jobs.temporal.client;
  const closed = `WorkflowId = "${persist.id}" AND ExecutionStatus = 'Canceled'`;
  await until(async () => (await workflow.count(closed)).count === 1);
  const terminated = await startJob('--persist');
  await terminate(terminated.id);
  const killed = await orphans('--kill');
  expect(killed).toMatchObject({ exitCode: 0, orphans: [] });
  expect(killed.abandoned.map((job: { remoteId: string }) => job.remoteId).sort()).toEqual(
    [persist.remoteId, terminated.remoteId].sort(),
  );
  expect(await isListed(persist.remoteId)).toBe(true);
  expect(await isListed(terminated.remoteId)).toBe(true);
});

test('a job that onCancel left alone is listed apart, and never deleted', async () => {
  const { client, taskQueue } = jobs.temporal;
  const workflowId = `abandon-${randomUUID()}`;
  const files = await jobs.stage({ 'slow.sql': '-- local: delay 600s\nselect 1;' });
  const job = {
    connection: 'sqlflow',
    jobName: 'left',
    dbVendor: 'dbvhive',
    files,
    onCancel: 'abandon',
  };
  const handle = await client.workflow.start('sqlflowJob', { taskQueue, workflowId, args: [job] });
  await until(async () => (await flow.displayUserJobsSummary(signal)).jobs.length === 1);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
  const closed = `WorkflowId = "${workflowId}" AND ExecutionStatus = 'Canceled'`;
  await until(async () => (await client.workflow.count(closed)).count === 1);
  const killed = await orphans('--kill');
  expect(killed).toMatchObject({ orphans: [], abandoned: [{ workflowId }] });
  expect((await flow.displayUserJobsSummary(signal)).jobs).toHaveLength(1);
});

test('a job that an open workflow follows is no orphan, nor one whose id a newer run has', async () => {
  const [task, job] = [await startTask(), await startJob()];
  await terminate(task.id);
  await terminate(job.id);
  const followed = await start('sqlflow', 'attach', job.remoteId, '--connection', 'also');
  const again = await startTask('--id', task.id);
  expect(await orphans('--kill')).toMatchObject({ exitCode: 0, orphans: [], unjudged: [] });
  expect(await statusOf(task.remoteId)).toBe('Running');
  await terminate(followed.id);
  await terminate(again.id);
  const killed = await orphans('--kill');
  expect(killed).toMatchObject({ exitCode: 0, unjudged: [], abandoned: [] });
  expect(killed.orphans).toHaveLength(3);
  expect(killed.orphans.map(({ kill }: { kill: { outcome: string } }) => kill.outcome)).toEqual([
    'removed',
    'confirmed',
    'confirmed',
  ]);
});

test('while Temporal or a service can’t be asked it answers 4, and touches nothing', async () => {
  const task = await startTask();
  await terminate(task.id);
  const typed = terminal('127.0.0.1:1');
  expect(await typed.run('orphans', '--kill')).toBe(4);
  expect(typed.stderr).toContain("Temporal can't be reached at 127.0.0.1:1");
  expect(await statusOf(task.remoteId)).toBe('Running');

  sqlflow.service.setFaults({ faults: [{ endpoint: '*', do: 'drop' }] });
  const found = await orphans();
  sqlflow.service.setFaults({ faults: [] });
  expect(found.exitCode).toBe(4);
  expect(found.orphans).toHaveLength(1);
  const [unasked, , asked] = found.looks;
  expect(unasked.problem).toContain(sqlflow.url);
  expect(asked.problem).toBeUndefined();
});

test('one connection is looked at where it is named, and an unknown name is refused', async () => {
  const [task, job] = [await startTask(), await startJob()];
  await terminate(task.id);
  await terminate(job.id);
  const found = await orphans('--connection', 'reaped');
  expect(found.orphans).toMatchObject([{ remoteId: task.remoteId }]);
  const typed = terminal();
  expect(await typed.run('orphans', '--connection', 'linkiss')).toBe(2);
  expect(typed.stderr).toContain('There is no connection "linkiss"');
});

test('in text it lists each orphan, says what to do, and tells the kill', async () => {
  const typed = terminal();
  expect(await typed.run('orphans')).toBe(0);
  expect(typed.stdout).toBe('');
  expect(typed.stderr).toContain('0 orphans among 0 jobs under way of installation prod');

  const task = await startTask();
  await terminate(task.id);
  expect(await typed.run('orphans')).toBe(0);
  expect(typed.stdout).toContain(`Linkis task ${task.remoteId}`);
  expect(typed.stdout).toContain('its workflow is closed (terminated)');
  expect(typed.stderr).toContain('1 orphan among 1 job under way');
  expect(typed.stderr).toContain('orphans --kill');

  expect(await typed.run('orphans', '--kill')).toBe(0);
  expect(typed.stdout).toContain('kill confirmed: ');
  expect(typed.stderr).not.toContain('Kill them with');
});

test('a kill without proof answers 5', async () => {
  const job = await startJob();
  await terminate(job.id);
  sqlflow.service.setFaults({
    faults: [{ endpoint: 'deleteUserJob', do: 'error', code: 426, message: 'upgrade' }],
  });
  const killed = await orphans('--kill');
  sqlflow.service.setFaults({ faults: [] });
  expect(killed).toMatchObject({
    exitCode: 5,
    orphans: [{ kill: { outcome: 'unconfirmed', remoteId: job.remoteId } }],
  });
});

test('a schedule has Temporal do it, is replaced by the next one, and removed', async () => {
  const { client } = jobs.temporal;
  const typed = terminal();
  const scheduleId = `remote-jobs-orphans-${installation}`;
  expect(await typed.run('orphans', '--schedule', '1h', '--output', 'json')).toBe(0);
  expect(typed.json).toMatchObject({ scheduleId, schedule: 'created' });
  const handle = client.schedule.getHandle(scheduleId);
  await handle.pause('for now');
  expect(await typed.run('orphans', '--kill', '--schedule', '15 3 * * *')).toBe(0);
  expect(typed.stderr).toContain(`Schedule ${scheduleId} updated: orphans are killed, 15 3 * * *.`);
  const described = await handle.describe();
  expect(described).toMatchObject({
    action: { workflowType: 'remoteJobsOrphans', args: [{ kill: true }] },
    policies: { overlap: 'SKIP' },
    state: { paused: true },
  });
  expect(described.spec.calendars).toMatchObject([
    { hour: [{ start: 3 }], minute: [{ start: 15 }] },
  ]);

  const task = await startTask();
  await terminate(task.id);
  await handle.trigger();
  await until(async () => (await statusOf(task.remoteId)) === 'Cancelled');

  expect(await typed.run('orphans', '--unschedule')).toBe(0);
  expect(await typed.run('orphans', '--unschedule', '--output', 'json')).toBe(0);
  expect(typed.json).toMatchObject({ schedule: 'none' });
  for (const wrong of ['10s', 'now and then']) {
    expect(await typed.run('orphans', '--schedule', wrong)).toBe(2);
  }
});

async function submitForeignJob(jobName: string): Promise<void> {
  const sql = Buffer.from('-- local: delay 600s\nselect 1;');
  const file = { name: 'a.sql', sizeBytes: sql.length, open: () => Readable.from([sql]) };
  await flow.submitUserJob({ jobName, dbVendor: 'dbvhive', files: [file] }, signal);
}

async function submitForeignTask(source: Readonly<Record<string, string>>): Promise<void> {
  const marks = { remoteJobsKey: randomUUID(), remoteJobsWorkflowId: 'gone', ...source };
  const engine = 'spark-2.4.3';
  await entrance.submit({ code: endless, engine, runType: 'sql', source: marks }, { signal });
}
