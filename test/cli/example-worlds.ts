import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { sqlflowRun } from '../../src/cli/commands/sqlflow';
import { until } from '../support/until';
import { endless, spark } from './cli-stack';
import { readExample, wholeLines } from './example-line';
import { orders, type ExampleWorld } from './example-world';

/** What a command's examples, or one of them, need besides the folder and the dev stack. */
interface Prepared {
  prepare?(world: ExampleWorld): Promise<unknown>;
  /** In place of running the line. */
  run?(world: ExampleWorld, line: string): Promise<void>;
  /** What a command says that ends by Ctrl-C only. */
  readonly stopAt?: RegExp;
  /** @default 0 */
  readonly codes?: readonly number[];
}

const task = 'linkisTask/spark-2.4.3-sql/1f0c2d3e';
const pipelineRun = 'pipeline/nightly/1f0c2d3e';
const hive = ['--dbvendor', 'hive'];

/** The stand-in has no databases, and says so. */
const database = wholeLines(sqlflowRun.examples).find((line) => line.includes('--database-host'));

/** By the command's name, or by the whole line. */
export const worlds: Readonly<Record<string, Prepared>> = {
  // What the world itself stands on; see example-world.ts.
  dev: { run: () => Promise.resolve() },
  worker: { run: inProcessOfItsOwn },
  'local sqlflow': { stopAt: /Ctrl-C/ },
  'local linkis': { stopAt: /Ctrl-C/ },
  'local temporal': { stopAt: /Ctrl-C/ },
  init: { prepare: withoutConfiguration, run: initialised },
  'sqlflow run': { prepare: persistJob },
  [database ?? '']: { codes: [1] },
  'sqlflow attach': { prepare: persistJob },
  'chain show': { prepare: chain },
  'chain history': { prepare: chain },
  'chain pause': { prepare: chain },
  'chain resume': { prepare: chain },
  'chain forget': { prepare: quietChain },
  'remote-jobs watch "$(remote-jobs schedule trigger nightly)"': { prepare: nothingRuns },
  'chain adopt': { prepare: persistJob },
  'linkis attach': { prepare: endedTask },
  'pipeline retry': { prepare: failedPipeline },
  'schedule describe': { prepare: schedule },
  'schedule pause': { prepare: schedule },
  'schedule resume': { prepare: schedule },
  'schedule trigger': { prepare: schedule },
  'schedule backfill': { prepare: schedule },
  'schedule delete': { prepare: schedule },
  show: {
    prepare: (world) =>
      once(world, 'show', () =>
        world.needs('sqlflow', 'run', 'new.sql', ...hive, '--id', 'sqlflowJob/orders/1f0c2d3e'),
      ),
  },
  watch: { prepare: endedTask },
  logs: { prepare: endedTask },
  results: { prepare: endedTask },
  cancel: {
    prepare: (world) =>
      world.needs('linkis', 'run', '--code', endless, ...spark, '--detach', '--id', task),
  },
  'remote-jobs approve nightly': { prepare: closedGate, run: answeredByKey },
  'remote-jobs approve nightly --yes --by alice': { prepare: closedGate },
  'remote-jobs approve nightly --reject --note "the orders are gone"': { prepare: closedGate },
  [`remote-jobs approve ${pipelineRun} release --yes`]: { prepare: waitingStep },
  'lineage show': { prepare: lineageFiles },
  'lineage diff': { prepare: lineageFiles },
  'lineage render': { prepare: lineageFiles },
  'lineage publish': { prepare: lineageFiles },
  'config reload': {
    prepare: (world) =>
      // The examples of `worker` left theirs with the usual file.
      once(world, 'workers', () => world.start(['worker', '--config', 'prod.yaml'])),
  },
};

const done = new WeakMap<ExampleWorld, Set<string>>();

/** For what several examples look at. */
async function once(world: ExampleWorld, what: string, make: () => Promise<unknown>) {
  const known = done.get(world) ?? new Set();
  done.set(world, known);
  if (known.has(what)) return;
  await make();
  known.add(what);
}

/** A process has one Temporal runtime, so that a worker can't end in the one of the test. */
async function inProcessOfItsOwn(world: ExampleWorld, line: string): Promise<void> {
  const { words, env } = readExample(line, world.cwd);
  await world.start(await Promise.all(words.map((word) => world.real(word))), env);
}

async function withoutConfiguration({ cwd }: ExampleWorld): Promise<void> {
  await Promise.all(
    ['remote-jobs.yaml', 'linkis.yaml'].map((name) =>
      rm(path.join(cwd, 'new', name), { force: true }),
    ),
  );
}

