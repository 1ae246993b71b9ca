import { LocalSqlFlow, type LocalSqlFlowOptions } from '../../src/local/sqlflow/local-sqlflow';
import { until } from '../support/until';
import { activityStack, Attempt, type ActivityStack } from './support';

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** No mark moves: only the name can tell a run from the one before it. */
const noMarks = { resubmitSession: 'same', newerFields: false } as const;

/** A persist job that has ended once, on a service that behaves so. */
async function persistJob(behaviour: LocalSqlFlowOptions['behaviour']) {
  const sqlflow = await LocalSqlFlow.start({ jobDelayMs: 0, behaviour });
  closings.push(() => sqlflow.close());
  const stack = await activityStack({ sqlflow });
  closings.push(() => stack.close());
  const { remoteId: jobId } = await submit(stack, 'first');
  /** How often it was sent to run, once it has ended. */
  const revisions = async () => {
    await until(() => Promise.resolve(sqlflow.jobs()[0]?.isBusy === false));
    return sqlflow.jobs()[0]?.revision;
  };
  expect(await revisions()).toBe(1);
  return { sqlflow, stack, jobId, revisions };
}

async function input(stack: ActivityStack, key: string, jobId?: string) {
  const files = await stack.stage({ 'a.sql': 'select a from b' });
  return { job: { jobName: 'chain', dbVendor: 'dbvhive', files, jobId }, key };
}

async function submit(stack: ActivityStack, key: string, jobId?: string) {
  return stack.run('sqlflowSubmitPersistJob', await input(stack, key, jobId));
}

/** The second attempt of a resubmit whose first one met this. */
async function secondAttempt(
  { sqlflow, stack, jobId, revisions }: Awaited<ReturnType<typeof persistJob>>,
  key: string,
  fault: { readonly do: 'reset'; readonly when?: 'after' },
) {
  sqlflow.service.setFaults({ faults: [{ endpoint: 'submitPersistJob', calls: [1], ...fault }] });
  const asked = await input(stack, key, jobId);
  const first = new Attempt();
  await stack.failure('sqlflowSubmitPersistJob', asked, first);
  await revisions();
  const second = new Attempt({ attempt: 2, heartbeatDetails: first.beats.at(-1) });
  return stack.run('sqlflowSubmitPersistJob', asked, second);
}

test('a service that takes the name over proves by it that a resubmit was taken, though no mark moves', async () => {
  const job = await persistJob({ ...noMarks, resubmitName: 'take' });
  expect(await secondAttempt(job, 'second', { do: 'reset', when: 'after' })).toMatchObject({
    decision: expect.stringMatching(/^adopted/),
    previous: expect.anything(),
  });
  expect(await job.revisions()).toBe(2);
});

test('a key that the name bore before the submit proves nothing', async () => {
  const job = await persistJob({ ...noMarks, resubmitName: 'take' });
  await submit(job.stack, 'second', job.jobId);
  expect(await job.revisions()).toBe(2);
  expect(await secondAttempt(job, 'second', { do: 'reset' })).toMatchObject({
    decision: 'freshSubmit',
  });
  expect(await job.revisions()).toBe(3);
});

test('where the marks move, a resubmit is told from none, whichever name the service shows', async () => {
  for (const resubmitName of ['keep', 'take'] as const) {
    const job = await persistJob({ resubmitName });
    expect(await secondAttempt(job, 'second', { do: 'reset', when: 'after' })).toMatchObject({
      decision: expect.stringMatching(/^adopted/),
    });
    expect(await secondAttempt(job, 'third', { do: 'reset' })).toMatchObject({
      decision: 'freshSubmit',
    });
    expect(await job.revisions()).toBe(3);
  }
});

test('a word that nobody knows is no end of the run under way: the resubmit waits', async () => {
  const { sqlflow, stack, jobId } = await persistJob({});
  const submits = () =>
    sqlflow.service.calls.filter(({ endpoint }) => endpoint === 'submitPersistJob').length;
  sqlflow.service.setFaults({
    faults: [{ endpoint: 'displayUserJobSummary', do: 'showStatus', status: 'paused' }],
  });
  const submitting = submit(stack, 'second', jobId);
  const looks = () =>
    sqlflow.service.calls.filter(({ endpoint }) => endpoint === 'displayUserJobSummary').length;
  await until(() => Promise.resolve(looks() >= 2 || submits() > 1));
  expect(submits()).toBe(1);
  sqlflow.service.setFaults(undefined);
  await submitting;
  expect(submits()).toBe(2);
});
