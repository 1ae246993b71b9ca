import { SubmitRefusedError } from '../../src/contracts/hooks';
import { awaitOutcome } from '../../src/starter/outcome';
import type { Scenario } from './scenarios';
import type { Stage } from './stage';

const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;

/** A task of which a hook is told. */
async function told(stage: Stage, code: string): Promise<string> {
  const workflowId = await stage.start('linkisTask', { ...spark, code });
  await awaitOutcome(stage.client, workflowId);
  return workflowId;
}

/** Jobs whose ends an application hears of: an activity more, behind every other step. */
export const hookScenarios: readonly Scenario[] = [
  {
    name: 'linkisTask-end-told',
    outcome: { kind: 'succeeded' },
    run: (stage) =>
      stage.withHooks({ afterEnd: () => undefined }, () => told(stage, 'select 1 as one')),
  },
  {
    name: 'linkisTask-failure-told',
    outcome: { kind: 'failed', type: 'RemoteJob.Failed' },
    run: (stage) =>
      stage.withHooks({ afterEnd: () => undefined }, () =>
        told(stage, 'select * from no_such_table'),
      ),
  },
  {
    name: 'linkisTask-refused-by-policy',
    outcome: { kind: 'failed', type: 'RemoteJob.RefusedByPolicy' },
    run: (stage) =>
      stage.withHooks(
        {
          beforeSubmit() {
            throw new SubmitRefusedError('not in May');
          },
          afterEnd: () => undefined,
        },
        () => told(stage, 'select 1 as one'),
      ),
  },
];
