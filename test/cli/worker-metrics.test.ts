import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { startJob } from '../../src/starter/start';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { onFreeAddress } from '../support/free-address';
import { until } from '../support/until';

const register = path.join(__dirname, '../support/register.js');
const main = path.join(__dirname, '../../src/cli/main.ts');

let temporal: TestTemporal;
let linkis: LocalLinkis;
let cwd: string;
let env: NodeJS.ProcessEnv;
const children: ChildProcess[] = [];
beforeAll(async () => {
  [temporal, linkis] = await Promise.all([testTemporal(), LocalLinkis.start()]);
  cwd = await mkdtemp(path.join(tmpdir(), 'cli-metrics-'));
  env = {
    PATH: process.env.PATH,
    HOME: cwd,
    LINKIS_URL: linkis.url,
    LINKIS_USER: 'hadoop',
    LINKIS_TOKEN: 'local-token',
  };
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await temporal.close();
  await linkis.close();
  await rm(cwd, { recursive: true, force: true });
});

/** A worker in a process of its own, and what it says on stderr. */
function worker(...flags: string[]): { child: ChildProcess; said: () => string } {
  const where = ['--address', temporal.address, '--task-queue', temporal.taskQueue];
  const args = ['-r', register, main, 'worker', ...where, ...flags];
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return { child, said: () => said };
}

async function startWorker(address: string) {
  await writeFile(path.join(cwd, 'remote-jobs.yaml'), `metrics: { address: "${address}" }\n`);
  const log = ['--log-format', 'json', '--log-level', 'info'];
  const { child, said } = worker('--output', 'json', ...log);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const died = once(child, 'exit').then(() => {
    throw new Error(`the worker ended before it polled: ${said()}`);
  });
  died.catch(() => undefined);
  const [line] = (await Promise.race([once(lines, 'line'), died])) as [string];
  const { metrics } = JSON.parse(line) as { metrics: string };
  return { address, child, metrics, said };
}

const knownLabels = new Set(
  'vendor connection decision outcome class endpoint format kind end le namespace task_queue taskQueue activity_type activityType workflow_type workflowType'.split(
    ' ',
  ),
);

test('a worker shows Prometheus what it counted, and what the SDK counts', async () => {
  const { address, child, metrics, said } = await onFreeAddress(startWorker);
  expect(metrics).toBe(`http://${address}/metrics`);

  const { client, taskQueue } = temporal;
  const input = { engine: 'spark-2.4.3', runType: 'sql', code: 'select 1 as one' };
  const handle = await startJob(client, 'linkisTask', input, { workflowId: taskQueue, taskQueue });
  const { taskId } = (await handle.result()) as { taskId: string };

  let page = '';
  await until(async () => {
    page = await (await fetch(metrics)).text();
    return /^remote_jobs_submits\{.*\} 1$/m.test(page);
  });
  expect(page).toMatch(/^remote_jobs_submits\{.*decision="freshSubmit".*\} 1$/m);
  expect(page).toMatch(
    /^remote_jobs_requests\{.*class="foreground".*connection="linkis".*outcome="answered".*\} \d+$/m,
  );
  expect(page).toMatch(/^remote_jobs_quiet_until_seconds\{.*connection="linkis".*\} \d+$/m);
  for (const [metric, label, value] of [
    ['remote_jobs_request_seconds_count', 'endpoint="entrance/submit",outcome="answered"', '1'],
    ['remote_jobs_request_seconds_bucket', 'endpoint="jobhistory/get".*le="0.03"', '\\d+'],
    ['remote_jobs_sweep_seconds_count', 'outcome="answered"', '\\d+'],
    ['remote_jobs_waiting', '', '0'],
    ['remote_jobs_log_lines', '', '\\d+'],
    ['remote_jobs_results', 'format="csv"', '1'],
    ['remote_jobs_result_rows', 'format="csv"', '1'],
    ['remote_jobs_stored_bytes', 'kind="result"', '\\d+'],
    ['remote_jobs_ends', 'end="succeeded"', '1'],
  ]) {
    const line = new RegExp(`^${metric}\\{.*${label}.*\\} ${value}$`, 'm').exec(page)?.[0];
    expect(line).toContain('vendor="linkis"');
    if (metric !== 'remote_jobs_ends') expect(line).toContain('connection="linkis"');
  }
  // Labels are few: nothing that differs from job to job is among them.
  const own = page.split('\n').filter((line) => line.startsWith('remote_jobs_'));
  const labels = new Set(
    own.flatMap((line) => [...line.matchAll(/(\w+)="/g)].map(([, name]) => name)),
  );
  expect([...labels].filter((name) => !knownLabels.has(name ?? ''))).toEqual([]);

  const events = said()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events).toContainEqual(
    expect.objectContaining({
      level: 'info',
      message: 'the job is submitted',
      workflowId: taskQueue,
      runId: expect.any(String) as string,
      activity: 'linkisSubmitTask',
      connection: 'linkis',
      remoteId: taskId,
      decision: 'freshSubmit',
    }),
  );
  expect(said()).not.toContain('local-token');
  // What the dashboard and the alerts ask for.
  expect(page).toMatch(
    /^temporal_worker_task_slots_available\{.*task_queue="test-.*worker_type="ActivityWorker".*\} \d+$/m,
  );
  expect(page).toMatch(/^temporal_workflow_completed\{.*workflow_type="linkisTask".*\} 1$/m);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a metrics address that is taken or none is told before anything is polled', async () => {
  await writeFile(path.join(cwd, 'remote-jobs.yaml'), '');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
  const refused = async (flag: string) => {
    const { child, said } = worker('--metrics', flag);
    const [code] = (await once(child, 'close')) as [number];
    return { stderr: said(), code };
  };
  const [busy, none] = await Promise.all([refused(address), refused('9464')]);
  taken.close();
  expect(busy.stderr).toContain(`Metrics can't be shown at ${address} (`);
  expect(busy.stderr).toContain('give a free address of this machine to --metrics');
  expect(none.stderr).toContain('--metrics is "9464": give host and port, such as 127.0.0.1:9464.');
  expect([busy.code, none.code]).toEqual([2, 2]);
});
