import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PreparedStep } from '../../src/contracts/pipeline-steps';
import { answerApproval, pendingApprovals } from '../../src/starter/approvals';
import { describeJob } from '../../src/starter/describe';
import { pipelineState } from '../../src/starter/pipelines';
import { task, type TestStep } from '../workflows/pipeline-stage';
import type { Scenario } from './scenarios';
import type { Stage } from './stage';

const quick: TestStep = { run: task('select 1 as one') };
const wrong: TestStep = { run: task('select * from no_such_table') };
const endless: TestStep = { run: task('-- local: delay 60s\nselect 1 as one') };
const asks: TestStep = { run: { type: 'approval', message: 'is it right?', timeoutMs: 60_000 } };
const again = { maxAttempts: 2, initialMs: 10, factor: 2, mostMs: 10 };
/** What a run does before it hands over, at the least. */
const short = { historyEvents: 60, maxParallel: 4 };

function many(count: number): Record<string, TestStep> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`s${at}`, quick]));
}

function untilStanding(stage: Stage, id: string, step: string, standing: string): Promise<void> {
  return stage.until(async () => {
    const { steps } = await pipelineState(stage.client, id);
    return steps.find(({ name }) => name === step)?.standing === standing;
  });
}

/** Once the service has a step's job at work; before its start there is no such workflow. */
async function isAtWork(stage: Stage, stepId: string): Promise<boolean> {
  const found = await describeJob(stage.client, stepId).catch(() => undefined);
  return found?.progress?.status === 'Running';
}

/** Answers the one step that asks. */
async function answer(stage: Stage, workflowId: string, approved: boolean): Promise<void> {
  const isAsked = async () =>
    (await pendingApprovals(stage.client)).some((one) => one.workflowId === workflowId);
  await stage.until(isAsked);
  await answerApproval(stage.client, workflowId, { approved, by: 'alice' });
}

async function stepOf(stage: Stage, run: PreparedStep): Promise<string> {
  const { workflowId } = await stage.pipeline({ only: { run } });
  const step = `${workflowId}/only`;
  await stage.until(async () => (await describeJob(stage.client, step).catch(() => 0)) !== 0);
  return step;
}

