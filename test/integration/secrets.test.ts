import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { temporal as proto } from '@temporalio/proto';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { stageFiles } from '../../src/artifacts/staging';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { LocalTemporal } from '../../src/local/temporal/local-temporal';
import type { RemoteJobsPluginOptions } from '../../src/plugin/remote-jobs-plugin';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome, type JobOutcome } from '../../src/starter/outcome';
import { startJob, type JobInputs, type JobWorkflow } from '../../src/starter/start';
import { Terminal } from '../cli/terminal';
import { onFreeAddress } from '../support/free-address';
import { until } from '../support/until';
import { Wiretap } from './wiretap';

/** With characters that URLs, forms and JSON spell otherwise. */
const canary = (name: string) => `Canary ${name}/+&"${randomBytes(6).toString('hex')}`;
const headerCanary = (name: string) => `Canary-${name}/+&${randomBytes(6).toString('hex')}`;

const canaries = {
  SQLFLOW_KEY: canary('key'),
  LINKIS_PASSWORD: canary('password'),
  LINKIS_CODE: headerCanary('token'),
  WRONG: headerCanary('wrong'),
  NOWHERE: headerCanary('nowhere'),
  DATABASE: canary('database'),
  JDBC: canary('jdbc'),
  VARIABLE: `Canary-variable-${randomBytes(6).toString('hex')}`,
};
/** In every input, and no secret. */
const marker = `marker-${randomBytes(6).toString('hex')}`;

let folder: string;
let temporal: LocalTemporal;
let connection: Connection;
let client: Client;
let sqlflow: LocalSqlFlow;
let linkis: LocalLinkis;
let metrics: string;
const taps = new Map<string, Wiretap>();
let worker: ChildProcess;
let workerLog = '';
const heartbeats: Buffer[] = [];
const outcomes = new Map<string, JobOutcome<unknown>>();

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'secrets-'));
  [temporal, sqlflow, linkis] = await Promise.all([
    LocalTemporal.start({ stateDir: path.join(folder, 'temporal') }),
    LocalSqlFlow.start({ jobDelayMs: 0 }),
    LocalLinkis.start(),
  ]);
  for (const name of ['sqlflow', 'sqlflow-echo-submit', 'sqlflow-echo-look']) {
    const swaps = { [canaries.SQLFLOW_KEY]: 'demo-secret' };
    taps.set(name, await Wiretap.start(new URL(sqlflow.url).origin, swaps));
  }
  for (const name of ['linkis', 'linkis-token', 'linkis-echo-submit', 'linkis-echo-look']) {
    const swaps = {
      [canaries.LINKIS_PASSWORD]: 'hadoop',
      [canaries.LINKIS_CODE]: 'local-token',
    };
    taps.set(name, await Wiretap.start(linkis.url, swaps));
  }
  // A submit is echoed from the start, a look once there is a job to look at.
  taps.get('sqlflow-echo-submit')!.echo = { path: /submitUserJob/, status: 500 };
  taps.get('linkis-echo-submit')!.echo = { path: /submit/, status: 500 };
  connection = await Connection.connect({ address: temporal.address });
  client = new Client({ connection });
  await onFreeAddress(startWorker);
  await runJobs();
}, 300_000);
afterAll(async () => {
  worker.kill('SIGKILL');
  await Promise.all([...taps.values()].map((tap) => tap.close()));
  await Promise.all([sqlflow.close(), linkis.close()]);
  await connection.close();
  await temporal.close();
  await rm(folder, { recursive: true, force: true });
});