/** Whoever is asked answers with Enter, and where there is no default, with a word. */
async function initialised(world: ExampleWorld, line: string): Promise<void> {
  await world.write('new/readme', '');
  const asks = !line.includes('--yes');
  const terminal = world.terminal({ tty: asks, cwd: path.join(world.cwd, 'new') });
  const running = terminal.run(...readExample(line, world.cwd).words);
  if (asks) {
    await terminal.untilSaid(/Which services/);
    terminal.type('\u001b[B\u001b[B\r');
    await terminal.untilSaid(/base URL/);
    terminal.press('\r');
    await terminal.untilSaid(/Apache Linkis: user/);
    terminal.type('etl\r');
    await terminal.untilSaid(/what is the credential/);
    terminal.press('\r');
    await terminal.untilSaid(/where is the password/);
    terminal.press('\r');
    await terminal.untilSaid(/Name of that variable/);
    terminal.press('\r');
    await terminal.untilSaid(/Folder for logs/);
    terminal.press('\r');
  }
  expect(await running).toBe(0);
}

async function persistJob(world: ExampleWorld): Promise<void> {
  await once(world, 'persist job', async () => {
    const line = ['sqlflow', 'run', 'new.sql', '--persist', ...hive];
    const terminal = await world.needs(...line, '--output', 'json');
    world.means('3f0c…', String(terminal.json.result.jobId));
  });
}

/** Two revisions, and one file less in the second. */
async function chain(world: ExampleWorld): Promise<void> {
  await once(world, 'chain', async () => {
    const refresh = ['chain', 'refresh', 'nightly', 'etl', ...hive];
    await world.needs(...refresh);
    await world.write('etl/more.sql', 'insert into dw.more select id from ods.orders;');
    await world.needs(...refresh);
  });
}

async function quietChain(world: ExampleWorld): Promise<void> {
  await chain(world);
  await nothingRuns(world);
}

/** A schedule leaves a run out, and a chain isn't forgotten, while something is under way. */
async function nothingRuns(world: ExampleWorld): Promise<void> {
  await until(async () => {
    const terminal = await world.needs('list', '--running', '--output', 'json');
    return terminal.json.jobs.length === 0;
  });
}

let closed = 0;

/** A refresh that waits since it would take edges away. */
async function closedGate(world: ExampleWorld): Promise<void> {
  await chain(world);
  closed += 1;
  // A gate that was passed before has taken the edges away.
  await world.write('etl/orders.sql', orders);
  await world.needs('chain', 'refresh', 'nightly', 'etl', ...hive, '--rebuild');
  await world.write('etl/orders.sql', `insert into dw.sales select ${closed} as id, 0 as amount;`);
  const gate = ['--gate-max-removed-edges', '0', '--on-closed', 'approve', '--rebuild'];
  await world.needs('chain', 'refresh', 'nightly', 'etl', ...hive, ...gate, '--detach');
  await waits(world, 'nightly');
}

async function answeredByKey(world: ExampleWorld, line: string): Promise<void> {
  const terminal = world.terminal({ tty: true });
  const running = terminal.run(...readExample(line, world.cwd).words);
  await terminal.untilSaid(/\[r\]efuse/);
  terminal.press('r');
  expect(await running).toBe(0);
}

async function waitingStep(world: ExampleWorld): Promise<void> {
  await world.write(
    'release.yaml',
    'name: nightly\nsteps:\n  release:\n    approval: { message: Go on?, timeout: 1h }\n',
  );
  await world.needs('pipeline', 'run', 'release.yaml', '--id', pipelineRun, '--detach');
  await waits(world, pipelineRun);
}

async function waits(world: ExampleWorld, what: string): Promise<void> {
  await until(async () => {
    const terminal = await world.needs('approve', '--output', 'json');
    return JSON.stringify(terminal.json).includes(what);
  });
}

async function failedPipeline(world: ExampleWorld): Promise<void> {
  await world.write(
    'broken.yaml',
    'name: nightly\nsteps:\n  load:\n    linkis: { code: "select * from missing", engine: spark-2.4.3, runType: sql }\n',
  );
  const terminal = world.terminal();
  const code = await terminal.run('pipeline', 'run', 'broken.yaml', '--id', pipelineRun);
  expect(code).toBe(1);
  // Which is mended then.
  await world.needs('linkis', 'run', '--code', 'create table missing as select 1 as one', ...spark);
}

async function endedTask(world: ExampleWorld): Promise<void> {
  await once(world, 'task', async () => {
    const line = ['linkis', 'run', '--code', 'select 1 as one', ...spark, '--id', task];
    const terminal = await world.needs(...line, '--output', 'json');
    world.means('1042', String(terminal.json.result.taskId));
  });
}

async function schedule(world: ExampleWorld): Promise<void> {
  await once(world, 'schedule', async () => {
    const terminal = world.terminal();
    // The examples of `schedule create` may have made it.
    if ((await terminal.run('schedule', 'describe', 'nightly')) === 0) return;
    const what = ['linkis', 'run', '--code', 'select 1 as one', ...spark];
    await world.needs('schedule', 'create', 'nightly', '--cron', '0 2 * * *', '--', ...what);
  });
}

async function lineageFiles(world: ExampleWorld): Promise<void> {
  await chain(world);
  await once(world, 'lineage files', async () => {
    await world.needs('sqlflow', 'run', 'etl/orders.sql', ...hive, '--out', 'lineage');
    const json = await readFile(path.join(world.cwd, 'lineage/lineage.json'), 'utf8');
    for (const name of ['before.json', 'after.json', 'lineage.json']) await world.write(name, json);
  });
}
