import type { AcmeRunInput, AcmeRunResult } from '../../src/contracts/acme';
import type { OrphansReport } from '../../src/contracts/orphans';
import { loadConfig } from '../../src/config/load';
import { LocalAcme } from '../../src/local/acme/local-acme';
import { cancelJob } from '../../src/starter/cancel';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob } from '../../src/starter/start';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';

let acme: LocalAcme;
let stack: JobStack;

beforeAll(async () => {
  acme = await LocalAcme.start();
  const token = { value: 'local-token' };
  stack = await jobStack({
    acme: { type: 'acme', url: acme.url, token },
    stranger: { type: 'acme', url: acme.url, token: { value: 'of-somebody-else' } },
  });
});
afterAll(async () => {
  await stack.close();
  await acme.close();
});
afterEach(() => acme.service.setFaults(undefined));

async function start(input: Partial<AcmeRunInput>) {
  const { client, taskQueue } = stack.temporal;
  const run = { connection: 'acme', name: 'nightly', command: 'echo hello', ...input };
  return startJob(client, 'acmeRun', run, { taskQueue });
}

function outcome(workflowId: string) {
  return awaitOutcome<AcmeRunResult>(stack.temporal.client, workflowId);
}

const runsOf = (id: string) => acme.all().filter(({ tags }) => tags['remote-jobs-workflow'] === id);

async function untilRunning(workflowId: string) {
  await until(async () => {
    const { progress } = await describeJob(stack.temporal.client, workflowId);
    return progress?.status === 'RUNNING' && progress.progress === 0.5;
  });
}

test('a run is submitted once, waited for, and its output is kept', async () => {
  const { workflowId } = await start({});
  const ended = await outcome(workflowId);
  if (ended.kind !== 'succeeded') throw new Error(JSON.stringify(ended));
  expect(ended.result).toMatchObject({ vendor: 'acme', decision: 'freshSubmit', warnings: [] });
  expect(await stack.read(ended.result.output)).toBe('hello');
  expect(runsOf(workflowId).map(({ id }) => id)).toEqual([ended.result.runId]);
  // Submit, wait and collect, and nothing more.
  expect((await stack.history(workflowId)).length).toBeLessThanOrEqual(30);
});

test("a run that fails ends its workflow in the service's words", async () => {
  const { workflowId } = await start({ command: 'fail no such table' });
  expect(await outcome(workflowId)).toMatchObject({
    kind: 'failed',
    type: 'RemoteJob.Failed',
    message: expect.stringMatching(/^Acme run .* ended as FAILED: no such table$/),
  });
});

test('a cancel stops the run, with proof', async () => {
  const { workflowId } = await start({ command: 'wait' });
  await untilRunning(workflowId);
  const ended = await cancelJob(stack.temporal.client, workflowId);
  expect(ended).toMatchObject({ kind: 'cancelled', kill: { outcome: 'confirmed' } });
  expect(runsOf(workflowId).map(({ state }) => state)).toEqual(['STOPPED']);
});

test('a submit whose reply is lost is found again by its key', async () => {
  acme.service.setFaults({
    faults: [{ endpoint: 'submit', calls: [1], when: 'after', do: 'reset' }],
  });
  const { workflowId } = await start({});
  const ended = await outcome(workflowId);
  expect(ended).toMatchObject({ kind: 'succeeded', result: { decision: 'adoptedFinished' } });
  expect(runsOf(workflowId)).toHaveLength(1);
});

test('a service that is away while a run waits delays its end and changes nothing else', async () => {
  const { workflowId } = await start({ command: 'wait' });
  await untilRunning(workflowId);
  acme.service.setFaults({ faults: [{ endpoint: '*', do: 'drop' }] });
  await until(async () => {
    const { progress } = await describeJob(stack.temporal.client, workflowId);
    return (progress?.consecutiveErrors ?? 0) > 0;
  });
  acme.service.setFaults(undefined);
  acme.finish();
  expect(await outcome(workflowId)).toMatchObject({ kind: 'succeeded' });
});

test('a wrong token and a wrong input fail before anything is sent, and no error holds the token', async () => {
  const { workflowId } = await start({ connection: 'stranger' });
  const refused = await outcome(workflowId);
  expect(refused).toMatchObject({ kind: 'failed', type: 'Service.NotLoggedIn' });
  expect(JSON.stringify(refused)).not.toContain('of-somebody-else');
  await expect(start({ command: ' ' })).rejects.toThrow('command: is blank');
  expect(runsOf(workflowId)).toEqual([]);
});

test('a run whose workflow was terminated is an orphan, and is stopped as one', async () => {
  const { client, taskQueue } = stack.temporal;
  const { workflowId } = await start({ command: 'wait' });
  await untilRunning(workflowId);
  await client.workflow.getHandle(workflowId).terminate('a test of orphans');
  const report: OrphansReport = await client.workflow.execute('remoteJobsOrphans', {
    taskQueue,
    workflowId: `${taskQueue}/orphans`,
    args: [{ kill: true, connection: 'acme' }],
  });
  expect(report.orphans).toMatchObject([{ workflowId, kill: { outcome: 'confirmed' } }]);
  expect(runsOf(workflowId).map(({ state }) => state)).toEqual(['STOPPED']);
});

test('the environment makes a connection, and a mistake is named by its variable', () => {
  const env = { ACME_URL: acme.url, ACME_TOKEN: 'local-token' };
  expect(loadConfig({ env, cwd: '/' }).connections).toEqual({
    acme: { type: 'acme', url: acme.url, token: { env: 'ACME_TOKEN' } },
  });
  expect(() => loadConfig({ env: { ACME_URL: 'nowhere' }, cwd: '/' })).toThrow(
    /ACME_URL[^]*ACME_TOKEN/,
  );
});
