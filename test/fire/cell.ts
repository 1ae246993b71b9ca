import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { chainProblems } from './chain-checks';
import { deliverablesOf, findProblems, type Deliverables, type Outcome } from './checks';
import { linkisTasks, sqlflowJobs } from './evidence';
import { KillingProxy, type Strike } from './proxy';
import { cancelWhenRunning, followLog, outcomeWithin } from './run';
import { prepare, start, type Scenario, type StartedJob } from './scenarios';
import type { Stage } from './stage';
import { RestartingWorker } from './worker';

/** One run of a scenario with its crashes. */
export interface Cell {
  readonly scenario: Scenario;
  /** What the table calls it. */
  readonly row: string;
  readonly column: string;
  /** Kills at calls, one after the other. */
  readonly strikes: readonly Strike[];
}

export interface CellResult {
  readonly cell: Cell;
  readonly problems: readonly string[];
  readonly kills: number;
  readonly seconds: number;
  /** The endpoints that were called, in order. */
  readonly calls: readonly string[];
  readonly left: Deliverables;
}

/** A cell that takes longer hangs: a crash costs a heartbeat time-out, and a cell has two at most. */
const limitMs = 240_000;

/** Runs one cell with a worker, a proxy and a task queue of its own. Never rejects. */
export async function runCell(
  stage: Stage,
  cell: Cell,
  expected?: Deliverables,
): Promise<CellResult> {
  const first = await tryCell(stage, cell, expected);
  // A connection that broke by itself at the chosen call used the strike up.
  const spared = cell.strikes.length > 0 && first.kills === 0;
  if (first.missed.length === 0 && !spared) return first;
  // The call that was chosen is one that a run sometimes doesn't get to: the first one is.
  const strikes = cell.strikes.map((strike) => ({ ...strike, call: 1 }));
  const second = await tryCell(stage, { ...cell, strikes }, expected);
  const missed = second.missed.map(({ endpoint }) => `${endpoint} was never called`);
  return { ...second, cell, problems: [...first.problems, ...second.problems, ...missed] };
}

async function tryCell(
  stage: Stage,
  cell: Cell,
  expected: Deliverables | undefined,
): Promise<CellResult & { readonly missed: readonly Strike[] }> {
  const { scenario } = cell;
  const startedMs = Date.now();
  const folder = await mkdtemp(path.join(stage.folder, 'cell-'));
  const serviceUrl = scenario.vendor === 'linkis' ? stage.linkisUrl : stage.sqlflowUrl;
  const proxy = await KillingProxy.start(serviceUrl, () => worker.kill());
  for (const [endpoint, answer] of Object.entries(scenario.refuses ?? {})) {
    proxy.refusals.set(endpoint, answer);
  }
  const taskQueue = `fire-${randomUUID().slice(0, 8)}`;
  const worker = new RestartingWorker(
    {
      address: stage.address,
      taskQueue,
      bundlePath: stage.bundlePath,
      artifacts: stage.store.root,
      sqlflowUrl: scenario.vendor === 'sqlflow' ? proxy.url : stage.sqlflowUrl,
      linkisUrl: scenario.vendor === 'linkis' ? proxy.url : stage.linkisUrl,
    },
    folder,
  );
  let problems: string[];
  let left: Deliverables = {};
  try {
    await worker.start();
    const prepared = await prepare(stage, scenario);
    await scenario.before?.(stage, prepared, taskQueue);
    proxy.arm(cell.strikes);
    const job = await start(stage, prepared, taskQueue);
    const { outcome, followed } = await live(stage, job, cell, worker);
    const remote = await (scenario.vendor === 'linkis' ? linkisTasks : sqlflowJobs)(serviceUrl);
    const evidence = { outcome, followed, expected, remote: remote.get(job.marker) ?? [] };
    problems = await findProblems(stage, job, evidence);
    if (scenario.chain) {
      problems.push(...(await chainProblems(stage, job, outcome, evidence.remote, taskQueue)));
    }
    if (outcome.kind === 'succeeded') left = await deliverablesOf(stage, outcome.result);
  } catch (error) {
    problems = [`${(error as Error).message} ${worker.words}`.trim()];
  } finally {
    await worker.close();
    await proxy.close();
  }
  return {
    cell,
    problems,
    kills: worker.kills,
    seconds: (Date.now() - startedMs) / 1000,
    calls: proxy.calls,
    left,
    missed: proxy.pending,
  };
}

/** From the start of a job to its end, with everything that happens to it on the way. */
async function live(
  stage: Stage,
  job: StartedJob,
  { scenario }: Cell,
  worker: RestartingWorker,
): Promise<{ outcome: Outcome; followed: readonly string[] }> {
  const over = new AbortController();
  const following =
    scenario.vendor === 'linkis' ? followLog(stage, job, over.signal) : Promise.resolve([]);
  try {
    const [outcome] = await Promise.all([
      outcomeWithin(stage, job, limitMs),
      // Cancelled while its worker is down, or while the job runs: whichever comes first.
      scenario.cancels ? cancelWhenRunning(stage, job, () => worker.kills > 0) : undefined,
    ]);
    over.abort();
    return { outcome, followed: await following };
  } finally {
    over.abort();
    await following;
  }
}
