import type { LinkisTaskInput } from '../../src/contracts/linkis';
import type { Scenario } from './scenarios';
import type { Stage } from './stage';

const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;
const slow = '-- local: delay 60s\nselect 1';

function task(stage: Stage, code: string, more: Partial<LinkisTaskInput> = {}): Promise<string> {
  return stage.start('linkisTask', { ...spark, code, ...more });
}

async function running(
  stage: Stage,
  code = slow,
  more: Partial<LinkisTaskInput> = {},
): Promise<string> {
  const workflowId = await task(stage, code, more);
  await stage.untilStatus(workflowId, 'Running');
  return workflowId;
}

function lostReplies(stage: Stage, calls?: readonly number[]): void {
  stage.local.linkis.service.setFaults({
    faults: [{ endpoint: 'submit', when: 'after', do: 'drop', ...(calls && { calls }) }],
  });
}

export const linkisScenarios: readonly Scenario[] = [
  {
    name: 'linkisTask-succeeded',
    outcome: { kind: 'succeeded', result: { decision: 'freshSubmit' } },
    run: (stage) => task(stage, 'select n from range(10) t(n);\nselect 1 as one where 1 = 0;'),
  },
  {
    name: 'linkisTask-failed',
    outcome: { kind: 'failed', type: 'RemoteJob.Failed' },
    run: (stage) => task(stage, 'select * from no_such_table'),
  },
  {
    name: 'linkisTask-resubmitted',
    outcome: { kind: 'failed', type: 'RemoteJob.Failed' },
    run: (stage) =>
      task(stage, 'select * from no_such_table', {
        resubmit: { maxAttempts: 2, when: ['failed'] },
      }),
  },
  {
    name: 'linkisTask-adopted',
    outcome: { kind: 'succeeded', result: { decision: 'adopted' } },
    run: (stage) => {
      lostReplies(stage, [1]);
      return task(stage, '-- local: delay 3s\nselect 1');
    },
  },
  {
    name: 'linkisTask-cancelled',
    outcome: { kind: 'cancelled', kill: { outcome: 'confirmed' } },
    run: async (stage) => {
      const workflowId = await running(stage);
      await stage.cancel(workflowId);
      return workflowId;
    },
  },
  {
    name: 'linkisTask-cancelled-in-doubt',
    outcome: { kind: 'cancelled' },
    run: async (stage) => {
      lostReplies(stage);
      const called = stage.untilCalled('linkis', 'submit');
      const workflowId = await task(stage, slow);
      await called;
      await stage.cancel(workflowId);
      return workflowId;
    },
  },
  {
    name: 'linkisTask-cancelled-while-submitting',
    outcome: { kind: 'cancelled', kill: { outcome: 'confirmed' } },
    run: async (stage) => {
      stage.local.linkis.service.setFaults({
        faults: [{ endpoint: 'submit', delayMs: 5000, do: 'none' }],
      });
      const called = stage.untilCalled('linkis', 'submit');
      const workflowId = await task(stage, slow);
      await called;
      await stage.cancel(workflowId);
      return workflowId;
    },
  },
  {
    name: 'linkisTask-deadline',
    outcome: { kind: 'deadline' },
    run: (stage) => task(stage, slow, { timeoutMs: 4000 }),
  },
  {
    name: 'linkisTask-handed-over',
    outcome: { kind: 'succeeded' },
    run: async (stage) => {
      const workflowId = await running(stage, '-- local: delay 8s\nselect 1');
      await stage.handOver();
      return workflowId;
    },
  },
  {
    name: 'linkisTask-lost',
    outcome: { kind: 'failed', type: 'RemoteJob.Lost' },
    run: async (stage) => {
      const workflowId = await running(stage);
      await stage.local.linkis.restartEntrance();
      return workflowId;
    },
  },
  {
    name: 'linkisTask-lost-and-resubmitted',
    outcome: { kind: 'succeeded', result: { decision: 'resubmitAfterFailure' } },
    run: async (stage) => {
      const workflowId = await running(stage, '-- local: delay 12s\nselect 1', {
        resubmit: { maxAttempts: 2, when: ['lost'] },
      });
      await stage.local.linkis.restartEntrance();
      return workflowId;
    },
  },
  {
    name: 'linkisAttach-succeeded',
    outcome: { kind: 'succeeded' },
    run: async (stage) => {
      const followed = await task(stage, 'select 1');
      const result: unknown = await stage.client.workflow.getHandle(followed).result();
      const { taskId } = result as { taskId: string };
      return stage.start('linkisAttach', { taskId });
    },
  },
  {
    name: 'remoteJobsOrphans-killed',
    outcome: { kind: 'succeeded' },
    run: async (stage) => {
      const workflowId = await running(stage);
      await stage.client.workflow.getHandle(workflowId).terminate('for an orphan');
      return stage.startUnchecked('remoteJobsOrphans', { kill: true });
    },
  },
  {
    name: 'remoteJobsOrphans-found-none',
    outcome: { kind: 'succeeded' },
    run: (stage) => stage.startUnchecked('remoteJobsOrphans', {}),
  },
];
