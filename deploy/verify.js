// Runs every service of docker-compose.yml as a process of this machine, with the file's own
// commands, environments, secrets and healthchecks, and has the demo, a schedule and a restart of
// the server and of a worker pass on them. For machines without a container engine:
//   npm run build && node deploy/verify.js
// Needs Go and PostgreSQL; builds Temporal's server once (three minutes and more).
const { execFile, spawn } = require('node:child_process');
const { chmodSync, mkdtempSync, rmSync } = require('node:fs');
const { once } = require('node:events');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const { setTimeout: sleep } = require('node:timers/promises');
const { composeStack } = require('./verify/stack');

const root = path.join(__dirname, '..');
process.chdir(root);
const folder = mkdtempSync(path.join(tmpdir(), 'deploy-'));
// PostgreSQL runs as somebody else.
chmodSync(folder, 0o711);
const startedAtMs = Date.now();
const say = (words) =>
  console.log(`${String(Math.round((Date.now() - startedAtMs) / 1000)).padStart(4)} s  ${words}`);

const spark = ['--engine', 'spark-2.4.3', '--run-type', 'sql'];

async function verify() {
  const data = path.join(folder, 'data');
  const secrets = path.join(folder, 'secrets');
  await promisify(execFile)('sh', ['deploy/make-secrets.sh', secrets]);
  await require('../dist/demo/inputs').copyDataSets(root, data);
  const { findTemporal } = require('../dist/src/local/temporal/find');
  const { path: temporalCli } = await findTemporal({ environment: process.env, log: say });
  const stack = await composeStack({
    folder,
    workers: 2,
    temporalCli,
    environment: { SECRETS_FOLDER: secrets, LINKIS_DATA: data },
  });
  // Nobody is left running by who presses Ctrl-C.
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      for (const service of all(stack)) service.process?.kill('SIGKILL');
      process.exit(1);
    });
  }
  try {
    await up(stack);
    await use(stack);
    await down(stack);
  } finally {
    await Promise.allSettled(all(stack).map((service) => service.stop()));
  }
}

const all = ({ workers, ui, linkis, sqlflow, temporal, postgresql }) => [
  ...workers,
  ui,
  linkis,
  sqlflow,
  temporal,
  postgresql,
];

/** In the order that the file's `depends_on` makes. */
async function up(stack) {
  for (const service of [stack.postgresql, stack.sqlflow, stack.linkis]) service.start();
  await stack.postgresql.healthy();
  say('PostgreSQL is healthy.');
  await stack.schema.completes();
  say("Temporal's databases are made.");
  stack.temporal.start();
  await stack.temporal.healthy();
  say("Temporal's server is healthy.");
  await stack.namespace.completes();
  for (const service of [stack.ui, ...stack.workers]) service.start();
  const rest = [stack.ui, stack.sqlflow, stack.linkis, ...stack.workers];
  await Promise.all(rest.map((service) => service.healthy()));
  say('The namespace is made; UI, stand-ins and two workers are healthy.');
}

async function use(stack) {
  const cli = (...args) => remoteJobs(stack, args);
  await cli('doctor');
  say('`doctor` finds nothing in the way.');
  const code = '-- local: delay 40s\nselect 40 as seconds';
  const long = (await cli('linkis', 'run', '--code', code, ...spark, '--detach')).id;
  const minutely = ['linkis', 'run', '--code', 'select 1', ...spark];
  await cli('schedule', 'create', 'often', '--every', '10s', '--', ...minutely);
  await demo(stack);

  say('Killing a worker, and restarting the server …');
  await stack.workers[0].kill();
  await stack.temporal.stop();
  // As the next `up` does, perhaps with another version.
  await stack.schema.completes();
  stack.temporal.start();
  await stack.temporal.healthy();
  await stack.namespace.completes();
  stack.workers[0].start();
  await Promise.all(stack.workers.map((worker) => worker.healthy()));
  const backAtMs = Date.now();
  say('Both are back.');

  await until('the long task has ended', async () => {
    const { outcome, job } = await cli('show', long);
    if (outcome === undefined) return false;
    if (outcome.kind !== 'succeeded') {
      throw new Error(`The long task ended otherwise: ${JSON.stringify(outcome)}`);
    }
    say(`The task that ran meanwhile has ended well (${job?.decision ?? 'no decision'}).`);
    return true;
  });
  await until('a scheduled run has ended since', async () => {
    const { runs } = await cli('schedule', 'describe', 'often');
    return runs.some(
      ({ startedAt, outcome }) => Date.parse(startedAt) > backAtMs && outcome?.kind === 'succeeded',
    );
  });
  say('The schedule fires.');
  await cli('schedule', 'delete', 'often');
}

async function down(stack) {
  for (const service of all(stack)) {
    const ended = await service.stop();
    if (stack.workers.includes(service) && ended !== 0) {
      throw service.problem(`answered SIGTERM with exit code ${ended}`);
    }
  }
  say('Everything stopped within its grace period.');
}

/** As `docker compose exec worker remote-jobs …`: in a worker's environment. */
async function remoteJobs({ workers }, args) {
  const { env, argv } = workers[0].run;
  const [node, main] = argv;
  const { stdout } = await promisify(execFile)(node, [main, '--output', 'json', ...args], {
    env,
    cwd: folder,
  });
  return JSON.parse(stdout);
}

/** The main job: all of the demo's steps, on this stack in place of `remote-jobs dev`. */
async function demo({ workers }) {
  const { env } = workers[0].run;
  const config = env.REMOTE_JOBS_CONFIG;
  const args = ['dist/demo/run.js', '--address', env.TEMPORAL_ADDRESS, '--config', config];
  const run = spawn(process.execPath, args, { env: { ...env, HOME: process.env.HOME } });
  let told = '';
  for (const stream of [run.stdout, run.stderr]) stream.on('data', (more) => (told += more));
  const [code] = await once(run, 'close');
  if (code !== 0) throw new Error(`The demo failed:\n${told}`);
  say(told.trimEnd().split('\n').at(-1));
}

async function until(what, seen, patienceMs = 180_000) {
  for (const endMs = Date.now() + patienceMs; !(await seen()); await sleep(1_000)) {
    if (Date.now() > endMs) throw new Error(`In ${patienceMs / 1000} s it didn't come: ${what}.`);
  }
}

async function main() {
  try {
    await verify();
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    console.error(`${error.message}${error.stderr ? `\n${error.stderr}` : ''}\nLogs: ${folder}`);
    process.exitCode = 1;
  }
}

void main();
