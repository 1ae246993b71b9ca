import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkPackages, isInRange } from '../../src/cli/doctor/package-checks';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { until } from '../support/until';
import { cliStack, type CliStack } from './cli-stack';
import { createSchedule, deleteSchedule } from '../../src/starter/schedules';
import { otherUrls } from '../../src/cli/doctor/connection-checks';

let stack: CliStack;
beforeAll(async () => {
  stack = await cliStack();
  await stack.write('key.txt', 'demo-secret');
  await stack.write('password.txt', 'hadoop');
});
afterAll(() => stack.close());

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly found: string;
  readonly cure?: string;
  readonly fixed?: string;
}

async function examine(
  connections: object,
  { more = {}, flags = [] }: { more?: object; flags?: string[] } = {},
) {
  const config = { artifacts: { folder: stack.jobs.store.root }, connections, ...more };
  await stack.write('doctor.yaml', JSON.stringify(config));
  const terminal = stack.terminal();
  const code = await terminal.run(
    'doctor',
    '--config',
    'doctor.yaml',
    '--output',
    'json',
    ...flags,
  );
  const { findings, exitCode, ok } = terminal.json as {
    findings: Finding[];
    exitCode: number;
    ok: boolean;
  };
  expect(exitCode).toBe(code);
  expect(ok).toBe(code === 0);
  for (const { status, cure } of findings) expect(cure !== undefined).toBe(status !== 'ok');
  const of = (check: string) => findings.find((finding) => finding.check === check);
  return { code, findings, of };
}

const flow = (more: object = {}) => ({
  type: 'sqlflow',
  url: stack.sqlflow.url,
  userId: 'demo',
  secretKey: { file: 'key.txt' },
  ...more,
});
const tasks = (more: object = {}) => ({
  type: 'linkis',
  url: stack.linkis.url,
  user: 'hadoop',
  password: { file: 'password.txt' },
  ...more,
});

test('where everything is well it says what it found, and answers 0', async () => {
  const { code, of } = await examine({ flow: flow(), tasks: tasks() });
  expect(code).toBe(0);
  expect(of('Temporal')?.found).toMatch(/answers, server \d/);
  expect(of('search attribute')).toMatchObject({ status: 'ok' });
  expect(of('workers')).toMatchObject({ status: 'ok' });
  expect(of('connection flow')).toMatchObject({ status: 'ok' });
  expect(of('connection tasks')).toMatchObject({ status: 'ok' });
  expect(of('artifacts')).toMatchObject({ status: 'ok' });
});

test('a base URL with the wrong prefix is told with the right one', async () => {
  const { origin } = new URL(stack.sqlflow.url);
  const { code, of } = await examine({
    flow: flow({ url: `${origin}/api/gspLive_backend` }),
    tasks: tasks({ url: `${stack.linkis.url}/api` }),
  });
  expect(code).toBe(2);
  expect(of('connection flow')?.cure).toContain(`to ${stack.sqlflow.url}`);
  expect(of('connection tasks')?.cure).toContain(`to ${stack.linkis.url}`);
});

test('wrong credentials are told apart from a service that is down', async () => {
  await stack.write('wrong.txt', 'not-the-secret');
  const wrong = await examine({
    flow: flow({ secretKey: { file: 'wrong.txt' } }),
    tasks: tasks({ password: { file: 'wrong.txt' } }),
  });
  expect(wrong.code).toBe(2);
  expect(wrong.of('connection flow')).toMatchObject({ status: 'wrong' });
  expect(wrong.of('connection flow')?.cure).toContain('secretKey');
  expect(wrong.of('connection tasks')?.cure).toContain('password');
  expect(JSON.stringify([wrong.of('connection flow'), wrong.of('connection tasks')])).not.toContain(
    'not-the-secret',
  );

  const down = await examine({ flow: flow({ url: 'http://127.0.0.1:1/gspLive_backend' }) });
  expect(down.code).toBe(4);
  expect(down.of('connection flow')).toMatchObject({ status: 'unreachable' });
});

