import type { Bench, Side } from './bench';
import { withJobStack, type JobStack } from './job-stack';

async function historyOf(
  { client, taskQueue }: JobStack,
  name: string,
  workflowType: string,
  seconds: number,
): Promise<Side> {
  const code = `-- local: delay ${seconds}s\nselect 42 as answer`;
  const handle = await client.workflow.start(workflowType, {
    taskQueue,
    workflowId: `${workflowType}-${seconds}`,
    args: [{ code, engine: 'spark-2.4.3', runType: 'sql' }],
  });
  await handle.result();
  const { historyLength, raw } = await handle.describe();
  const historyBytes = Number(raw.workflowExecutionInfo?.historySizeBytes ?? NaN);
  return { name, figures: { events: historyLength, historyBytes } };
}

export const history: Bench = {
  name: 'history',
  title:
    'What a Linkis task leaves in Temporal’s history, by its length: a timer and an activity for every look (each 2 s) against the heartbeating wait.',
  hasBars: true,
  async *run(size) {
    yield* await withJobStack((stack) =>
      Promise.all(
        (size === 'quick' ? [1, 4] : [1, 10, 100]).map(async (seconds) => ({
          case: `a task of ${seconds} s`,
          growth: { of: 'linkis', size: seconds },
          sides: await Promise.all([
            historyOf(stack, 'timer and activity', 'pollingTask', seconds),
            historyOf(stack, 'linkisTask', 'linkisTask', seconds),
          ]),
        })),
      ),
    );
  },
  plotted: {
    size: 'seconds that the task takes',
    figures: { events: 'events', historyBytes: 'bytes of history' },
  },
};