export const pipelineScenarios: readonly Scenario[] = [
  {
    name: 'remoteJobsPipeline-succeeded',
    outcome: { kind: 'succeeded', result: { counts: { succeeded: 3, skipped: 1 } } },
    run: (stage) =>
      stage.pipeline({
        load: quick,
        beside: quick,
        end: { ...quick, needs: ['load', 'beside'] },
        tell: { ...quick, needs: ['load'], when: 'failure' },
      }),
  },
  {
    name: 'remoteJobsPipeline-failed',
    outcome: { kind: 'failed', type: 'Pipeline.Failed' },
    run: (stage) =>
      stage.pipeline({
        load: { ...wrong, retry: again },
        next: { ...quick, needs: ['load'] },
        tell: { ...quick, needs: ['next'], when: 'failure' },
      }),
  },
  {
    name: 'remoteJobsPipeline-cancelled',
    outcome: { kind: 'cancelled', kill: { outcome: 'confirmed' } },
    run: async (stage) => {
      const { workflowId } = await stage.pipeline({
        slow: endless,
        next: { ...quick, needs: ['slow'], when: 'always' },
      });
      await stage.until(() => isAtWork(stage, `${workflowId}/slow`));
      await stage.cancel(workflowId);
      return workflowId;
    },
  },
  {
    name: 'remoteJobsPipeline-deadline',
    outcome: { kind: 'deadline' },
    run: (stage) => stage.pipeline({ slow: endless }, { timeoutMs: 6000 }),
  },
  {
    name: 'remoteJobsPipeline-hands-over',
    outcome: { kind: 'succeeded' },
    run: (stage) => stage.pipeline(many(20), short),
  },
  {
    name: 'remoteJobsPipeline-handed-over',
    outcome: { kind: 'failed', report: { pipeline: { counts: { succeeded: 22, failed: 1 } } } },
    run: async (stage) => {
      const steps = { ...many(20), waits: { ...quick, needs: ['asks'] }, asks };
      const { workflowId } = await stage.pipeline({ ...steps, ends: asks }, short);
      await untilStanding(stage, workflowId, 's19', 'succeeded');
      await answer(stage, `${workflowId}/ends`, false);
      await answer(stage, `${workflowId}/asks`, true);
      return workflowId;
    },
  },
  {
    name: 'remoteJobsPipeline-handed-over-cancelled',
    outcome: { kind: 'cancelled', kill: { outcome: 'confirmed' } },
    run: async (stage) => {
      const { workflowId } = await stage.pipeline({ slow: endless, ...many(20) }, short);
      await untilStanding(stage, workflowId, 's19', 'succeeded');
      await stage.cancel(workflowId);
      return workflowId;
    },
  },
  {
    name: 'remoteJobsPipelineStep-task',
    outcome: { kind: 'succeeded', result: { vendor: 'linkis' } },
    run: (stage) => stepOf(stage, quick.run),
  },
  {
    name: 'remoteJobsPipelineStep-refused',
    outcome: { kind: 'invalid' },
    run: (stage) => stepOf(stage, task('select 1', { engine: 'spark' })),
  },
  {
    name: 'remoteJobsPipelineStep-job',
    outcome: { kind: 'succeeded', result: { vendor: 'sqlflow' } },
    run: async (stage) => {
      const files = await stage.file('create view v as select a from t;');
      return stepOf(stage, {
        type: 'sqlflowJob',
        input: { jobName: 'step', dbVendor: 'dbvhive', files },
      });
    },
  },
  {
    name: 'remoteJobsPipelineStep-tries-again',
    outcome: { kind: 'failed' },
    run: async (stage) => {
      const { workflowId } = await stage.pipeline({ load: { ...wrong, retry: again } });
      await untilStanding(stage, workflowId, 'load', 'failed');
      const step = `${workflowId}/load`;
      const runs: string[] = [];
      // The list lags behind.
      await stage.until(async () => {
        runs.length = 0;
        for await (const run of stage.client.workflow.list({ query: `WorkflowId = '${step}'` })) {
          runs.push(run.runId);
        }
        return runs.length === 2;
      });
      return { workflowId: step, runId: runs[1] ?? '' };
    },
  },
  {
    name: 'remoteJobsPipelineStep-approved',
    outcome: { kind: 'succeeded', result: { approvedBy: 'alice' } },
    run: async (stage) => {
      const step = await stepOf(stage, asks.run);
      await answer(stage, step, true);
      return step;
    },
  },
  {
    name: 'remoteJobsPipelineStep-not-answered',
    outcome: { kind: 'failed', type: 'Chain.ApprovalTimedOut' },
    run: (stage) =>
      stepOf(stage, { type: 'approval', message: 'is it right?', timeoutMs: 1000 }),
  },
  {
    name: 'remoteJobsScheduledRun-pipeline',
    outcome: { kind: 'succeeded', result: { pipeline: 'daily' } },
    run: async (stage) => {
      const file = path.join(path.dirname(await stage.input('select 1;')), 'daily.yaml');
      const linkis = `{ code: "select '{{scheduledDate}}' as day", engine: spark-2.4.3, runType: sql }`;
      await writeFile(file, `name: daily\nsteps:\n  load: { linkis: ${linkis} }\n`);
      const workflowId = await stage.scheduled({ type: 'pipeline', file, name: 'daily' });
      const runs: { runId: string; type: string }[] = [];
      await stage.until(async () => {
        runs.length = 0;
        const query = `WorkflowId = '${workflowId}'`;
        for await (const run of stage.client.workflow.list({ query })) runs.push(run);
        return runs.length === 2;
      });
      const first = runs.find(({ type }) => type === 'remoteJobsScheduledRun');
      return { workflowId, runId: first?.runId ?? '' };
    },
  },
];
