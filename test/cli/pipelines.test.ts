import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { until } from '../support/until';
import { cliStack, type CliStack } from './cli-stack';
import type { Terminal } from './terminal';

let stack: CliStack;
let plain: Terminal;

beforeAll(async () => {
  stack = await cliStack();
  plain = stack.terminal();
  await mkdir(path.join(stack.cwd, 'sql'));
  await stack.write('sql/orders.sql', 'insert into dw.orders select id, amount from raw.orders;');
  await stack.write('count.sql', "select '${id}' as task");
  await stack.write('etl.yaml', etl);
});
afterAll(() => stack.close());

const etl = `
name: etl
params:
  day: { type: date }
  table: { type: string, default: one }
steps:
  load:
    linkis:
      code: select '{{params.day | yyyyMMdd}}' as day, '{{params.table}}' as name
      engine: spark-2.4.3
      runType: sql
  count:
    needs: [load]
    linkis:
      file: count.sql
      engine: spark-2.4.3
      runType: sql
      variables: { id: '{{steps.load.taskId}}' }
  lineage:
    sqlflow: { connection: sqlflow, files: ['sql/**/*.sql'], dbvendor: hive, exports: [csv] }
  nightly:
    needs: [lineage]
    chain: { name: etl, connection: sqlflow, files: [sql], dbvendor: hive }
  release:
    needs: [count, nightly]
    approval: { message: 'Is {{params.day}} right, with {{steps.count.rows}} rows?', timeout: 1h }
  publish:
    needs: [release]
    linkis:
      code: select * from {{params.table}}_missing
      engine: spark-2.4.3
      runType: sql
  tell:
    needs: [publish]
    when: failure
    linkis: { code: 'select 1 as told', engine: spark-2.4.3, runType: sql }
`;

const id = 'pipelines/etl';

test('a pipeline runs its steps with parameters and outputs, asks, fails, and leaves a folder for each step', async () => {
  const running = plain.run(
    'pipeline',
    'run',
    'etl.yaml',
    '--param',
    'day=2026-05-01',
    '--id',
    id,
    '--out',
    'out',
    '--output',
    'json',
  );
  const other = stack.terminal();
  await until(async () => {
    await other.run('approve', '--output', 'json');
    return other.json.approvals.some(({ workflowId }: any) => workflowId === `${id}/release`);
  });
  expect(await other.run('approve', id, 'release', '--yes', '--by', 'alice')).toBe(0);
  expect(other.stderr).toContain('Is 2026-05-01 right, with 1 rows?');
  expect(other.stdout).toContain('Approved by alice; the pipeline goes on');
  expect(await running).toBe(1);
  expect(plain.json).toMatchObject({
    id,
    outcome: 'failed',
    type: 'Pipeline.Failed',
    result: { counts: { succeeded: 6, failed: 1 }, failed: [{ step: 'publish' }] },
  });
  const out = (file: string) => readFile(path.join(stack.cwd, 'out', file), 'utf8');
  expect(await out('load/results/0.csv')).toContain('20260501,one');
  const { steps } = JSON.parse(await out('result.json'));
  expect(await out('count/results/0.csv')).toContain(steps[0].remoteId);
  expect(await out('lineage/lineage.csv')).toContain('orders');
  expect(JSON.parse(await out('nightly/result.json'))).toMatchObject({ chain: 'etl', revision: 1 });
  expect(steps.map(({ name, standing }: any) => `${name} ${standing}`)).toEqual([
    'load succeeded',
    'count succeeded',
    'lineage succeeded',
    'nightly succeeded',
    'release succeeded',
    'publish failed',
    'tell succeeded',
  ]);
});

test('a retry says what it reuses and what it runs, with what was recorded; a run that succeeded has none', async () => {
  // What the file has become since is nobody's business.
  await writeFile(path.join(stack.cwd, 'etl.yaml'), 'name: etl\nsteps: {}\n');
  expect(await plain.run('pipeline', 'retry', id, '--id', `${id}-again`)).toBe(1);
  expect(plain.stderr).toContain('Reuses 5 steps: load, count, lineage, nightly, release');
  expect(plain.stderr).toContain('Runs 2 steps: publish, tell');
  expect(plain.stderr).toContain('one_missing');
  await stack.write('etl.yaml', etl);
  const one = ['pipeline', 'run', 'etl.yaml', '--param', 'day=2026-05-01', '--only', 'load'];
  expect(await plain.run(...one, '--id', `${id}-load`)).toBe(0);
  expect(plain.stdout).toContain('1 succeeded, 6 left out');
  expect(await plain.run('pipeline', 'retry', `${id}-load`)).toBe(2);
  expect(plain.stderr).toContain('succeeded: there is nothing to retry');
  expect(await plain.run('pipeline', 'retry', 'nowhere')).toBe(2);
});

