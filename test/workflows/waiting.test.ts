import type { LinkisTaskInput, LinkisTaskResult } from '../../src/contracts/linkis';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob } from '../../src/starter/start';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';

let linkis: LocalLinkis;
let stack: JobStack;

beforeAll(async () => {
  linkis = await LocalLinkis.start();
  stack = await jobStack({
    linkis: { type: 'linkis', url: linkis.url, user: 'hadoop', token: { value: 'local-token' } },
  });
});
afterAll(async () => {
  await stack.close();
  await linkis.close();
});
afterEach(() => linkis.service.setFaults({ faults: [] }));

async function start(input: Pick<LinkisTaskInput, 'code'>): Promise<string> {
  const { client, taskQueue } = stack.temporal;
  const task = { engine: 'spark-2.4.3', runType: 'sql', ...input };
  return (await startJob(client, 'linkisTask', task, { taskQueue })).workflowId;
}

async function progressOf(workflowId: string) {
  return (await describeJob(stack.temporal.client, workflowId)).progress;
}

test('while the service is away the job waits on, and whoever looks is told since when', async () => {
  const startedAtMs = Date.now();
  const workflowId = await start({ code: '-- local: delay 10m\nselect 1' });
  await until(async () => (await progressOf(workflowId))?.status === 'Running');
  linkis.service.setFaults({ faults: [{ endpoint: '*', do: 'drop' }] });
  // A heartbeat is up to 16 s old.
  await until(async () => (await progressOf(workflowId))?.unreachableSinceMs !== undefined);
  const progress = await progressOf(workflowId);
  expect(progress?.unreachableSinceMs).toBeGreaterThan(startedAtMs);
  expect(progress).toMatchObject({ status: 'Running', lastError: expect.stringMatching(/\w/) });
  linkis.service.setFaults({ faults: [] });
  linkis.endDelays();
  const ended = await awaitOutcome<LinkisTaskResult>(stack.temporal.client, workflowId);
  expect(ended.kind).toBe('succeeded');
}, 120_000);
