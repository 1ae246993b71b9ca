import { awaitOutcome } from '../src/starter/outcome';
import { startJob } from '../src/starter/start';
import type { LinkisClient } from '../src/clients/linkis/public';
import { quantile, type Bench, type Side } from './bench';
import { withJobStack, type JobStack } from './job-stack';
import { linkisClient, linkisUser, untilEnded } from './linkis-target';

const task = { code: 'select 42 as answer', engine: 'spark-2.4.3', runType: 'sql' };
const { signal } = new AbortController();

/** Submit, wait, log and results, by nothing but HTTP calls. */
async function bareCalls(client: LinkisClient, intervalMs: number): Promise<void> {
  const call = { signal, user: linkisUser };
  const { taskId } = await client.submit(task, call);
  const { logPath, resultLocation } = await untilEnded(client, taskId, intervalMs, signal);
  await client.openLog(logPath ?? '', call);
  const [file] = await client.getDirFileTrees(resultLocation ?? '', call);
  await client.openFile(file?.path ?? '', {}, call);
}

async function durableTask({ client, taskQueue }: JobStack): Promise<void> {
  const { workflowId } = await startJob(client, 'linkisTask', task, { taskQueue });
  const outcome = await awaitOutcome(client, workflowId);
  if (outcome.kind !== 'succeeded') throw new Error(`the task ended as ${outcome.kind}`);
}

async function timed(name: string, tasks: number, run: () => Promise<void>): Promise<Side> {
  await run(); // the first one also connects and logs in
  const timesMs: number[] = [];
  for (let i = 0; i < tasks; i++) {
    const startedMs = performance.now();
    await run();
    timesMs.push(performance.now() - startedMs);
  }
  return { name, figures: { p50Ms: quantile(timesMs, 0.5), p95Ms: quantile(timesMs, 0.95) } };
}

export const overhead: Bench = {
  name: 'overhead',
  title:
    'A Linkis task that takes no time, from submit to stored log and results, one after the other: bare HTTP calls against a durable workflow.',
  async *run(quick) {
    const tasks = quick ? 3 : 20;
    yield await withJobStack(async (stack) => {
      const client = linkisClient(stack.linkisUrl);
      try {
        return {
          case: `${tasks} tasks`,
          sides: [
            await timed('bare calls, a look each 20 ms', tasks, () => bareCalls(client, 20)),
            await timed('bare calls, a look each 500 ms', tasks, () => bareCalls(client, 500)),
            await timed('linkisTask', tasks, () => durableTask(stack)),
          ],
        };
      } finally {
        await client.close();
      }
    });
  },
};
