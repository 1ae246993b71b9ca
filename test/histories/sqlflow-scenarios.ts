import type { SqlFlowJobInput, SqlFlowPersistJobInput } from '../../src/contracts/sqlflow';
import type { Scenario } from './scenarios';
import type { Stage } from './stage';

const load = `create table sales.orders (id int, amount int);
insert into mart.totals (id, total) select id, sum(amount) from sales.orders group by id;`;
const slow = `-- local: delay 60s\n${load}`;

function job(stage: Stage, sql: string, more: Partial<SqlFlowJobInput> = {}): Promise<string> {
  return stage
    .file(sql)
    .then((files) =>
      stage.start('sqlflowJob', { jobName: 'nightly', dbVendor: 'dbvhive', files, ...more }),
    );
}

async function persist(
  stage: Stage,
  sql: string,
  more: Partial<SqlFlowPersistJobInput> = {},
): Promise<string> {
  const files = await stage.file(sql);
  const input = { jobName: 'model', dbVendor: 'dbvhive', files, ...more };
  return stage.start('sqlflowPersistJob', input);
}

async function jobIdOf(stage: Stage, workflowId: string): Promise<string> {
  const result: unknown = await stage.client.workflow.getHandle(workflowId).result();
  return (result as { jobId: string }).jobId;
}

export const sqlflowScenarios: readonly Scenario[] = [
  {
    name: 'remoteJobsPrune-deleted',
    outcome: { kind: 'succeeded' },
    async run(stage) {
      const workflowId = await job(stage, load);
      await jobIdOf(stage, workflowId);
      return stage.startUnchecked('remoteJobsPrune', { olderThanMs: 0 });
    },
  },
  {
    name: 'sqlflowJob-succeeded',
    outcome: { kind: 'succeeded', result: { decision: 'freshSubmit' } },
    run: (stage) => job(stage, load),
  },
  {
    name: 'sqlflowJob-failed',
    outcome: { kind: 'failed', type: 'RemoteJob.Failed' },
    run: (stage) => job(stage, 'selec from where ('),
  },
  {
    name: 'sqlflowJob-invalid',
    outcome: { kind: 'invalid' },
    run: (stage) => stage.startUnchecked('sqlflowJob', { jobName: '', dbVendor: '', files: [] }),
  },
  {
    name: 'sqlflowJob-adopted',
    outcome: { kind: 'succeeded', result: { decision: 'adopted' } },
    run: (stage) => {
      stage.local.sqlflow.service.setFaults({
        faults: [{ endpoint: 'submitUserJob', calls: [1], when: 'after', do: 'drop' }],
      });
      return job(stage, `-- local: delay 3s\n${load}`);
    },
  },
  {
    name: 'sqlflowJob-cancelled',
    outcome: { kind: 'cancelled', kill: { outcome: 'removed' } },
    run: async (stage) => {
      const workflowId = await job(stage, slow);
      await stage.untilStatus(workflowId, 'process');
      await stage.cancel(workflowId);
      return workflowId;
    },
  },
  {
    name: 'sqlflowJob-cancelled-in-doubt',
    outcome: { kind: 'cancelled' },
    run: async (stage) => {
      stage.local.sqlflow.service.setFaults({
        faults: [{ endpoint: 'submitUserJob', when: 'after', do: 'drop' }],
      });
      const called = stage.untilCalled('sqlflow', 'submitUserJob');
      const workflowId = await job(stage, slow);
      await called;
      await stage.cancel(workflowId);
      return workflowId;
    },
  },
  {
    name: 'sqlflowJob-deadline',
    outcome: { kind: 'deadline' },
    run: (stage) => job(stage, slow, { timeoutMs: 4000 }),
  },
  {
    name: 'sqlflowJob-handed-over',
    outcome: { kind: 'succeeded' },
    run: async (stage) => {
      const workflowId = await job(stage, `-- local: delay 8s\n${load}`);
      await stage.untilStatus(workflowId, 'process');
      await stage.handOver();
      return workflowId;
    },
  },
  {
    name: 'sqlflowJob-removed-after-export',
    outcome: { kind: 'succeeded' },
    run: (stage) => job(stage, load, { afterExport: 'delete' }),
  },
  {
    name: 'sqlflowPersistJob-first',
    outcome: { kind: 'succeeded', result: { decision: 'freshSubmit' } },
    run: (stage) => persist(stage, load),
  },
  {
    name: 'sqlflowPersistJob-again',
    outcome: { kind: 'succeeded' },
    run: async (stage) => {
      const jobId = await jobIdOf(stage, await persist(stage, load));
      return persist(stage, load.replace('mart.totals', 'mart.sums'), { jobId });
    },
  },
  {
    name: 'sqlflowPersistJob-cancelled',
    outcome: { kind: 'cancelled', kill: { outcome: 'abandoned' } },
    run: async (stage) => {
      const workflowId = await persist(stage, slow);
      await stage.untilStatus(workflowId, 'process');
      await stage.cancel(workflowId);
      return workflowId;
    },
  },
  {
    name: 'sqlflowAttach-succeeded',
    outcome: { kind: 'succeeded' },
    run: async (stage) => {
      const jobId = await jobIdOf(stage, await persist(stage, load));
      return stage.start('sqlflowAttach', { jobId });
    },
  },
];
