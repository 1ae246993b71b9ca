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
  return { code, of: (check: string) => findings.find((finding) => finding.check === check) };
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
  expect(of('connection flow')?.found).toContain('NOT_SET_ANYWHERE');
  expect(of('secret WAREHOUSE')).toMatchObject({ status: 'warning' });
  expect(of('input root')).toMatchObject({ status: 'wrong' });
  expect(of('workers')).toMatchObject({
    status: 'unreachable',
    found: 'no worker polls task queue doctor-without-worker',
  });
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
  } finally {
    await deleteSchedule(client, { installation, name: 'nightly' });
  }
});

test('a namespace that is not there is told with the command that makes it', async () => {
  const { code, of } = await examine({}, { flags: ['--namespace', 'nowhere'] });
  expect(code).toBe(2);
  expect(of('namespace')?.cure).toContain('temporal operator namespace create nowhere');
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
