import { mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { stageFiles } from '../../src/artifacts/staging';
import type { StagedFile } from '../../src/contracts/artifact';
import type { ChainRefreshInput } from '../../src/contracts/chain';
import type { LinkisTaskInput } from '../../src/contracts/linkis';
import type { Vendor } from '../../src/contracts/names';
import { requestRefresh } from '../../src/starter/chains';
import { startJob, type JobInputs, type JobWorkflow } from '../../src/starter/start';
import { chainScenarios, type ChainExpectation } from './chain-scenarios';
import { newPersistJob } from './evidence';
import type { Stage } from './stage';

/** The only right end of a scenario's workflow. `abandoned`: cancelled, and left alone on purpose. */
export type RightEnd = 'succeeded' | 'failed' | 'deadline' | 'cancelled' | 'abandoned';

/** One kind of job that a run of the harness starts again and again. */
export interface Scenario {
  readonly name: string;
  readonly vendor: Vendor;
  readonly end: RightEnd;
  /** Whether whoever started it cancels it. */
  readonly cancels: boolean;
  /** The endpoint that makes the remote job, as the proxy names it. */
  readonly submit: string;
  /** What the service answers in place of the truth, by endpoint. */
  readonly refuses?: Readonly<Record<string, string>>;
  /** How many runs the remote job has when all is done. */
  readonly runs: number;
  /** Of a refresh of a persist chain. */
  readonly chain?: ChainExpectation;
  /** What there is before anything is struck. */
  before?(stage: Stage, job: PreparedJob, taskQueue: string): Promise<void>;
  /** @param marker stands in the remote job's name or code; no other job bears it */
  order(stage: Stage, marker: string): Promise<Order>;
}

export type Order =
  | { [Type in JobWorkflow]: { readonly type: Type; readonly input: JobInputs[Type] } }[JobWorkflow]
  | { readonly type: 'sqlflowRefreshRequest'; readonly input: ChainRefreshInput };

/** Numbered statements that each leave a line in the log, and result rows on several pages. */
export const numberedLines = 24;
export const resultRows = 12_000;

const seconds = (count: number) => `-- local: delay ${count}s`;

function numbered(marker: string): string {
  const lines = Array.from(
    { length: numberedLines },
    (_, index) => `-- local: delay 150ms\nset line = ${index + 1};`,
  );
  return `-- ${marker}\n${lines.join('\n')}\nselect id as n, 'row' as word from range(${resultRows})`;
}

const sql = [
  'insert into mart.totals select o.customer, sum(o.amount) as amount from raw.orders o group by o.customer;',
  'create view mart.best as select t.customer, c.name from mart.totals t join raw.customers c on c.id = t.customer;',
].join('\n');

function linkis(
  name: string,
  task: Partial<LinkisTaskInput>,
  code: (marker: string) => string,
  more: Partial<Scenario> = {},
): Scenario {
  return {
    name,
    vendor: 'linkis',
    end: 'succeeded',
    cancels: false,
    submit: `entrance/${task.endpoint ?? 'submit'}`,
    runs: 1,
    async order(_stage, marker) {
      const input = { engine: 'spark-2.4.3', runType: 'sql', code: code(marker), ...task };
      return { type: 'linkisTask', input };
    },
    ...more,
  };
}

function sqlflow(
  name: string,
  content: string,
  { timeoutMs, persist, ...more }: Partial<Scenario> & { timeoutMs?: number; persist?: boolean },
): Scenario {
  return {
    name,
    vendor: 'sqlflow',
    end: 'succeeded',
    cancels: false,
    submit: persist ? 'submitPersistJob' : 'submitUserJob',
    runs: persist ? 1 : 0,
    async order(stage, marker) {
      const files = await staged(stage, content);
      const input = { jobName: marker, dbVendor: 'dbvhive', files, timeoutMs };
      return persist ? { type: 'sqlflowPersistJob', input } : { type: 'sqlflowJob', input };
    },
    ...more,
  };
}

const resubmit: Scenario = {
  name: 'SQLFlow persist job, with its jobId',
  vendor: 'sqlflow',
  end: 'succeeded',
  cancels: false,
  submit: 'submitPersistJob',
  runs: 2,
  async order(stage, marker) {
    const first = 'insert into mart.days select d.day from raw.days d;';
    const jobId = await newPersistJob(stage.sqlflowUrl, marker, first);
    const files = await staged(stage, `${seconds(4)}\n${sql}`);
    return {
      type: 'sqlflowPersistJob',
      input: { jobName: marker, jobId, dbVendor: 'dbvhive', files },
    };
  },
};

const forbidden = JSON.stringify({
  method: '/api/filesystem/openLog',
  status: 1,
  message: 'errCode: 80010 ,desc: no permission to open this file',
  data: {},
});

const task = linkis('Linkis 1.x', {}, numbered);
const oldTask = linkis('Linkis 0.x', { endpoint: 'execute' }, numbered);
const withoutLog = linkis('Linkis 1.x, its own log out of reach', {}, numbered, {
  refuses: { 'filesystem/openLog': forbidden },
});
const simple = sqlflow('SQLFlow simple job', `${seconds(4)}\n${sql}`, {});
const persist = sqlflow('SQLFlow persist job', `${seconds(4)}\n${sql}`, { persist: true });
const slow = (marker: string) => `-- ${marker}\n-- local: delay 10m\nselect 1 as one`;
const cancelled = { end: 'cancelled', cancels: true } as const;
const cancelTask = linkis('Linkis cancel', {}, slow, cancelled);
const cancelJob = sqlflow('SQLFlow cancel', `${seconds(600)}\n${sql}`, cancelled);

/** The rows of the crash matrix. */
export const crashScenarios: readonly Scenario[] = [
  simple,
  persist,
  resubmit,
  task,
  oldTask,
  withoutLog,
  cancelJob,
  cancelTask,
  ...chainScenarios,
];

/** What the fault storm mixes; the first ones of both vendors come more often. */
export const stormScenarios: readonly (readonly [share: number, scenario: Scenario])[] = [
  [6, simple],
  [3, persist],
  [3, resubmit],
  [7, task],
  [4, oldTask],
  [2, cancelJob],
  [3, cancelTask],
  [
    1,
    sqlflow('SQLFlow persist job, abandoned', `${seconds(60)}\n${sql}`, {
      persist: true,
      end: 'abandoned',
      cancels: true,
    }),
  ],
  [1, sqlflow('SQLFlow, wrong SQL', 'insert insert;', { end: 'failed' })],
  [
    2,
    linkis('Linkis, wrong SQL', {}, (marker) => `-- ${marker}\nselect nothing from nowhere`, {
      end: 'failed',
    }),
  ],
  [
    1,
    sqlflow('SQLFlow deadline', `${seconds(600)}\n${sql}`, { end: 'deadline', timeoutMs: 20_000 }),
  ],
  [2, linkis('Linkis deadline', { timeoutMs: 20_000 }, slow, { end: 'deadline' })],
];

/** A job with all it needs lying ready. */
export interface PreparedJob {
  readonly scenario: Scenario;
  /** In the remote job's name or code; no other job of this process bears it. */
  readonly marker: string;
  readonly order: Order;
}

/** A job under way. */
export interface StartedJob extends PreparedJob {
  readonly workflowId: string;
  readonly runId: string;
}

let markers = 0;

export async function prepare(stage: Stage, scenario: Scenario): Promise<PreparedJob> {
  const marker = `fire-${(markers += 1)}`;
  return { scenario, marker, order: await scenario.order(stage, marker) };
}

/** Started twice it is still one workflow, so a start whose answer was lost is just repeated. */
export async function start(
  stage: Stage,
  job: PreparedJob,
  taskQueue: string,
): Promise<StartedJob> {
  const { type, input } = job.order;
  const workflowId = `${taskQueue}/${job.marker}/${job.scenario.name.replaceAll(/[^\w.]+/g, '-')}`;
  try {
    const options = { taskQueue, workflowId };
    if (type === 'sqlflowRefreshRequest') await requestRefresh(stage.client, input, options);
    // Type and input belong together, which TypeScript can't see through the union.
    else await startJob(stage.client, type as 'linkisTask', input as LinkisTaskInput, options);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const { runId } = await stage.client.workflow.getHandle(workflowId).describe();
  return { ...job, workflowId, runId };
}

async function staged(stage: Stage, content: string): Promise<readonly StagedFile[]> {
  const folder = await mkdtemp(path.join(stage.folder, 'inputs-'));
  const file = path.join(folder, 'load.sql');
  await writeFile(file, content);
  return stageFiles(stage.store, [file], { signal: new AbortController().signal });
}
