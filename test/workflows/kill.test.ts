import type { LinkisTaskInput, LinkisTaskResult } from '../../src/contracts/linkis';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob } from '../../src/starter/start';
import { jobStack, type JobStack } from '../support/job-stack';
import { sideBySide } from '../support/side-by-side';
import { until } from '../support/until';

/** A service of its own for each story. */
const names = ['slow', 'lostReply', 'refuses', 'noResults', 'timeOut', 'restarts'] as const;
type Service = (typeof names)[number];

let services: Readonly<Record<Service, LocalLinkis>>;
let stack: JobStack;
const stories = sideBySide();

beforeAll(async () => {
  const started = await Promise.all(
    names.map(async (name) => [name, await LocalLinkis.start()] as const),
  );
  services = Object.fromEntries(started) as Record<Service, LocalLinkis>;
  const connections = started.map(([name, { url }]) => {
    const token = { value: 'local-token' };
    return [name, { type: 'linkis', url, user: 'hadoop', token, lostAfterMs: 2000 }] as const;
  });
  stack = await jobStack(Object.fromEntries(connections));
  stories.begin();
});
afterAll(async () => {
  await stack.close();
  await Promise.all(names.map((name) => services[name].close()));
});

const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;
const long = { ...spark, code: '-- local: delay 1200s\nselect 1' };

async function start(connection: Service, task: LinkisTaskInput = long): Promise<string> {
  const input = { ...task, connection };
  const { client, taskQueue } = stack.temporal;
  return (await startJob(client, 'linkisTask', input, { taskQueue })).workflowId;
}

function outcome(workflowId: string) {
  return awaitOutcome<LinkisTaskResult>(stack.temporal.client, workflowId);
}

function cancel(workflowId: string) {
  return stack.temporal.client.workflow.getHandle(workflowId).cancel();
}

function calls({ service }: LocalLinkis, endpoint: string): number {
  return service.calls.filter((call) => call.endpoint === endpoint).length;
}

async function untilRunning(workflowId: string): Promise<void> {
  await until(async () => {
    const { progress } = await describeJob(stack.temporal.client, workflowId);
    return progress?.status === 'Running';
  });
}

async function untilSubmitting(workflowId: string, attempt: number): Promise<void> {
  await until(async () => {
    const { activity } = await describeJob(stack.temporal.client, workflowId);
    return activity?.name === 'linkisSubmitTask' && activity.attempt >= attempt;
  });
}

/** Tasks that the service holds and that have not ended. */
function atWork(linkis: LocalLinkis): number {
  return linkis.tasks().filter(({ status }) => ['Inited', 'Scheduled', 'Running'].includes(status))
    .length;
}

stories.test(
  'a cancel during a submit whose attempt succeeds kills the task that it made',
  async () => {
    const { slow } = services;
    slow.service.setFaults({ faults: [{ endpoint: 'submit', when: 'after', delayMs: 2500 }] });
    const workflowId = await start('slow');
    await until(() => Promise.resolve(atWork(slow) > 0));
    await cancel(workflowId);
    const ended = await outcome(workflowId);
    expect(ended).toMatchObject({ kind: 'cancelled', kill: { outcome: 'confirmed' } });
    expect(atWork(slow)).toBe(0);
  },
);

stories.test(
  'a cancel during a submit whose attempt loses its reply kills what is found by the key',
  async () => {
    const { lostReply } = services;
    lostReply.service.setFaults({
      faults: [{ endpoint: 'submit', when: 'after', delayMs: 2500, do: 'reset' }],
    });
    const workflowId = await start('lostReply');
    await until(() => Promise.resolve(atWork(lostReply) > 0));
    await cancel(workflowId);
    const ended = await outcome(workflowId);
    expect(ended).toMatchObject({ kind: 'cancelled', kill: { outcome: 'confirmed' } });
    expect(atWork(lostReply)).toBe(0);
  },
);

stories.test(
  'a cancel during the back-off of a submit of unknown outcome kills what is found by the key',
  async () => {
    const { refuses } = services;
    refuses.service.setFaults({
      faults: [
        { endpoint: 'submit', when: 'after', do: 'reset' },
        { endpoint: 'jobhistory/list', do: 'status', status: 503 },
      ],
    });
    const workflowId = await start('refuses');
    await untilSubmitting(workflowId, 3);
    refuses.service.setFaults({ faults: [] });
    await cancel(workflowId);
    const ended = await outcome(workflowId);
    // The next attempt may have adopted it a moment before.
    expect(ended).toMatchObject({ kind: 'cancelled', kill: { outcome: 'confirmed' } });
    expect(atWork(refuses)).toBe(0);
  },
);

stories.test('a step that fails after the task has succeeded leaves nothing to kill', async () => {
  const { noResults } = services;
  noResults.service.setFaults({
    faults: [{ endpoint: 'getDirFileTrees', do: 'error', code: 2, message: 'no such folder' }],
  });
  const workflowId = await start('noResults', { ...spark, code: 'select 1' });
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'failed' });
  expect(calls(noResults, 'kill')).toBe(0);
});

stories.test(
  "a job is given up and killed before the workflow's own time-out would end it without a word",
  async () => {
    const { client, taskQueue } = stack.temporal;
    const workflowId = `${taskQueue}-run-timeout`;
    await client.workflow.start('linkisTask', {
      taskQueue,
      workflowId,
      args: [{ ...long, connection: 'timeOut' }],
      // A quarter of it is kept back for the kill, which takes seconds on a busy machine.
      workflowRunTimeout: '60s',
    });
    const ended = await outcome(workflowId);
    expect(ended).toMatchObject({ kind: 'deadline', report: { kill: { outcome: 'confirmed' } } });
    expect(atWork(services.timeOut)).toBe(0);
  },
);

stories.test(
  'a task that its entrance lost ends its workflow as lost, with the report of a kill',
  async () => {
    const workflowId = await start('restarts');
    await untilRunning(workflowId);
    await services.restarts.restartEntrance();
    const ended = await outcome(workflowId);
    expect(ended).toMatchObject({
      kind: 'failed',
      type: 'RemoteJob.Lost',
      report: { kill: { outcome: 'unconfirmed', evidence: expect.stringMatching('Forced Kill') } },
    });
  },
);
