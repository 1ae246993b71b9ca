import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { announceWorker, findWorkersHere } from '../../src/cli/worker-state';
import { startJob } from '../../src/starter/start';
import { onFreeAddress } from '../support/free-address';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';
import { serve } from '../clients/http/server';
import { Terminal } from './terminal';

const register = path.join(__dirname, '../support/register.js');
const main = path.join(__dirname, '../../src/cli/main.ts');

let temporal: TestTemporal;
let linkis: LocalLinkis;
let cwd: string;
let env: NodeJS.ProcessEnv;
const children: ChildProcess[] = [];
beforeAll(async () => {
  [temporal, linkis] = await Promise.all([testTemporal(), LocalLinkis.start()]);
  linkis.setPassword('hadoop', 'first-password');
  cwd = await mkdtemp(path.join(tmpdir(), 'cli-operations-'));
  env = { PATH: process.env.PATH, HOME: cwd };
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await temporal.close();
  await linkis.close();
  await rm(cwd, { recursive: true, force: true });
});

const password = () => path.join(cwd, 'password');

async function configured(passwordFile = 'password', more = ''): Promise<void> {
  await writeFile(
    path.join(cwd, 'remote-jobs.yaml'),
    `connections:
  cluster: { type: linkis, url: "${linkis.url}", user: hadoop, password: { file: ${passwordFile} } }
${more}`,
  );
}

/** A worker in a process of its own that polls. */
async function startWorker(health: string) {
  const where = ['--address', temporal.address, '--task-queue', temporal.taskQueue];
  const args = ['-r', register, main, 'worker', ...where, '--output', 'json', '--health', health];
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const lines = createInterface({ input: child.stdout });
  const died = once(child, 'exit').then(() => {
    throw new Error(`the worker ended before it polled: ${said}`);
  });
  died.catch(() => undefined);
  const [line] = (await Promise.race([once(lines, 'line'), died])) as [string];
  const ready = JSON.parse(line) as { health: string };
  return { child, ready, said: () => said };
}

async function runTask(workflowId: string): Promise<unknown> {
  const { client, taskQueue } = temporal;
  const input = { engine: 'spark-2.4.3', runType: 'sql', code: 'select 1 as one' };
  const handle = await startJob(client, 'linkisTask', input, { workflowId, taskQueue });
  return handle.result();
}

test('a worker answers probes while it runs, takes a rotated password, and ends with exit code 0 on SIGTERM', async () => {
  await writeFile(password(), 'first-password\n');
  await configured();
  const { child, ready, said } = await onFreeAddress(startWorker);
  const base = ready.health.replace(/\/readyz$/, '');

  const alive = await fetch(`${base}/healthz`);
  expect([alive.status, await alive.json()]).toEqual([200, { alive: true }]);
  const poll = await fetch(ready.health);
  expect([poll.status, await poll.json()]).toEqual([
    200,
    { ready: true, worker: 'polling', temporal: 'reachable' },
  ]);
  expect((await fetch(`${base}/metrics`)).status).toBe(404);
  expect((await fetch(ready.health, { method: 'POST' })).status).toBe(405);

  await runTask(`${temporal.taskQueue}-before`);
  // The old password and its sessions are no longer good; nobody tells the worker.
  linkis.setPassword('hadoop', 'second-password');
  await writeFile(password(), 'second-password\n');
  await runTask(`${temporal.taskQueue}-after`);

  // Another file, by the configuration, and a setting that only a start reads.
  linkis.setPassword('hadoop', 'third-password');
  await writeFile(path.join(cwd, 'other'), 'third-password\n');
  await configured(
    'other',
    'limits: { maxResultRows: 5 }\nmetrics: { address: "127.0.0.1:9464" }\n',
  );
  const terminal = new Terminal({ cwd, env });
  expect(await terminal.run('config', 'reload', '--output', 'json')).toBe(0);
  const { taskQueue } = temporal;
  expect(terminal.json).toEqual({
    workers: [
      {
        pid: child.pid,
        taskQueue,
        answered: true,
        renewed: ['cluster'],
        ignored: ['limits', 'metrics'],
        problems: [],
      },
    ],
  });
  await runTask(`${temporal.taskQueue}-third`);

  // What is wrong with the file is told, and the worker goes on as it was.
  await writeFile(
    path.join(cwd, 'remote-jobs.yaml'),
    'connections: { cluster: { type: linkis } }\n',
  );
  child.kill('SIGHUP');
  await until(async () => said().includes('remote-jobs.yaml:1:'));
  expect(said()).toContain('Read the configuration anew');
  await runTask(`${temporal.taskQueue}-still`);
  expect(said()).not.toContain('-password');

  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await configured();
  expect(await terminal.run('config', 'reload')).toBe(4);
  expect(terminal.stderr).toContain('No worker of this user runs on this machine with');
});