test('runs are listed with their counts, and as jobs', async () => {
  await until(async () => {
    await plain.run('pipeline', 'list', '--name', 'etl', '--output', 'json');
    return plain.json.pipelines.length >= 3;
  });
  expect(await plain.run('pipeline', 'list', '--name', 'etl')).toBe(0);
  expect(plain.stdout).toMatch(/pipelines\/etl-load +completed +1 succeeded, 6 leftOut/);
  await plain.run('list', '--type', 'pipeline');
  expect(plain.stdout).toContain('pipelines/etl-again');
});

test('a run is shown with its steps, and its files can be had later', async () => {
  expect(await plain.run('show', id)).toBe(0);
  expect(plain.stdout).toMatch(/load +linkis +succeeded +\d+/);
  expect(plain.stdout).toMatch(/publish +linkis +failed .*one_missing/);
  expect(await plain.run('show', `${id}-again`, '--output', 'json')).toBe(0);
  expect(plain.json).toMatchObject({ id: `${id}-again`, state: { retryOf: id } });
  expect(await plain.run('show', `${id}/release`)).toBe(0);
  expect(plain.stdout).toContain('approved by alice');
  expect(await plain.run('cancel', id)).toBe(0);
  expect(plain.stderr).toContain('had ended already as failed');
});

test('a retry keeps the files of the run that it took over, whatever runs under its id since', async () => {
  const later = ['--param', 'day=2027-01-01', '--only', 'load', '--id', id];
  expect(await plain.run('pipeline', 'run', 'etl.yaml', ...later)).toBe(0);
  expect(await plain.run('results', `${id}-again`, '--out', 'again')).toBe(1);
  const csv = await readFile(path.join(stack.cwd, 'again/load/results/0.csv'), 'utf8');
  expect(csv).toContain('20260501,one');
  expect(await plain.run('show', `${id}-again`)).toBe(0);
  expect(plain.stdout).toMatch(new RegExp(`load +linkis +reused .*from ${id}/load`));
});

test('lines that are offered for a run have its id as a shell takes it', async () => {
  const odd = 'pipelines/the load';
  const one = ['--param', 'day=2026-05-01', '--only', 'load', '--id', odd];
  expect(await plain.run('pipeline', 'run', 'etl.yaml', ...one, '--detach')).toBe(0);
  expect(plain.stderr).toMatch(/remote-jobs (--\S+ \S+ )*watch 'pipelines\/the load' /);
  expect(await plain.run('watch', odd)).toBe(0);
  expect(await plain.run('results', odd)).toBe(0);
  expect(plain.stderr).toContain("results 'pipelines/the load' --out DIR");
});

test('what is wrong is told before anything is started', async () => {
  const run = (...more: string[]) => plain.run('pipeline', 'run', 'etl.yaml', ...more);
  expect(await run()).toBe(2);
  expect(plain.stderr).toContain('--param day=');
  expect(await run('--param', 'day=2026-05-01', '--only', 'count')).toBe(2);
  expect(plain.stderr).toContain('reads an output of load');
  expect(await run('--param', 'day=2026-05-01', '--from', 'lod')).toBe(2);
  expect(plain.stderr).toContain('lod: is no step');
  expect(await plain.run('pipeline', 'list', '--limit', 'x')).toBe(2);
  expect(plain.stderr).toContain('Give a whole number from 1.');
});

test('Ctrl-C cancels every step and waits for the proofs', async () => {
  await stack.write(
    'slow.yaml',
    `name: slow
steps:
  one: { linkis: { code: "-- local: delay 600s\\nselect 1", engine: spark-2.4.3, runType: sql } }
  two: { linkis: { code: "-- local: delay 600s\\nselect 1", engine: spark-2.4.3, runType: sql } }
`,
  );
  const running = plain.run('pipeline', 'run', 'slow.yaml', '--output', 'json');
  await until(
    async () => stack.linkis.tasks().filter(({ status }) => status === 'Running').length === 2,
  );
  plain.interrupt();
  expect(await running).toBe(3);
  expect(plain.json).toMatchObject({
    outcome: 'cancelled',
    kill: { outcome: 'confirmed', evidence: expect.stringContaining('2 remote jobs') },
  });
});
