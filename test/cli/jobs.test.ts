import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { cliStack, endless, spark, type CliStack } from './cli-stack';
import { until } from '../support/until';

let stack: CliStack;
beforeAll(async () => {
  stack = await cliStack();
  await stack.write(
    'daily.sql',
    'create table sales.daily as select o.id, sum(o.amount) as total from orders o group by o.id;',
  );
  await stack.write('more.sql', 'create view sales.best as select d.id from sales.daily d;');
});
afterAll(() => stack.close());

const inCwd = (...parts: string[]) => path.join(stack.cwd, ...parts);

/** Starts an endless task and waits until it runs. */
async function startEndless(): Promise<string> {
  const terminal = stack.terminal();
  expect(await terminal.run('linkis', 'run', '--code', endless, ...spark, '--detach')).toBe(0);
  const id = terminal.stdout.trim();
  await until(async () => {
    await terminal.run('show', id, '--output', 'json');
    return terminal.json.progress?.status === 'Running';
  });
  return id;
}

test('a lineage job leaves result.json and all exports, and answers one JSON document', async () => {
  const terminal = stack.terminal();
  const code = await terminal.run(
    ...[
      'sqlflow',
      'run',
      'daily.sql',
      '--dbvendor',
      'hive',
      '--out',
      'lineage',
      '--output',
      'json',
    ],
  );
  expect(code).toBe(0);
  expect(terminal.json).toMatchObject({
    outcome: 'succeeded',
    exitCode: 0,
    result: {
      vendor: 'sqlflow',
      connection: 'sqlflow',
      status: 'success',
      decision: 'freshSubmit',
    },
    out: inCwd('lineage'),
  });
  expect((await readdir(inCwd('lineage'))).sort()).toEqual([
    'lineage.csv',
    'lineage.graphml',
    'lineage.json',
    'result.json',
  ]);
  const result = JSON.parse(await readFile(inCwd('lineage', 'result.json'), 'utf8'));
  expect(result).toEqual(terminal.json.result);
  expect(await readFile(inCwd('lineage', 'lineage.csv'), 'utf8')).toContain('orders,amount');
});

test('without --out the lineage is shown as from and to', async () => {
  const terminal = stack.terminal();
  expect(await terminal.run('sqlflow', 'run', 'daily.sql', '--dbvendor', 'dbvhive')).toBe(0);
  expect(terminal.stdout).toMatch(/orders\.amount +sales\.daily\.total +fdd/);
  expect(terminal.stderr).toMatch(
    /Get the files: remote-jobs .*results sqlflowJob\/daily\/\w+ --out/,
  );
});

test('a persist job is added to by its jobId', async () => {
  const terminal = stack.terminal();
  const persist = ['--dbvendor', 'hive', '--persist', '--output', 'json', '--export', 'csv'];
  expect(await terminal.run('sqlflow', 'run', 'daily.sql', ...persist)).toBe(0);
  const { jobId } = terminal.json.result;
  const more = ['--job-id', jobId, '--out', 'persist'];
  expect(await terminal.run('sqlflow', 'run', 'more.sql', ...persist, ...more)).toBe(0);
  expect(terminal.json.result.jobId).toBe(jobId);
  const csv = await readFile(inCwd('persist', 'lineage.csv'), 'utf8');
  expect(csv).toContain('orders,amount');
  expect(csv).toContain('best,id');
});

test('result sets are shown with NULL apart from an empty text', async () => {
  const terminal = stack.terminal();
  const code = "select 'a,b' as x, null as y, '' as z; select 1 as one where 1 = 0";
  expect(await terminal.run('linkis', 'run', '--code', code, ...spark)).toBe(0);
  expect(terminal.stdout).toMatch(/Result 0 \(1 row\)\nx +y +z\na,b +NULL\n/);
  expect(terminal.stdout).toContain('Result 1 (0 rows)\none\n');
  expect(terminal.stderr).toContain('INFO statement 1 of 2');
});

test('a file of code is run as it was, with its variables, and fetched into the folder', async () => {
  await stack.write('code.sql', 'select ${n} * 2 as doubled;');
  const terminal = stack.terminal();
  const args = ['--file', 'code.sql', '--var', 'n=21', '--format', 'jsonl', '--out', 'task'];
  expect(await terminal.run('linkis', 'run', ...args, ...spark, '--quiet')).toBe(0);
  expect(await readFile(inCwd('task', 'results', '0.jsonl'), 'utf8')).toBe('{"doubled":"42"}\n');
  expect(await readFile(inCwd('task', 'log.txt'), 'utf8')).toContain('select 21 * 2');
  expect(terminal.stderr).toBe('');
});