function settings(): RemoteJobsPluginOptions {
  const down = 'http://127.0.0.1:9';
  const lineage = (name: string, env: string) =>
    ({
      type: 'sqlflow',
      url: `${taps.get(name)?.url ?? down}/gspLive_backend`,
      userId: 'demo',
      secretKey: { env },
    }) as const;
  const tasks = (name: string) =>
    ({ type: 'linkis', url: taps.get(name)?.url ?? down, user: 'hadoop' }) as const;
  return {
    connections: {
      sqlflow: lineage('sqlflow', 'SQLFLOW_KEY'),
      'sqlflow-echo-submit': lineage('sqlflow-echo-submit', 'SQLFLOW_KEY'),
      'sqlflow-echo-look': lineage('sqlflow-echo-look', 'SQLFLOW_KEY'),
      'sqlflow-wrong': lineage('sqlflow', 'WRONG'),
      'sqlflow-down': lineage('down', 'NOWHERE'),
      linkis: { ...tasks('linkis'), password: { env: 'LINKIS_PASSWORD' } },
      'linkis-token': { ...tasks('linkis-token'), token: { env: 'LINKIS_CODE' } },
      'linkis-echo-submit': { ...tasks('linkis-echo-submit'), token: { env: 'LINKIS_CODE' } },
      'linkis-echo-look': { ...tasks('linkis-echo-look'), password: { env: 'LINKIS_PASSWORD' } },
      'linkis-wrong': { ...tasks('linkis'), password: { env: 'WRONG' } },
      'linkis-wrong-token': { ...tasks('linkis'), token: { env: 'WRONG' } },
      'linkis-down': { ...tasks('down'), token: { env: 'NOWHERE' } },
    },
    secrets: {
      DATABASE: { env: 'DATABASE' },
      JDBC: { env: 'JDBC' },
      VARIABLE: { env: 'VARIABLE' },
    },
    installation: 'canary',
    artifacts: { folder: path.join(folder, 'artifacts') },
  };
}

