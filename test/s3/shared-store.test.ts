import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LogChunks } from '../../src/artifacts/log-chunks';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { noAbort } from '../artifacts/support';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';
import { bucketName, testBucket, type TestBucket } from './bucket';
import { Machine } from './machine';

const bucket = testBucket() as TestBucket;
const prefix = `shared/${randomUUID()}`;
const store = bucket.store({ prefix });

let temporal: TestTemporal;
let linkis: LocalLinkis;
let sqlflow: LocalSqlFlow;
const machines: Machine[] = [];
/** Two with a worker each, and one that asks. They have nothing in common but the bucket. */
let [first, second, caller]: Machine[] = [];

beforeAll(async () => {
  [temporal, linkis, sqlflow] = await Promise.all([
    testTemporal(),
    LocalLinkis.start(),
    LocalSqlFlow.start(),
  ]);
  const config = {
    connections: {
      flow: {
        type: 'sqlflow',
        url: sqlflow.url,
        userId: 'demo',
        secretKey: { env: 'SQLFLOW_KEY' },
      },
      tasks: {
        type: 'linkis',
        url: linkis.url,
        user: 'hadoop',
        password: { env: 'LINKIS_PASS' },
      },
    },
    artifacts: {
      s3: {
        bucket: bucketName,
        prefix,
        endpoint: bucket.endpoint,
        accessKeyId: { env: 'S3_KEY' },
        secretAccessKey: { env: 'S3_SECRET' },
      },
    },
  };
  const flags = ['--address', temporal.address, '--task-queue', temporal.taskQueue];
  for (let number = 0; number < 3; number += 1) machines.push(await Machine.make(config, flags));
  [first, second, caller] = machines;
}, 60_000);

afterAll(async () => {
  for (const machine of machines) await machine.remove();
  await store.close();
  await temporal.close();
  await Promise.all([linkis.close(), sqlflow.close()]);
}, 60_000);

const at = (machine: Machine | undefined) => {
  if (machine === undefined) throw new Error('there is no such machine');
  return machine;
};

/** What the service itself says. */
async function asked(endpoint: string): Promise<any> {
  const answer = await fetch(`${linkis.url}/api/rest_j/v1/${endpoint}`, {
    headers: { 'Token-Code': 'local-token', 'Token-User': 'hadoop' },
  });
  return ((await answer.json()) as any).data;
}

test('a worker killed while it collects a log: another machine goes on, no line is lost or doubled', async () => {
  const statements = Array.from(
    { length: 250 },
    (_, number) => `-- local: delay 60ms\nselect ${number} as n where ${number} < 0;`,
  );
  await writeFile(path.join(at(caller).folder, 'task.sql'), statements.join('\n'));
  // The whole log at the end can't be had: what was collected is all there is.
  linkis.service.setFaults({ faults: [{ endpoint: 'openLog', do: 'status', status: 404 }] });
  await at(first).startWorker();
  const terminal = at(caller).terminal();
  const run = terminal.run(
    ...['linkis', 'run', '--file', 'task.sql', '--engine', 'spark-2.4.3', '--run-type', 'sql'],
    ...['--out', 'out', '--output', 'json', '--quiet'],
  );
  const chunks = async () =>
    (await store.list('', noAbort)).filter((key) => /\/\d{16}-\d{16}\.\d+\.\d+$/.test(key));
  await Promise.race([
    until(async () => (await chunks()).length >= 3, 60_000),
    run.then(() => {
      throw new Error(`it ended too early: ${terminal.stdout} ${terminal.stderr}`);
    }),
  ]);
  const [key = ''] = await chunks();
  await at(second).startWorker();
  await at(first).stopWorker('SIGKILL');
  const log = new LogChunks(store, key.split('/').slice(0, -2).join('/'));
  const before = await log.resume(noAbort);
  expect(before.lines).toBeGreaterThan(0);
  expect(await run).toBe(0);
  expect(terminal.json).toMatchObject({
    outcome: 'succeeded',
    result: { decision: 'freshSubmit', log: { source: 'collected' } },
  });

  linkis.service.setFaults({ faults: [] });
  const { taskId } = terminal.json.result;
  const { task } = await asked(`jobhistory/${taskId}/get`);
  const { log: texts } = await asked(`filesystem/openLog?path=${encodeURIComponent(task.logPath)}`);
  // Errors, warnings, infos, and all of them.
  const lines = texts[3].trimEnd().split('\n');
  const collected = await readFile(path.join(at(caller).folder, 'out/log.txt'), 'utf8');
  expect(collected.trimEnd().split('\n')).toEqual(lines);
  expect(lines.length).toBeGreaterThan(before.lines);
  expect(linkis.service.calls.filter(({ endpoint }) => endpoint === 'submit')).toHaveLength(1);
  expect(await at(caller).terminal().run('logs', terminal.json.workflowId, '--quiet')).toBe(0);
}, 300_000);

test('results and chains go through the bucket: staged here, worked off there, read and compared anywhere', async () => {
  await at(second).stopWorker('SIGTERM');
  await at(first).startWorker();
  const terminal = at(caller).terminal();
  const out = path.join(at(caller).folder, 'rows');
  const ended = await terminal.run(
    ...['linkis', 'run', '--code', 'select i from range(2500) t(i)', '--engine', 'spark-2.4.3'],
    ...['--run-type', 'sql', '--out', 'rows', '--quiet'],
  );
  expect([ended, terminal.stderr]).toEqual([0, '']);
  const rows = (await readFile(path.join(out, 'results/0.csv'), 'utf8')).trimEnd().split('\r\n');
  expect(rows).toHaveLength(2501);

  const sql = path.join(at(caller).folder, 'load.sql');
  const refresh = ['chain', 'refresh', 'shared', 'load.sql', '--dbvendor', 'hive', '--quiet'];
  await writeFile(sql, 'insert into mart.t (a) select a from raw.s;');
  expect(await terminal.run(...refresh, '--out', 'one')).toBe(0);
  await at(first).stopWorker('SIGKILL');
  await at(second).startWorker();
  await writeFile(sql, 'insert into mart.t (a, b) select a, b from raw.s;');
  expect(await terminal.run(...refresh, '--out', 'two')).toBe(0);
  expect(await readdir(path.join(at(caller).folder, 'two'))).toContain('diff.md');
  expect(await readdir(path.join(at(caller).folder))).not.toContain('remote-jobs-artifacts');

  // A fourth reader: neither Temporal nor a worker is needed.
  await at(second).stopWorker('SIGTERM');
  const reader = at(first).terminal();
  expect(await reader.run('lineage', 'show', 'shared')).toBe(0);
  expect(reader.stdout).toContain('mart.t');
  expect(await reader.run('lineage', 'diff', 'shared@1', 'shared@2', '--output', 'json')).toBe(0);
  expect(JSON.stringify(reader.json)).toContain('raw.s');
}, 300_000);

test('config check names the bucket, doctor tries it, and neither shows a secret', async () => {
  const terminal = at(caller).terminal();
  expect(await terminal.run('config', 'check', '--output', 'json')).toBe(0);
  expect(terminal.json).toMatchObject({
    artifacts: `s3://${bucketName}/${prefix}`,
    artifactsCredential: 'there',
  });
  await terminal.run('doctor', '--output', 'json');
  expect(terminal.json.findings).toContainEqual({
    check: 'artifacts',
    status: 'ok',
    found: `s3://${bucketName}/${prefix} can be written, read, listed and removed from`,
  });
  expect(terminal.stdout + terminal.stderr).not.toContain('local-secret-key');
});
