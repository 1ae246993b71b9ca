import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Terminal, type Printed } from './terminal';

const register = path.join(__dirname, '../support/register.js');
const main = path.join(__dirname, '../../src/cli/main.ts');
const anyPorts = [
  '--temporal-port',
  '0',
  '--ui-port',
  '0',
  '--sqlflow-port',
  '0',
  '--linkis-port',
  '0',
];

let cwd: string;
let env: NodeJS.ProcessEnv;
const children: ChildProcess[] = [];
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'cli-dev-'));
  env = {
    PATH: process.env.PATH,
    TEMPORAL_CLI_PATH: process.env.TEMPORAL_CLI_PATH ?? cachedTemporal(),
    HOME: cwd,
    // May be production; a dev stack must not go there.
    TEMPORAL_ADDRESS: 'production.invalid:7233',
    SQLFLOW_URL: 'http://production.invalid',
    SQLFLOW_USER_ID: 'somebody',
    SQLFLOW_TOKEN: 'a-production-token',
  };
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(cwd, { recursive: true, force: true });
});

/** HOME is another one here, where no binary is cached. */
function cachedTemporal(): string {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  return path.join(cache, 'temporal-remote-jobs', 'bin', 'temporal');
}

async function start(...args: string[]): Promise<{ child: ChildProcess; ready: Printed }> {
  const child = spawn(process.execPath, ['-r', register, main, ...args, '--output', 'json'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(
    createInterface({ input: child.stdout as NodeJS.ReadableStream }),
    'line',
  );
  return { child, ready: JSON.parse(line as string) };
}

async function stop(child: ChildProcess): Promise<number> {
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  const [code] = await exited;
  return code as number;
}

test('a dev stack is found by other terminals, runs jobs, and leaves nothing when it ends', async () => {
  const { child, ready } = await start('dev', ...anyPorts, '--quiet');
  expect(ready).toMatchObject({
    ready: true,
    temporal: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    ui: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    sqlflow: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/gspLive_backend$/),
    linkis: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
  });

  const bare = { HOME: cwd, PATH: env.PATH };
  const here = new Terminal({ cwd, env: bare });
  const spark = ['--engine', 'spark-2.4.3', '--run-type', 'sql', '--quiet'];
  expect(await here.run('linkis', 'run', '--code', 'select 1 as one', ...spark, '--out', 'o')).toBe(
    0,
  );
  expect((await readdir(path.join(cwd, 'o'))).sort()).toEqual([
    'log.txt',
    'result.json',
    'results',
  ]);
  expect(await here.run('sqlflow', 'jobs', '--output', 'json')).toBe(0);
  expect(here.json).toMatchObject({ connection: 'sqlflow', jobs: [] });

  const elsewhere = new Terminal({
    cwd: tmpdir(),
    env: bare,
    flags: ['--address', ready.temporal],
  });
  expect(await elsewhere.run('linkis', 'run', '--code', 'select 2 as two', ...spark)).toBe(0);
  expect(elsewhere.stdout).toContain('two\n2\n');
  expect(await elsewhere.run('doctor', '--output', 'json')).toBe(0);

  expect(await stop(child)).toBe(0);
  expect(await elsewhere.run('list')).toBe(4);
});

test.each(['sqlflow', 'linkis', 'temporal'])('local %s runs alone until Ctrl-C', async (piece) => {
  const { child, ready } = await start('local', piece, '--quiet');
  expect(ready).toMatchObject({ ready: true, url: expect.stringContaining('127.0.0.1:') });
  expect(await stop(child)).toBe(0);
});

test('a worker takes its connections from the environment and ends on Ctrl-C', async () => {
  const temporal = await start('local', 'temporal', '--quiet');
  const linkis = await start('local', 'linkis', '--quiet');
  for (const name of Object.keys(env))
    if (/^SQLFLOW_|TEMPORAL_ADDRESS/.test(name)) delete env[name];
  Object.assign(env, {
    LINKIS_URL: linkis.ready.url,
    LINKIS_USER: 'hadoop',
    LINKIS_PASSWORD: 'hadoop',
    TEMPORAL_ADDRESS: temporal.ready.url,
  });
  const worker = await start('worker', '--quiet');
  expect(worker.ready).toMatchObject({
    ready: true,
    temporal: temporal.ready.url,
    taskQueue: 'remote-jobs',
    connections: ['linkis'],
  });
  const terminal = new Terminal({ cwd, env });
  const run = ['linkis', 'run', '--code', 'select 1 as one', '--engine', 'spark-2.4.3'];
  expect(await terminal.run(...run, '--run-type', 'sql')).toBe(0);
  for (const { child } of [worker, temporal, linkis]) expect(await stop(child)).toBe(0);
});

test('a fault script that can not be followed is told', async () => {
  const terminal = new Terminal({ cwd, env });
  expect(await terminal.run('local', 'linkis', '--faults', 'nowhere.yaml')).toBe(2);
  expect(terminal.stderr).toContain('nowhere.yaml');
});