async function startWorker(address: string): Promise<void> {
  metrics = address;
  const given = { address: temporal.address, taskQueue: 'canary', plugin: settings(), metrics };
  worker = fork(path.join(__dirname, 'fixtures/verbose-worker.ts'), [JSON.stringify(given)], {
    execArgv: ['-r', path.join(__dirname, '../support/register.js')],
    env: { ...process.env, ...canaries },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [worker.stdout, worker.stderr]) {
    stream?.on('data', (chunk: Buffer) => (workerLog += chunk.toString('utf8')));
  }
  const died = once(worker, 'exit').then(() => {
    throw new Error(`the worker ended before it polled: ${workerLog.slice(-2000)}`);
  });
  died.catch(() => undefined);
  await Promise.race([once(worker, 'message'), died]);
}

interface Job<Type extends JobWorkflow = JobWorkflow> {
  readonly name: string;
  readonly type: Type;
  readonly input: JobInputs[Type];
  /** What is done to it while it runs. */
  readonly meanwhile?: (workflowId: string) => Promise<void>;
}

async function jobs(): Promise<Job[]> {
  const sql = path.join(folder, 'load.sql');
  const slow = path.join(folder, 'slow.sql');
  await writeFile(sql, `-- ${marker}\ninsert into mart.t select a from raw.s;`);
  await writeFile(
    slow,
    `-- ${marker}\n-- local: delay 30m\ninsert into mart.t select a from raw.s;`,
  );
  const store = new FolderArtifactStore({ root: path.join(folder, 'artifacts') });
  const { signal } = new AbortController();
  const [files, slowFiles] = [
    await stageFiles(store, [sql], { signal }),
    await stageFiles(store, [slow], { signal }),
  ];
  const job = { jobName: marker, dbVendor: 'dbvhive', files };
  const password = { secret: 'DATABASE' };
  const database = { hostname: 'db', port: 1521, account: 'reader', password };
  const spark = { engine: 'spark-2.4.3', runType: 'sql', source: { marker } };
  const task = {
    ...spark,
    code: `select 1 -- ${marker}`,
    runtime: { 'jdbc.password': { secret: 'JDBC' } },
  };
  const slowTask = { ...task, code: `-- local: delay 30m\nselect 1 -- ${marker}` };
  const sqlflowJob = (name: string, more: object, meanwhile?: Job['meanwhile']): Job => ({
    name,
    type: 'sqlflowJob',
    input: { ...job, ...more },
    meanwhile,
  });
  const linkisTask = (name: string, more: object, meanwhile?: Job['meanwhile']): Job => ({
    name,
    type: 'linkisTask',
    input: { ...task, ...more },
    meanwhile,
  });
  return [
    sqlflowJob('sqlflow succeeds', { connection: 'sqlflow' }),
    sqlflowJob('sqlflow fails', { connection: 'sqlflow', files: undefined, database }),
    sqlflowJob('sqlflow is cancelled', { connection: 'sqlflow', files: slowFiles }, cancel),
    sqlflowJob('sqlflow refuses the secret', { connection: 'sqlflow-wrong' }),
    sqlflowJob('sqlflow is down', { connection: 'sqlflow-down', timeoutMs: 2500 }, notForLong),
    linkisTask('linkis succeeds', { connection: 'linkis' }),
    linkisTask('linkis succeeds by token', { connection: 'linkis-token' }),
    linkisTask('linkis fails', {
      connection: 'linkis',
      code: `select '\${pw}' from no_such_table -- ${marker}`,
      variables: { pw: { secret: 'VARIABLE' } },
    }),
    linkisTask('linkis is cancelled', { ...slowTask, connection: 'linkis' }, cancel),
    linkisTask('linkis refuses the password', { connection: 'linkis-wrong' }),
    linkisTask('linkis refuses the token', { connection: 'linkis-wrong-token' }),
    linkisTask('linkis is down', { connection: 'linkis-down', timeoutMs: 2500 }, notForLong),
    // Services that repeat in their errors all that they were sent.
    sqlflowJob(
      'sqlflow echoes a submit',
      { connection: 'sqlflow-echo-submit', files: undefined, database },
      echoed('sqlflow-echo-submit'),
    ),
    sqlflowJob(
      'sqlflow echoes a look',
      { connection: 'sqlflow-echo-look', files: slowFiles },
      echoed('sqlflow-echo-look', /Summary/),
    ),
    linkisTask(
      'linkis echoes a submit',
      { connection: 'linkis-echo-submit' },
      echoed('linkis-echo-submit'),
    ),
    linkisTask(
      'linkis echoes a look',
      { ...slowTask, connection: 'linkis-echo-look' },
      echoed('linkis-echo-look', /jobhistory/),
    ),
  ];
}

async function cancel(workflowId: string): Promise<void> {
  await until(async () => {
    const { progress } = await describeJob(client, workflowId);
    return progress?.status === 'process' || progress?.status === 'Running';
  });
  await client.workflow.getHandle(workflowId).cancel();
}

/**
 * A deadline that finds a submit under way is followed by a kill by key, which asks a service that
 * is down for minutes. What it tells is looked at; nobody waits for its end.
 */
async function notForLong(workflowId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  const isOpen = async () => (await handle.describe()).status.name === 'RUNNING';
  for (let s = 0; s < 15 && (await isOpen()); s++) await sleep(1000);
  if (await isOpen()) await handle.terminate('looked at for long enough');
}

/** Lets a job meet a few echoes, then cancels it. */
function echoed(name: string, path = /never/) {
  return async (workflowId: string) => {
    const tap = taps.get(name);
    if (tap === undefined) throw new Error(`there is no tap ${name}`);
    if (tap.echo === undefined) {
      await until(async () => (await describeJob(client, workflowId)).progress !== undefined);
      tap.echo = { path, status: 500 };
    }
    await until(async () => tap.echoes > 1);
    // The failure of an attempt is told while the next one is due.
    await until(async () => (await lookInside(workflowId)).includes('HTTP 500'));
    tap.echo = undefined;
    await client.workflow.getHandle(workflowId).cancel();
  };
}

async function run({ name, type, input, meanwhile }: Job): Promise<void> {
  const workflowId = name.replaceAll(' ', '-');
  await startJob(client, type, input, { workflowId, taskQueue: 'canary' });
  const ended = awaitOutcome(client, workflowId);
  const watching = new AbortController();
  void ended.finally(() => watching.abort()).catch(() => undefined);
  await Promise.all([meanwhile?.(workflowId), watch(workflowId, watching.signal)]);
  outcomes.set(name, await ended);
}

/** Keeps what the server tells of a running workflow: memo, heartbeat details, failures so far. */
async function watch(workflowId: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await lookInside(workflowId);
    await sleep(250);
  }
}

