import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gatherInputs } from '../../src/artifacts/gather-inputs';
import type { ChainRefreshInput, RefreshOutcome } from '../../src/contracts/chain';
import { requestRefresh } from '../../src/starter/chains';
import { awaitOutcome } from '../../src/starter/outcome';
import type { PreparedJob, Scenario } from './scenarios';
import type { Stage } from './stage';

type Files = Readonly<Record<string, string>>;

const totals =
  'insert into mart.totals select o.customer, sum(o.amount) as amount from raw.orders o group by o.customer;';
const best =
  'create view mart.best as select t.customer, c.name from mart.totals t join raw.customers c on c.id = t.customer;';
/** Reads what no earlier form of the files reads: a refresh that lacks it was credited with an old one. */
export const lateSource = 'raw.late_customers';
const bestSince = `-- local: delay 4s\n${best.replace('raw.customers', lateSource)}`;

const earlier: Files = { 'load/totals.sql': totals, 'views/best.sql': best };
const later: Files = { 'load/totals.sql': totals, 'views/best.sql': bestSince };

export interface ChainExpectation {
  /** How many refreshes the chain has done when all is over, the one that is struck among them. */
  readonly refreshes: number;
  readonly generation: number;
}

/** A first refresh; one of an existing job, which got a changed file; a rebuild of such a job. */
export const chainScenarios: readonly Scenario[] = [
  chain('SQLFlow chain, first refresh', { refreshes: 1, generation: 1 }, { runs: 1 }),
  chain('SQLFlow chain, a changed file', { refreshes: 2, generation: 1 }, { runs: 2 }),
  chain('SQLFlow chain, rebuild', { refreshes: 2, generation: 2 }, { runs: 1, rebuild: true }),
  chain(
    'SQLFlow chain, cancelled',
    { refreshes: 2, generation: 1 },
    { runs: 2, end: 'abandoned', cancels: true },
  ),
];

function chain(
  name: string,
  expected: ChainExpectation,
  { rebuild, ...more }: Pick<Scenario, 'runs'> & Partial<Scenario> & { rebuild?: boolean },
): Scenario {
  return {
    name,
    vendor: 'sqlflow',
    end: 'succeeded',
    cancels: false,
    submit: 'submitPersistJob',
    chain: expected,
    async order(stage, marker) {
      const input = await refreshOf(stage, marker, later);
      return { type: 'sqlflowRefreshRequest', input: { ...input, rebuild } };
    },
    async before(stage, job, taskQueue) {
      if (expected.refreshes > 1) await refreshed(stage, job, taskQueue, earlier);
    },
    ...more,
  };
}

async function refreshOf(stage: Stage, marker: string, files: Files): Promise<ChainRefreshInput> {
  const folder = await mkdtemp(path.join(stage.folder, 'inputs-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  const { signal } = new AbortController();
  const inputs = await gatherInputs(stage.store, { paths: [folder] }, { signal });
  return { chain: marker, connection: 'sqlflow', dbVendor: 'dbvhive', inputs };
}

/** A refresh that nothing happens to. */
async function refreshed(
  stage: Stage,
  { marker }: Pick<PreparedJob, 'marker'>,
  taskQueue: string,
  files: Files,
): Promise<void> {
  const input = await refreshOf(stage, marker, files);
  const { workflowId } = await requestRefresh(stage.client, input, { taskQueue });
  const outcome = await awaitOutcome<RefreshOutcome>(stage.client, workflowId);
  if (outcome.kind !== 'succeeded' || outcome.result.end !== 'refreshed') {
    throw new Error(`a refresh without a crash came to ${JSON.stringify(outcome)}`);
  }
}

/** Whether the chain can be used after all that happened: it takes another change. */
export async function refreshAgain(stage: Stage, marker: string, taskQueue: string): Promise<void> {
  const again = {
    ...later,
    'load/more.sql': 'insert into mart.more select o.id from raw.orders o;',
  };
  await refreshed(stage, { marker }, taskQueue, again);
}
