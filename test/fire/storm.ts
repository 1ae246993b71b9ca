import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { describeJob } from '../../src/starter/describe';
import { runCell } from './cell';
import { findProblems, type Deliverables } from './checks';
import { linkisTasks, sqlflowJobs } from './evidence';
import { historyText } from './history-scan';
import { expectedOf } from './matrix';
import { Random, seedOf } from './random';
import { say } from './report';
import { prepare, stormScenarios, type Scenario } from './scenarios';
import { stormFaults } from './storm-faults';
import { liveThrough, type LivedJob, type PlannedJob } from './storm-job';
import { stormSummary, type JudgedJob } from './storm-report';
import { StormWorld } from './storm-world';
import { RestartingWorker } from './worker';

interface Flags {
  readonly seed?: string;
  readonly only?: string;
  readonly jobs: string;
  readonly share: string;
  readonly kills: string;
  readonly calm: string;
  readonly minutes: string;
}

/** Jobs arrive over so long, and within it everything is killed and restarted. */
const arrivalMs = 120_000;

/** `npm run test:storm`: docs/crash-tests.md says what it proves. */
async function main(): Promise<number> {
  const flags = new Command('test:storm')
    .option('--seed <number>', 'replays the choices of a run; SEED does so too')
    .option('--only <words>', 'scenarios whose name has these words')
    .option('--jobs <number>', 'jobs in all', '200')
    .option('--share <number>', 'share of all calls that fail', '0.2')
    .option('--kills <number>', 'workers killed', '5')
    .option('--calm <number>', 'minutes after which no more calls fail', '6')
    .option('--minutes <number>', 'a job that has no end after so long hangs', '10')
    .parse()
    .opts<Flags>();
  const seed = seedOf(flags.seed);
  const random = new Random(seed);
  say(`The fault storm, seed ${seed}`);

  const startedMs = Date.now();
  const world = await StormWorld.open(say);
  const sessions = new Set<string>();
  const taskQueue = `storm-${randomUUID().slice(0, 8)}`;
  const workers = [1, 2].map(
    () =>
      new RestartingWorker(
        {
          address: world.address,
          taskQueue,
          bundlePath: world.bundlePath,
          artifacts: world.store.root,
          sqlflowUrl: world.sqlflowUrl,
          linkisUrl: world.linkisUrl,
          lostAfterMs: 20_000,
        },
        world.folder,
        (session) => sessions.add(session),
      ),
  );
  try {
    const scenarios = stormScenarios.filter(([, { name }]) => name.includes(flags.only ?? ''));
    const expected = await withoutFaults(world, scenarios);
    const planned = await plan(world, scenarios, Number(flags.jobs), random);
    await Promise.all(workers.map((worker) => worker.start()));
    world.setFaults((vendor) =>
      stormFaults(Number(flags.share), vendor === 'linkis' ? seed : seed + 1),
    );
    say(`${planned.length} jobs over ${arrivalMs / 1000} s`);
    const over = new AbortController();
    setMaxListeners(0, over.signal);
    // Who still waits for its next attempt then has to come to its end, too.
    const calm = setTimeout(
      () => {
        say('no more calls fail');
        world.countFaults();
        world.setFaults(() => undefined);
      },
      Number(flags.calm) * 60_000,
    );
    const hung = setTimeout(() => over.abort(), Number(flags.minutes) * 60_000);
    let ended = 0;
    const telling = setInterval(() => say(`${ended} of ${planned.length} jobs have ended`), 15_000);
    const [lived] = await Promise.all([
      Promise.all(
        planned.map(async (job) => {
          const lived = await liveThrough(world, job, taskQueue, over.signal);
          ended += 1;
          return lived;
        }),
      ),
      strike(world, workers, Number(flags.kills), random),
    ]);
    clearTimeout(hung);
    clearTimeout(calm);
    clearInterval(telling);
    world.countFaults();
    world.setFaults(() => undefined);
    const judged = await judge(world, lived, expected);
    const leaks = await findSecrets(world, judged, [...sessions, ...world.tokens, 'demo-secret']);
    const minutes = (Date.now() - startedMs) / 60_000;
    return stormSummary({
      seed,
      minutes,
      judged,
      leaks,
      secrets: sessions.size + world.tokens.size + 1,
      workerKills: workers.reduce((sum, { kills }) => sum + kills, 0),
      calls: world.calls,
      injected: world.injected,
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
    await world.close();
  }
}

/** What each scenario leaves when nothing goes wrong. */
async function withoutFaults(
  world: StormWorld,
  scenarios: readonly (readonly [number, Scenario])[],
): Promise<Map<Scenario, Deliverables | undefined>> {
  const expected = new Map<Scenario, Deliverables | undefined>();
  const succeeding = scenarios.filter(([, { end }]) => end === 'succeeded');
  await Promise.all(
    succeeding.map(async ([, scenario]) => {
      const cell = { scenario, row: 'no fault', column: '', strikes: [] };
      const result = await runCell(world, cell);
      if (result.problems.length > 0) {
        throw new Error(`${scenario.name} fails without any fault: ${result.problems.join('; ')}`);
      }
      expected.set(scenario, expectedOf(result));
    }),
  );
  return expected;
}

/** Everything that the seed decides about the jobs, and all that they need, before the storm. */
async function plan(
  world: StormWorld,
  scenarios: readonly (readonly [number, Scenario])[],
  count: number,
  random: Random,
): Promise<PlannedJob[]> {
  const planned: PlannedJob[] = [];
  for (let index = 0; index < count; index += 1) {
    const scenario = random.pick(scenarios);
    planned.push({
      job: await prepare(world, scenario),
      startAtMs: random.between(0, arrivalMs),
      cancelAfterMs: scenario.cancels ? random.between(0, 12_000) : undefined,
    });
  }
  return planned;
}

/** Kills workers and restarts everything, each at a time that the seed draws. */
async function strike(
  world: StormWorld,
  workers: readonly RestartingWorker[],
  kills: number,
  random: Random,
): Promise<void> {
  const at = async (what: string, act: () => unknown) => {
    const atMs = random.between(5000, arrivalMs);
    await sleep(atMs);
    say(`${(atMs / 1000).toFixed(0)} s: ${what}`);
    await act();
  };
  const worker = () => workers[random.between(0, workers.length - 1)];
  await Promise.all([
    ...Array.from({ length: kills }, () => {
      const killed = worker();
      return at('a worker is killed', () => killed?.kill());
    }),
    at('Temporal is restarted', () => world.restartTemporal()),
    at('SQLFlow is restarted', () => world.restartSqlFlow()),
    at('Linkis is restarted', () => world.restartLinkis()),
  ]);
}

async function judge(
  world: StormWorld,
  lived: readonly LivedJob[],
  expected: ReadonlyMap<Scenario, Deliverables | undefined>,
): Promise<JudgedJob[]> {
  const remotes = {
    linkis: await linkisTasks(world.linkisUrl),
    sqlflow: await sqlflowJobs(world.sqlflowUrl),
  };
  return Promise.all(
    lived.map(async ({ job, outcome }): Promise<JudgedJob> => {
      const description = await describeJob(world.client, job.workflowId);
      const remote = remotes[job.scenario.vendor].get(job.marker) ?? [];
      const shared = { job, outcome, memo: description.job, remote };
      if (outcome === undefined) {
        const { activity, progress, job: memo } = description;
        const seen = JSON.stringify({ activity, progress, memo });
        return { ...shared, lost: false, problems: [`no end: ${seen}`] };
      }
      const lost = world.mayBeLost.has(job.marker);
      const evidence = {
        outcome,
        remote,
        followed: [],
        expected: expected.get(job.scenario),
        twins: description.job?.twins ?? [],
        lost,
      };
      const problems = await findProblems(world, job, evidence).catch((error: Error) => [
        error.message,
      ]);
      return { ...shared, lost, problems };
    }),
  );
}

/** Where a secret stands in a history or in Temporal's database. */
async function findSecrets(
  world: StormWorld,
  judged: readonly JudgedJob[],
  secrets: readonly string[],
): Promise<string[]> {
  const leaks: string[] = [];
  for (const { job } of judged) {
    const text = await historyText(world.client, job.workflowId);
    if (secrets.some((secret) => text.includes(secret))) leaks.push(`history of ${job.workflowId}`);
  }
  const database = await world.database();
  if (secrets.some((secret) => database.includes(secret))) leaks.push("Temporal's database");
  return leaks;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(String((error as Error).stack ?? error));
    process.exit(1);
  },
);