test('an earlier run leaves nothing in the folder that could be taken for the later one', async () => {
  const terminal = stack.terminal();
  const out = ['--out', 'again', '--quiet'];
  await terminal.run('linkis', 'run', '--code', 'select 1 a; select 2 b', ...spark, ...out);
  expect(await readdir(inCwd('again', 'results'))).toEqual(['0.csv', '1.csv']);
  await terminal.run('linkis', 'run', '--code', 'select 3 c', ...spark, ...out);
  expect(await readdir(inCwd('again', 'results'))).toEqual(['0.csv']);
  expect((await readdir(inCwd('again'))).sort()).toEqual(['log.txt', 'result.json', 'results']);
});

test("a failed task answers 1 with the service's words, the end of its log and the whole log", async () => {
  const terminal = stack.terminal();
  const code = await terminal.run(
    ...['linkis', 'run', '--code', 'select * from nowhere', ...spark, '--out', 'failed'],
  );
  expect(code).toBe(1);
  expect(terminal.stderr).toMatch(/Error: .*Failed: 21304 .*nowhere does not exist/);
  expect(terminal.stderr).toContain('The last lines of its log:');
  expect(terminal.stderr).toContain('The full log: failed/log.txt');
  expect(terminal.stderr).not.toMatch(/^\s+at /m);
  expect(await readdir(inCwd('failed'))).toEqual(['log.txt']);
  const json = ['--output', 'json', '--quiet'];
  await terminal.run('linkis', 'run', '--code', 'select * from nowhere', ...spark, ...json);
  expect(terminal.json).toMatchObject({
    outcome: 'failed',
    exitCode: 1,
    type: 'RemoteJob.Failed',
    report: { errorCode: '21304' },
  });
});

test('a task that is not done by its deadline is killed and answers 124', async () => {
  const terminal = stack.terminal();
  const args = ['--code', endless, ...spark, '--deadline', '8s', '--output', 'json'];
  expect(await terminal.run('linkis', 'run', ...args)).toBe(124);
  expect(terminal.json).toMatchObject({
    outcome: 'deadline',
    exitCode: 124,
    report: { kill: { outcome: 'confirmed' } },
  });
});

test('a detached task is watched, its log followed, cancelled and proven dead', async () => {
  const id = await startEndless();
  const [watching, following] = [stack.terminal(), stack.terminal()];
  const watched = watching.run('watch', id, '--output', 'json');
  const followed = following.run('logs', '-f', id);
  await until(async () => following.stdout.includes('statement 1 of 1'));

  const terminal = stack.terminal();
  await terminal.run('list', '--running', '--output', 'json');
  await until(async () => {
    await terminal.run('list', '--running', '--output', 'json');
    return terminal.json.jobs.some((job: { id: string }) => job.id === id);
  });
  expect(await terminal.run('results', id)).toBe(2);
  expect(terminal.stderr).toContain('is still running');

  expect(await terminal.run('cancel', id)).toBe(0);
  expect(terminal.stdout).toMatch(/^confirmed: /);
  expect(await watched).toBe(3);
  expect(watching.events[0]).toMatchObject({ event: 'job', id, stage: 'waiting' });
  expect(watching.events.at(-1)).toMatchObject({
    event: 'ended',
    outcome: 'cancelled',
    kill: { outcome: 'confirmed' },
    exitCode: 3,
  });
  expect(await followed).toBe(0);

  expect(await terminal.run('show', id)).toBe(0);
  expect(terminal.stdout).toMatch(/^kill +kill confirmed: /m);
  expect(await terminal.run('cancel', id, '--output', 'json')).toBe(0);
  expect(terminal.json).toMatchObject({ outcome: 'alreadyClosed', kill: { outcome: 'confirmed' } });
});

test("a finished task's log and results can be had by its id", async () => {
  const terminal = stack.terminal();
  await terminal.run('linkis', 'run', '--code', 'select 7 as seven', ...spark, '--id', 'seven');
  expect(await terminal.run('logs', 'seven')).toBe(0);
  expect(terminal.stdout).toContain('select 7 as seven');
  expect(await terminal.run('logs', 'seven', '--output', 'json')).toBe(0);
  expect(terminal.json.lines).toContain('select 7 as seven');
  expect(await terminal.run('results', 'seven', '--out', 'sevens')).toBe(0);
  expect(await readFile(inCwd('sevens', 'results', '0.csv'), 'utf8')).toBe('seven\r\n7\r\n');
});

