import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LinkisClient } from '../../src/clients/linkis/client';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';
import { endless, spark } from './cli-stack';
import { Terminal } from './terminal';

const { signal } = new AbortController();
let linkis: LocalLinkis;
let jobs: JobStack;
let cwd: string;
let admin: LinkisClient;

beforeAll(async () => {
  linkis = await LocalLinkis.start();
  const { url } = linkis;
  const token = { value: 'local-token' };
  const team = { type: 'linkis', url, user: 'hadoop', token, users: ['alice'] } as const;
  jobs = await jobStack({ team }, { installation: 'acts-for-users' });
  admin = new LinkisClient({ url, user: 'hadoop', credential: { token: 'local-token' } });
  cwd = await mkdtemp(path.join(tmpdir(), 'users-'));
  await writeFile(
    path.join(cwd, 'remote-jobs.yaml'),
    `installation: acts-for-users\nartifacts: { folder: ${JSON.stringify(jobs.store.root)} }\n`,
  );
});
afterAll(async () => {
  await admin.close();
  await jobs.close();
  await linkis.close();
  await rm(cwd, { recursive: true, force: true });
});

function terminal(): Terminal {
  const { address, taskQueue } = jobs.temporal;
  const flags = ['--address', address, '--task-queue', taskQueue];
  return new Terminal({ cwd, env: { HOME: cwd }, flags });
}

const asAlice = ['--user', 'alice', ...spark, '--output', 'json'];
const rowOf = (taskId: string, user: string) => admin.getTask(taskId, { signal, user });

test('a task of a listed user is submitted, followed and fetched as that user', async () => {
  const run = terminal();
  const code = 'select 7 as seven';
  expect(await run.run('linkis', 'run', '--code', code, ...asAlice, '--out', 'got')).toBe(0);
  const { taskId } = run.json.result;
  expect(await rowOf(taskId, 'alice')).toMatchObject({ status: 'Succeed' });
  await expect(rowOf(taskId, 'bob')).rejects.toThrow();
  expect(await readFile(path.join(cwd, 'got/results/0.csv'), 'utf8')).toContain('7');
});

test('a cancel kills it as that user, and a terminated workflow leaves an orphan under that name', async () => {
  const { client } = jobs.temporal;
  const start = async (id: string): Promise<string> => {
    const run = terminal();
    const line = ['linkis', 'run', '--code', endless, ...asAlice, '--detach', '--id', id];
    expect(await run.run(...line)).toBe(0);
    let taskId: string | undefined;
    await until(async () => {
      await run.run('show', id, '--output', 'json');
      taskId = run.json.job?.remoteId;
      return taskId !== undefined;
    });
    return taskId ?? '';
  };
  const [cancelled, left] = await Promise.all([
    start(`cancelled-${jobs.temporal.taskQueue}`),
    start(`left-${jobs.temporal.taskQueue}`),
  ]);
  expect(await terminal().run('cancel', `cancelled-${jobs.temporal.taskQueue}`)).toBe(0);
  expect(await rowOf(cancelled, 'alice')).toMatchObject({ status: 'Cancelled' });

  const workflowId = `left-${jobs.temporal.taskQueue}`;
  await client.workflow.getHandle(workflowId).terminate();
  const open = `WorkflowId = "${workflowId}" AND ExecutionStatus = 'Running'`;
  await until(async () => (await client.workflow.count(open)).count === 0);
  const orphans = terminal();
  expect(await orphans.run('orphans', '--kill', '--output', 'json')).toBe(0);
  expect(orphans.json.orphans).toMatchObject([
    { remoteId: left, user: 'alice', kill: { outcome: 'confirmed' } },
  ]);
  expect(await rowOf(left, 'alice')).toMatchObject({ status: 'Cancelled' });
});

test('a user who is not listed is refused before anything is sent', async () => {
  const before = linkis.service.calls.length;
  const run = terminal();
  const line = ['linkis', 'run', '--code', 'select 1', '--user', 'mallory', ...spark];
  expect(await run.run(...line)).toBe(2);
  expect(run.stderr).toContain('mallory');
  const sent = linkis.service.calls.slice(before).map(({ endpoint }) => endpoint);
  expect(sent.filter((endpoint) => endpoint.includes('submit'))).toEqual([]);
});
