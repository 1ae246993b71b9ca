import type { Scenario } from './scenarios';
import type { Stage } from './stage';

const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;
const job = { jobName: 'daily {{scheduledDate}}', dbVendor: 'dbvhive' };

async function load(stage: Stage) {
  await stage.input('create view v as select a from t;');
  return { folder: stage.inputs, paths: ['load.sql'] };
}

export const scheduleScenarios: readonly Scenario[] = [
  {
    name: 'remoteJobsScheduledRun-task',
    outcome: { kind: 'succeeded', result: { vendor: 'linkis' } },
    run: (stage) =>
      stage.scheduled({
        type: 'linkisTask',
        job: { ...spark, code: "select '{{scheduledDate-1d}}' as day" },
      }),
  },
  {
    name: 'remoteJobsScheduledRun-task-cancelled',
    outcome: { kind: 'cancelled', kill: { outcome: 'confirmed' } },
    run: async (stage) => {
      const code = '-- local: delay 60s\nselect 1';
      const workflowId = await stage.scheduled({ type: 'linkisTask', job: { ...spark, code } });
      await stage.untilStatus(workflowId, 'Running');
      await stage.cancel(workflowId);
      return workflowId;
    },
  },
  {
    name: 'remoteJobsScheduledRun-job',
    outcome: { kind: 'succeeded', result: { vendor: 'sqlflow' } },
    run: async (stage) =>
      stage.scheduled({ type: 'sqlflowJob', files: await load(stage), job }),
  },
  {
    name: 'remoteJobsScheduledRun-persist-job',
    outcome: { kind: 'succeeded', result: { vendor: 'sqlflow' } },
    run: async (stage) =>
      stage.scheduled({ type: 'sqlflowPersistJob', files: await load(stage), job }),
  },
  {
    name: 'remoteJobsScheduledRun-refused',
    outcome: { kind: 'invalid' },
    run: (stage) => {
      const files = { folder: '/', paths: ['elsewhere.sql'] };
      return stage.scheduled({ type: 'sqlflowJob', files, job });
    },
  },
  {
    name: 'remoteJobsScheduledRun-refresh',
    outcome: { kind: 'succeeded', result: { end: 'refreshed' } },
    run: async (stage) => {
      const refresh = { chain: 'daily', connection: 'lineage', dbVendor: 'dbvhive' };
      return stage.scheduled({ type: 'chainRefresh', files: await load(stage), refresh });
    },
  },
];