test('an address for probes that is taken or none is told before anything is polled', async () => {
  await writeFile(password(), 'first-password\n');
  await configured();
  const taken = new URL(linkis.url).host;
  const terminal = new Terminal({ cwd, env, flags: ['--address', temporal.address] });
  expect(await terminal.run('worker', '--health', taken)).toBe(2);
  expect(terminal.stderr).toContain(`Probes can't be answered at ${taken} (`);
  expect(await terminal.run('worker', '--health', '8090')).toBe(2);
  expect(terminal.stderr).toContain(
    '--health is "8090": give host and port, such as 127.0.0.1:8090',
  );
});

test('SIGHUP ends no worker that is ending, and a second SIGTERM ends it at once', async () => {
  const asked: string[] = [];
  const silent = await serve(({ url = '' }) => void asked.push(url));
  await writeFile(
    path.join(cwd, 'remote-jobs.yaml'),
    `connections: { cluster: { type: linkis, url: "${silent.url}", user: hadoop, token: { env: TOKEN } } }\n`,
  );
  env = { ...env, TOKEN: 'of-the-silent-one' };
  const { child, ready } = await onFreeAddress(startWorker);
  const exit = once(child, 'exit');
  const { client, taskQueue } = temporal;
  const input = { engine: 'spark-2.4.3', runType: 'sql', code: 'select 1 as one' };
  const workflowId = `${taskQueue}-twice`;
  await startJob(client, 'linkisTask', input, { workflowId, taskQueue });
  await until(async () => asked.some((url) => url.endsWith('/submit')));
  child.kill('SIGTERM');
  await until(async () => (await fetch(ready.health)).status === 503);
  child.kill('SIGHUP');
  expect(await (await fetch(ready.health)).json()).toMatchObject({ worker: 'stopping' });
  child.kill('SIGTERM');
  expect(await exit).toEqual([null, 'SIGTERM']);
  await client.workflow.getHandle(workflowId).terminate();
  await silent.close();
});

test('a reload sends no signal to a process that has the id of a worker that was killed', async () => {
  await configured();
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  children.push(stranger);
  const { pid = 0 } = stranger;
  const { address, taskQueue } = temporal;
  const config = path.join(cwd, 'remote-jobs.yaml');
  await announceWorker(
    { env },
    { pid, config, temporal: address, namespace: 'default', taskQueue },
  );
  expect((await findWorkersHere({ env })).map((worker) => worker.pid)).toContain(pid);
  const kept = path.join(cwd, '.cache/temporal-remote-jobs/workers', `${hostname()}-${pid}.json`);
  const left = JSON.parse(await readFile(kept, 'utf8')) as object;
  await writeFile(kept, JSON.stringify({ ...left, processStart: 'of the worker' }));

  const terminal = new Terminal({ cwd, env });
  expect(await terminal.run('config', 'reload')).toBe(4);
  expect(terminal.stderr).toContain('No worker of this user runs on this machine with');
  expect(existsSync(kept)).toBe(false);
  stranger.kill('SIGTERM');
  // SIGHUP would have ended it before.
  expect(await once(stranger, 'exit')).toEqual([null, 'SIGTERM']);
});