test("somebody else's jobs are listed, followed and fetched", async () => {
  const terminal = stack.terminal();
  await terminal.run('sqlflow', 'run', 'daily.sql', '--dbvendor', 'hive', '--output', 'json');
  const { jobId } = terminal.json.result;
  const attach = ['sqlflow', 'attach', jobId, '--export', 'json', '--output', 'json'];
  expect(await terminal.run(...attach)).toBe(0);
  expect(terminal.json.result).toMatchObject({ jobId, decision: 'attached' });

  await terminal.run('linkis', 'run', '--code', 'select 5 as five', ...spark, '--output', 'json');
  const { taskId } = terminal.json.result;
  expect(await terminal.run('linkis', 'attach', taskId, '--out', 'attached', '--quiet')).toBe(0);
  expect(await readFile(inCwd('attached', 'results', '0.csv'), 'utf8')).toBe('five\r\n5\r\n');

  expect(await terminal.run('linkis', 'attach', '999999')).toBe(2);
});

test("the account's jobs come from the service itself", async () => {
  await stack.write(
    'flow.yaml',
    `connections:\n  flow: { type: sqlflow, url: "${stack.sqlflow.url}", userId: demo, secretKey: { file: key.txt } }\n`,
  );
  await stack.write('key.txt', 'demo-secret\n');
  const terminal = stack.terminal();
  expect(await terminal.run('sqlflow', 'jobs', '--config', 'flow.yaml', '--output', 'json')).toBe(
    0,
  );
  expect(terminal.json.connection).toBe('flow');
  expect(terminal.json.jobs.length).toBeGreaterThan(0);
});

test('a wrong secret is told as such, and answers 2', async () => {
  const terminal = stack.terminal();
  const run = ['sqlflow', 'run', 'daily.sql', '--dbvendor', 'hive', '--connection', 'wrong'];
  expect(await terminal.run(...run, '--output', 'json')).toBe(2);
  expect(terminal.json.type).toBe('Service.NotLoggedIn');
  expect(terminal.stdout + terminal.stderr).not.toContain('not-the-secret');
  expect(
    await terminal.run(
      'sqlflow',
      'run',
      'daily.sql',
      '--dbvendor',
      'hive',
      '--connection',
      'sqlfow',
    ),
  ).toBe(2);
  expect(terminal.stderr).toContain('sqlfow');
});

test('the id of a running job is refused with words', async () => {
  const id = await startEndless();
  const terminal = stack.terminal();
  const again = ['linkis', 'run', '--code', 'select 1', ...spark, '--id', id];
  expect(await terminal.run(...again)).toBe(2);
  expect(terminal.stderr).toContain(`A job with the id ${id} is running already`);
  expect(await terminal.run('cancel', id)).toBe(0);
});

test('a job that has begun is not given up, however long it takes', async () => {
  const terminal = stack.terminal();
  const run = ['linkis', 'run', '--code', '-- local: delay 2s\nselect 1 as one', ...spark];
  expect(await terminal.run(...run, '--start-within', '0s')).toBe(0);
});

test('without a worker it says so, gives up and submits nothing', async () => {
  const terminal = stack.terminal();
  const run = ['linkis', 'run', '--code', 'select 1', ...spark, '--task-queue', 'nobody-polls'];
  expect(await terminal.run(...run, '--start-within', '3s', '--id', 'never-began')).toBe(4);
  expect(terminal.stderr).toContain('no worker polls task queue nobody-polls; start one with');
  expect(terminal.stderr).toContain('Nothing was submitted');
  expect(await terminal.run('show', 'never-began')).toBe(0);
  expect(terminal.stdout).toContain('no worker polls task queue nobody-polls');
  await stack.jobs.temporal.client.workflow.getHandle('never-began').terminate();
});

test('a service that is down answers 4 with its address', async () => {
  stack.linkis.service.setFaults({ faults: [{ endpoint: '*', do: 'drop' }] });
  const terminal = stack.terminal();
  const run = ['linkis', 'run', '--code', 'select 1', ...spark, '--start-within', '5s'];
  expect(await terminal.run(...run)).toBe(4);
  stack.linkis.service.setFaults({ faults: [] });
  expect(terminal.stderr).toContain(stack.linkis.url);
  expect(terminal.stderr).toContain('The job could not begin');
});