test('a missing secret, a missing root and a queue without a worker are found', async () => {
  const { code, of } = await examine(
    { flow: flow({ secretKey: { env: 'NOT_SET_ANYWHERE' } }) },
    {
      more: { inputs: { roots: ['nowhere'] }, secrets: { WAREHOUSE: { env: 'NOT_SET_EITHER' } } },
      flags: ['--task-queue', 'doctor-without-worker'],
    },
  );
  expect(code).toBe(2);
  expect(of('connection flow')?.found).toContain('NOT_SET_ANYWHERE, which is not set');
  expect(of('connection flow')?.cure).toContain('and here to have it tried');
  expect(of('secret WAREHOUSE')).toMatchObject({
    status: 'warning',
    found:
      'secrets.WAREHOUSE is read from the environment variable NOT_SET_EITHER, which is not set',
    cure: 'set it where the worker runs',
  });
  expect(of('input root')).toMatchObject({ status: 'wrong' });
  expect(of('input root')?.found).toMatch(/nowhere isn't there$/);
  expect(of('workers')).toMatchObject({
    status: 'unreachable',
    found: 'no worker polls task queue doctor-without-worker',
  });
});

test('jobs of a task queue that no worker polls any more are told, with the worker that they need', async () => {
  const { client } = stack.jobs.temporal;
  const left = `left-by-${stack.jobs.temporal.taskQueue}`;
  const handle = await client.workflow.start('linkisTask', {
    workflowId: left,
    taskQueue: left,
    args: [{}],
  });
  await until(async () => {
    const { code, findings } = await examine({});
    expect(code).not.toBe(2);
    const told = findings.find(({ found }) => found.includes(left));
    if (told === undefined) return false;
    expect(told).toMatchObject({
      check: 'workers',
      status: 'warning',
      found: `1 workflow of task queue ${left} still runs, and no worker polls task queue ${left}`,
      cure: expect.stringContaining(`remote-jobs worker --task-queue ${left}`),
    });
    return true;
  });
  await handle.terminate();
});

test('a quota is compared with what is scheduled, and one that is too small is told with a cure', async () => {
  const { client } = stack.jobs.temporal;
  const installation = `doctor-${stack.jobs.temporal.taskQueue}`.slice(0, 32);
  const job = { connection: 'busy', jobName: 'nightly', dbVendor: 'hive' } as const;
  const files = { folder: stack.cwd, paths: ['a.sql'] };
  await createSchedule(
    client,
    {
      name: 'nightly',
      times: { cron: ['0 3 * * *'] },
      policy: {},
      paused: false,
      run: { type: 'sqlflowJob', files, job },
    },
    { installation, taskQueue: stack.jobs.temporal.taskQueue },
  );
  await createSchedule(
    client,
    {
      name: 'weekly',
      times: { cron: ['0 4 * * 1'] },
      policy: {},
      paused: false,
      run: { type: 'pipeline', file: `${stack.cwd}/weekly.yaml`, name: 'weekly' },
    },
    { installation, taskQueue: stack.jobs.temporal.taskQueue },
  );
  try {
    const { code, of } = await examine({
      calm: flow({ quota: { calls: 10_000, per: 'month' } }),
      busy: flow({ quota: { calls: 100, per: 'month' } }),
      tasks: tasks(),
    });
    expect(code).toBe(0);
    expect(of('quota of calm')).toMatchObject({ status: 'ok' });
    expect(of('quota of calm')?.found).toMatch(/^10,000 calls a month: 0 scheduled run/);
    expect(of('quota of tasks')).toBeUndefined();
    expect(of('quota of busy')).toMatchObject({ status: 'warning' });
    expect(of('quota of busy')?.found).toMatch(/: (29|30|31) scheduled run\(s\) .* which is more$/);
    expect(of('quota of busy')?.cure).toContain('connections.busy.quota');
    expect(of('quota of pipelines')).toMatchObject({
      status: 'ok',
      found: expect.stringMatching(/^1 scheduled pipeline with [45] runs in the next 30 days left/),
    });
  } finally {
    await deleteSchedule(client, { installation, name: 'nightly' });
    await deleteSchedule(client, { installation, name: 'weekly' });
  }
});

test('a namespace that is not there is told with the command that makes it', async () => {
  const { code, of } = await examine({}, { flags: ['--namespace', 'nowhere'] });
  expect(code).toBe(2);
  expect(of('namespace')?.cure).toContain('temporal operator namespace create nowhere');
});

test('--fix creates the namespace, registers the search attribute and makes missing roots in one run, and says so', async () => {
  const namespace = `fixed-${stack.jobs.temporal.taskQueue}`;
  const root = `${stack.cwd}/made/root`;
  const flags = ['--namespace', namespace];
  const more = { inputs: { roots: [root] } };
  const before = await examine({}, { flags, more });
  expect(before.of('namespace')).toMatchObject({ status: 'wrong', fixable: true });
  expect(before.of('input root')).toMatchObject({ status: 'wrong', fixable: true });

  const first = await examine({}, { flags: [...flags, '--fix'], more });
  expect(first.of('namespace')).toMatchObject({ status: 'ok', fixed: expect.any(String) });
  expect(first.of('input root')).toMatchObject({ status: 'ok', fixed: expect.any(String) });
  expect(first.of('search attribute')).toMatchObject({ status: 'ok', fixed: expect.any(String) });
  expect(first.of('workers')?.found).toMatch(/^no worker polls task queue/);
  await until(async () => {
    const { of } = await examine({}, { flags, more });
    return of('search attribute')?.status === 'ok';
  });
  const { of } = await examine({}, { flags, more });
  expect(of('namespace')?.found).toContain('keeps what ended for 7');
  expect(of('input root')).toMatchObject({ status: 'ok' });
});

test('on a terminal --fix asks before it changes anything', async () => {
  const root = `${stack.cwd}/asked/root`;
  const config = { artifacts: { folder: stack.jobs.store.root }, inputs: { roots: [root] } };
  await stack.write('doctor.yaml', JSON.stringify(config));
  const terminal = stack.terminal({ tty: true });
  const run = terminal.run('doctor', '--config', 'doctor.yaml', '--fix');
  await terminal.untilSaid(/Make the folder .*asked/s);
  terminal.press('n');
  expect(await run).toBe(2);
  expect(existsSync(root)).toBe(false);
});

test('a clock that goes wrong is told, whatever the service answers', async () => {
  const server = createServer((_request, response) => {
    response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString());
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { of } = await examine({
    ahead: flow({ url: `http://127.0.0.1:${port}/gspLive_backend` }),
    flow: flow(),
  });
  server.close();
  expect(of('clock of ahead')).toMatchObject({ status: 'warning' });
  expect(of('clock of ahead')?.found).toMatch(/ 3(599|600|601) s ahead of/);
  expect(of('clock of flow')).toBeUndefined();
});

test('what a Linkis can do, and whether its token is good for each user, is found out by asking', async () => {
  await stack.write('token.txt', 'local-token');
  const old = await LocalLinkis.start({ behaviour: { listTaskIds: false } });
  try {
    const token = { password: undefined, token: { file: 'token.txt' } };
    const { of } = await examine({
      tasks: tasks({ ...token, users: ['alice', 'bob'] }),
      old: tasks({ url: old.url }),
    });
    expect(of('connection tasks')?.found).toMatch(/Linkis 1\.7 or later.*; acts for alice, bob$/);
    expect(of('connection old')?.found).toContain('older than Linkis 1.7');
  } finally {
    await old.close();
  }
});

test('packages that are not those that this one is made for are told with what to install', () => {
  const peers = { '@temporalio/client': '^1.24.0', '@temporalio/worker': '^1.24.0' };
  const of = (client: string, worker: string) =>
    checkPackages(
      { version: '0.1.0', engines: { node: '>=20.3' }, peerDependencies: peers },
      (name) => (name === '@temporalio/client' ? client : worker),
    )[1];
  expect(of('1.24.1', '1.24.1')).toMatchObject({ status: 'ok' });
  expect(of('2.0.0', '1.24.1')).toMatchObject({
    status: 'warning',
    cure: "npm install '@temporalio/client@^1.24.0'",
  });
  expect(of('1.25.0', '1.24.1')).toMatchObject({
    status: 'wrong',
    cure: expect.stringContaining('@temporalio/worker@1.25.0'),
  });
  const [node] = checkPackages({ version: '0.1.0', engines: { node: '>=99.0' } });
  expect(node).toMatchObject({ check: 'Node', status: 'wrong' });
  expect(isInRange('0.12.4', '^0.12.1')).toBe(true);
  expect(isInRange('0.13.0', '^0.12.1')).toBe(false);
});

test('other addresses are tried with and without /api', () => {
  expect(otherUrls({ type: 'sqlflow', url: 'http://h:8165/gspLive_backend' })).toEqual([
    'http://h:8165/api/gspLive_backend',
  ]);
  expect(otherUrls({ type: 'sqlflow', url: 'https://h/x/' })).toEqual([
    'https://h/api/x',
    'https://h/gspLive_backend',
    'https://h/api/gspLive_backend',
  ]);
  expect(otherUrls({ type: 'linkis', url: 'http://h:9001/api' })).toEqual(['http://h:9001']);
});

test('config check says what holds and whether each credential is there, never its value', async () => {
  await stack.write(
    'check.yaml',
    JSON.stringify({
      artifacts: { folder: 'kept' },
      connections: {
        flow: flow({ quota: { calls: 100_000, per: 'day', share: 0.5 } }),
        tasks: tasks({ password: { env: 'NOT_SET_ANYWHERE' } }),
      },
    }),
  );
  const terminal = stack.terminal();
  expect(await terminal.run('config', 'check', '--config', 'check.yaml')).toBe(0);
  expect(terminal.stdout).toContain(`${stack.cwd}/kept`);
  expect(terminal.stdout).toMatch(/flow +sqlflow +http.* there$/m);
  expect(terminal.stdout).toContain(
    'quota of flow: 100,000 calls a day, of which a worker takes 50 %',
  );
  expect(terminal.stdout).toContain('NOT_SET_ANYWHERE, which is not set');
  expect(terminal.stdout).not.toContain('demo-secret');
});