async function lookInside(workflowId: string): Promise<Buffer> {
  const { DescribeWorkflowExecutionResponse } = proto.api.workflowservice.v1;
  const seen = await client.workflowService.describeWorkflowExecution({
    namespace: 'default',
    execution: { workflowId },
  });
  const bytes = Buffer.from(DescribeWorkflowExecutionResponse.encode(seen).finish());
  heartbeats.push(bytes);
  return bytes;
}

async function runJobs(): Promise<void> {
  const all = await jobs();
  const stuck = sleep(270_000, undefined, { ref: false }).then(async () => {
    const names = all.map(({ name }) => name).filter((name) => !outcomes.has(name));
    const told = names.map((name) => describeJob(client, name.replaceAll(' ', '-')));
    throw new Error(`not ended: ${JSON.stringify(await Promise.all(told), undefined, 1)}`);
  });
  stuck.catch(() => undefined);
  await Promise.race([Promise.all(all.map(run)), stuck]);
}

/** What the worker has, as a file; the secrets are in the environment. */
async function cliConfig(): Promise<string> {
  const file = path.join(folder, 'canaries.yaml');
  await writeFile(file, JSON.stringify(settings()));
  return file;
}

/** A secret's spellings, in base64 wherever in a longer text it may stand. */
function spellings(secret: string): string[] {
  const form = new URLSearchParams({ v: secret }).toString().slice(2);
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const certain = encoded.slice(
      Math.ceil((offset * 8) / 6),
      Math.floor(((offset + bytes.length) * 8) / 6),
    );
    return [certain, certain.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [
    ...new Set([
      secret,
      encodeURIComponent(secret),
      form,
      JSON.stringify(secret).slice(1, -1),
      ...base64,
    ]),
  ];
}

function everySecret(): Map<string, readonly string[]> {
  const handedOut = [...taps.values()].flatMap((tap) => [...tap.handedOut]);
  return new Map([
    ...Object.entries(canaries).map(([name, value]) => [name, spellings(value)] as const),
    ...handedOut.map((value, index) => [`session ${index}`, spellings(value)] as const),
    ['the real key', spellings('demo-secret')],
    ['the real token', spellings('local-token')],
  ]);
}

/** @param control no secret, and surely there: where it isn't found, nothing was looked into */
function expectNoSecret(place: string, pieces: readonly Buffer[], control = marker): void {
  const holds = (text: string) => pieces.some((piece) => piece.includes(text));
  expect({ place, wasLookedInto: holds(control) }).toEqual({ place, wasLookedInto: true });
  const found = [...everySecret()].flatMap(([name, forms]) => (forms.some(holds) ? [name] : []));
  expect({ place, found }).toEqual({ place, found: [] });
}

async function filesUnder(root: string): Promise<Buffer[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((entry) => readFile(path.join(entry.parentPath, entry.name))));
}

test('the jobs ended as they were to', () => {
  const ends = Object.fromEntries(
    [...outcomes].map(([name, ended]) => [name, 'type' in ended ? ended.type : ended.kind]),
  );
  expect(ends).toEqual({
    'sqlflow succeeds': 'succeeded',
    'sqlflow fails': 'RemoteJob.Failed',
    'sqlflow is cancelled': 'cancelled',
    'sqlflow refuses the secret': 'Service.NotLoggedIn',
    'sqlflow is down': expect.any(String),
    'linkis succeeds': 'succeeded',
    'linkis succeeds by token': 'succeeded',
    'linkis fails': 'RemoteJob.Failed',
    'linkis is cancelled': 'cancelled',
    'linkis refuses the password': 'Service.NotLoggedIn',
    'linkis refuses the token': 'Service.NotLoggedIn',
    'linkis is down': expect.any(String),
    'sqlflow echoes a submit': 'cancelled',
    'sqlflow echoes a look': 'cancelled',
    'linkis echoes a submit': 'cancelled',
    'linkis echoes a look': 'cancelled',
  });
  for (const name of ['sqlflow', 'linkis'])
    expect(taps.get(name)?.handedOut).not.toEqual(new Set());
});

test('no history holds a secret', async () => {
  const histories: Buffer[] = [];
  for (const name of outcomes.keys()) {
    const history = await client.workflow.getHandle(name.replaceAll(' ', '-')).fetchHistory();
    histories.push(Buffer.from(proto.api.history.v1.History.encode(history).finish()));
  }
  expectNoSecret('histories', histories);
});

test('no outcome that a caller gets holds a secret', () => {
  const told = Buffer.from(JSON.stringify([...outcomes]));
  expectNoSecret('outcomes', [told], 'no_such_table');
});

test('no memo, heartbeat or failure of a running job holds a secret', () => {
  // The services repeated them: they were there to be taken out.
  expectNoSecret('heartbeats', heartbeats, 'HTTP 500: can\'t use "[redacted]');
});

test('no artifact holds a secret', async () => {
  expectNoSecret('artifacts', await filesUnder(path.join(folder, 'artifacts')));
});

test('nothing that the worker printed holds a secret, though it logs all it can', () => {
  expectNoSecret('worker log', [Buffer.from(workerLog)], 'Activity failed');
});

test('nothing that the command line prints holds a secret, in words or in JSON', async () => {
  const printed: string[] = [];
  const terminal = new Terminal({
    cwd: folder,
    env: { HOME: folder, PATH: process.env.PATH, ...canaries },
    flags: ['--address', temporal.address, '--task-queue', 'canary', '--config', await cliConfig()],
  });
  const run = async (...args: string[]) => {
    for (const format of ['text', 'json']) {
      await terminal.run(...args, '--output', format);
      printed.push(`$ ${args.join(' ')}`, terminal.stdout, terminal.stderr);
    }
  };
  await run('list');
  await run('config', 'check');
  await run('doctor');
  for (const name of ['sqlflow', 'sqlflow-wrong', 'sqlflow-down']) {
    await run('sqlflow', 'jobs', '--connection', name);
  }
  for (const name of outcomes.keys()) {
    const id = name.replaceAll(' ', '-');
    await run('show', id);
    await run('logs', id);
    await run('results', id, '--out', path.join(folder, 'out', id));
  }
  const spark = ['--engine', 'spark-2.4.3', '--run-type', 'sql'];
  const failing = `select '\${pw}' from no_such_table -- ${marker}`;
  for (const name of ['linkis', 'linkis-wrong', 'linkis-wrong-token']) {
    const secret = ['--var', 'pw=@secret:VARIABLE', '--runtime', 'jdbc.password=@secret:JDBC'];
    await run('linkis', 'run', '--connection', name, '--code', failing, ...spark, ...secret);
  }
  expectNoSecret('command line', [Buffer.from(printed.join('\n'))], 'no_such_table');
  expectNoSecret('--out', await filesUnder(path.join(folder, 'out')), '"vendor"');
}, 300_000);

test('the metrics page holds no secret', async () => {
  const page = Buffer.from(await (await fetch(`http://${metrics}/metrics`)).arrayBuffer());
  expectNoSecret('metrics', [page], 'remote_jobs_submits');
});

test("Temporal's database holds no secret, in no page and in no log of it", async () => {
  const stateDir = path.join(folder, 'temporal');
  expectNoSecret('the open database', await filesUnder(stateDir));
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  await connection.close();
  await temporal.close();
  expectNoSecret('the closed database', await filesUnder(stateDir));
});
