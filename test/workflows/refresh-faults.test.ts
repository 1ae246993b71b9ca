import { createHash } from 'node:crypto';
import type { JobState } from '../../src/contracts/job';
import { sideBySide } from '../support/side-by-side';
import { until } from '../support/until';
import {
  clientOf,
  passed,
  RefreshStage,
  type StartedRefresh,
  type TestChain,
} from './refresh-stage';

const totals =
  'insert into mart.totals (id, total) select id, sum(amount) from sales.orders group by id;';
const top = 'insert into mart.top (id) select id from mart.totals;';
const topOfTotals = 'insert into mart.top (id, total) select id, total from mart.totals;';
const before = { 'totals.sql': totals, 'top.sql': top };
const after = { 'totals.sql': totals, 'top.sql': topOfTotals };

/** A service of its own for each story that needs a fault. */
const services = {
  stale: { behaviour: { staleSuccessMs: 2500, resubmitSession: 'same' } },
  mute: {
    behaviour: { staleSuccessMs: 1000, resubmitSession: 'same', newerFields: false },
    jobDelayMs: 10_000,
  },
  renames: { behaviour: { resubmitJobId: 'new' } },
  lostRename: { behaviour: { resubmitJobId: 'new' } },
  lostFirst: {},
  lateFirst: {},
  lostCandidate: {},
  lostReply: {},
  deletes: {},
  goneThenLost: {},
  begunAnew: {},
  makesAnother: { behaviour: { unknownJobId: 'newJob' } },
  makesAnotherLater: { behaviour: { unknownJobId: 'newJob' }, maxUploadBytes: 3000 },
  renamesParts: { behaviour: { resubmitJobId: 'new' }, maxUploadBytes: 3000 },
  pretends: {},
  writes: {},
} as const;

let stage: RefreshStage<keyof typeof services>;
const stories = sideBySide();

beforeAll(async () => {
  stage = await RefreshStage.open<keyof typeof services>(services);
  stories.begin();
});
afterAll(() => stage.close());

/** A refresh whose submit is under way for a second time. */
async function untilTriedAgain(
  { stack }: TestChain,
  { workflowId }: StartedRefresh,
  type?: string,
): Promise<void> {
  const handle = stack.temporal.client.workflow.getHandle(workflowId);
  await until(async () => {
    // The one above it may not have started it yet.
    const described = await handle.describe().catch(() => undefined);
    const activities = described?.raw.pendingActivities ?? [];
    return activities.some(
      ({ attempt, activityType }) =>
        (attempt ?? 0) > 1 && (type === undefined || activityType?.name === type),
    );
  });
}

async function untilKilling({ stack }: TestChain, { workflowId }: StartedRefresh): Promise<void> {
  const handle = stack.temporal.client.workflow.getHandle(workflowId);
  await until(async () => (await handle.query<JobState>('jobState')).phase === 'killing');
}

const listIsAway = { endpoint: 'displayUserJobsSummary', do: 'status', status: 503 };

stories.test('the end of the run before is not taken for that of a resubmit', async () => {
  const chain = stage.chain('stale', 'stale');
  passed(await chain.refresh(before));
  const done = passed(await chain.refresh(after));
  // While the old end is shown, so is the old lineage.
  expect(done.counts.change).toMatchObject({ columnsAdded: 1 });
  expect(done.warnings).toEqual([]);
});

stories.test(
  'a service without any mark of a run is believed once the job was seen at work',
  async () => {
    const chain = stage.chain('mute', 'mute');
    passed(await chain.refresh(before));
    const done = passed(await chain.refresh(after));
    expect(done.counts.change).toMatchObject({ columnsAdded: 1 });
  },
);

stories.test(
  'a resubmit that is answered with another jobId is followed by one of every file',
  async () => {
    const chain = stage.chain('renames', 'renames');
    const first = passed(await chain.refresh(before));
    const run = await chain.refresh(after);
    const done = passed(run);
    const [job] = chain.jobs();
    expect(chain.jobs()).toHaveLength(1);
    expect(done.generation).toMatchObject({ generation: 1, jobId: job?.jobId, submits: 2 });
    expect(done.generation.jobId).not.toBe(first.generation.jobId);
    expect(run.held.at(-1)).toMatchObject({ generation: { jobId: job?.jobId }, candidate: false });
    expect(done.files).toMatchObject({ total: 2, sent: 2 });
    expect(done.warnings).toEqual([
      expect.stringContaining(`job ${first.generation.jobId} with jobId`),
      expect.stringContaining(`with jobId ${job?.jobId}`),
    ]);
    expect((await chain.refresh(after)).done).toMatchObject({ end: 'unchanged', warnings: [] });
  },
);

stories.test('a job that went on under another id unheard of is found again', async () => {
  const chain = stage.chain('lostRename', 'lost-rename');
  passed(await chain.refresh(before));
  chain.service.service.setFaults({
    faults: [{ endpoint: 'submitPersistJob', calls: [1], when: 'after', do: 'reset' }],
  });
  const lost = await chain.refresh(after);
  expect(lost.failure).toMatchObject({ type: 'RemoteJob.SubmitOutcomeUnknown' });
  const done = passed(await chain.refresh(after));
  expect(chain.jobs()).toMatchObject([{ jobId: done.generation.jobId }]);
  expect(done.generation.generation).toBe(1);
  expect(done.files).toMatchObject({ sent: 2 });
  expect(done.warnings[0]).toMatch(/knows job [0-9a-f]{32} no more, and has the chain's job under/);
});

stories.test(
  'a first submit that nobody heard of is found by its key by the next refresh',
  async () => {
    const chain = stage.chain('lostFirst', 'lost-first');
    chain.service.service.setFaults({
      faults: [
        { endpoint: 'submitPersistJob', calls: [1], when: 'after', do: 'reset' },
        listIsAway,
      ],
    });
    const started = await chain.start(before);
    await untilTriedAgain(chain, started);
    await started.cancel();
    expect(await started.ended()).toMatchObject({ cancelled: true, held: [] });
    chain.service.service.setFaults(undefined);
    const [job] = chain.jobs();
    const run = await chain.refresh(after);
    const done = passed(run);
    expect(run.held).toMatchObject([{ generation: { jobId: job?.jobId }, candidate: false }]);
    expect(done.generation).toMatchObject({ generation: 1, jobId: job?.jobId });
    expect(done.files).toMatchObject({ sent: 2 });
    expect(done.warnings).toEqual([expect.stringContaining('without learning of it')]);
    expect(chain.jobs()).toHaveLength(1);
  },
);

stories.test(
  'a first submit that takes effect after the next refresh has made its job leaves no second one',
  async () => {
    const chain = stage.chain('lateFirst', 'late-first');
    chain.service.service.setFaults({
      faults: [
        { endpoint: 'submitPersistJob', calls: [1], do: 'late', afterCallOf: 'submitPersistJob' },
        listIsAway,
      ],
    });
    const started = await chain.start(before);
    await untilTriedAgain(chain, started);
    await started.cancel();
    await started.ended();
    chain.service.service.setFaults({
      faults: [{ endpoint: 'displayUserJobsSummary', calls: [1], do: 'none' }],
    });
    const done = passed(await chain.refresh(after));
    expect(chain.jobs().map(({ jobId }) => jobId)).toEqual([done.generation.jobId]);
    expect(done.counts.columns).toBeGreaterThan(0);
  },
);

stories.test(
  'a job for a rebuild that nobody heard of is looked for, and deleted by the next refresh',
  async () => {
    const chain = stage.chain('lostCandidate', 'lost-candidate');
    const first = passed(await chain.refresh(before));
    chain.service.service.setFaults({
      faults: [
        { endpoint: 'submitPersistJob', calls: [1], when: 'after', do: 'reset' },
        listIsAway,
      ],
    });
    const started = await chain.start(before, { rebuild: true });
    await untilTriedAgain(chain, started);
    expect(chain.jobs()).toHaveLength(2);
    await started.cancel();
    // Only then: a look that the service answers would find the job before the cancel came.
    await untilKilling(chain, started);
    chain.service.service.setFaults(undefined);
    const [, candidate] = chain.jobs();
    expect(await started.ended()).toMatchObject({
      cancelled: true,
      held: [{ candidate: true, generation: { jobId: candidate?.jobId } }],
    });
    expect(chain.current).toEqual(first.generation);
    expect(passed(await chain.refresh(after)).replacedJobs).toEqual([]);
    expect(chain.jobs().map(({ jobId }) => jobId)).toEqual([first.generation.jobId]);
  },
);

stories.test('a resubmit whose reply was lost is not sent twice', async () => {
  const chain = stage.chain('lostReply', 'lost-reply');
  passed(await chain.refresh(before));
  chain.service.service.setFaults({
    faults: [{ endpoint: 'submitPersistJob', calls: [1], when: 'after', do: 'reset' }],
  });
  const done = passed(await chain.refresh(after));
  expect(chain.jobs()).toMatchObject([{ revision: 2 }]);
  expect(done.counts.change).toMatchObject({ columnsAdded: 1 });
});

stories.test(
  'a job that is deleted under the refresh is made anew in the same refresh',
  async () => {
    const chain = stage.chain('deletes', 'deletes');
    passed(await chain.refresh(before));
    chain.service.service.setFaults({
      faults: [{ endpoint: 'submitPersistJob', calls: [1], do: 'otherDeletes' }],
    });
    const done = passed(await chain.refresh(after));
    expect(done.generation).toMatchObject({ generation: 2, submits: 1 });
    expect(done.files).toMatchObject({ sent: 2 });
    expect(chain.jobs()).toMatchObject([{ jobId: done.generation.jobId, revision: 1 }]);
  },
);

stories.test(
  'a job in the place of a deleted one that nobody heard of is found by its key, too',
  async () => {
    const chain = stage.chain('goneThenLost', 'gone-then-lost');
    const { generation } = passed(await chain.refresh(before));
    const client = clientOf(chain.service);
    await client.deleteUserJob(generation.jobId ?? '', new AbortController().signal);
    await client.close();
    chain.service.service.setFaults({
      faults: [
        { endpoint: 'submitPersistJob', calls: [1], when: 'after', do: 'reset' },
        // The plan's own look is answered.
        { ...listIsAway, calls: Array.from({ length: 50 }, (_, i) => i + 2) },
      ],
    });
    const started = await chain.start(before);
    await untilTriedAgain(chain, started, 'sqlflowSubmitPersistJob');
    await started.cancel();
    // The chain heard of the key before anything was sent.
    const held = [{ candidate: false, generation: { generation: 2 } }];
    expect(await started.ended()).toMatchObject({ cancelled: true, held });
    chain.service.service.setFaults(undefined);
    const [job] = chain.jobs();
    const done = passed(await chain.refresh(before));
    expect(done.generation).toMatchObject({ generation: 2, jobId: job?.jobId });
    expect(chain.jobs()).toHaveLength(1);
  },
);

stories.test(
  "a refresh that outlives its chain's run tells nothing to a chain that was begun anew",
  async () => {
    const chain = stage.chain('begunAnew', 'begun-anew');
    const { client } = chain.stack.temporal;
    chain.service.service.setFaults({
      faults: [
        { endpoint: 'submitPersistJob', calls: [1], when: 'after', do: 'reset' },
        listIsAway,
      ],
    });
    const first = await chain.start(before);
    await untilTriedAgain(chain, first);
    await client.workflow.getHandle(first.above).terminate('by hand');
    const other = stage.chain('begunAnew', 'of-another');
    const second = await other.start(before, {}, first.above);
    chain.service.service.setFaults(undefined);
    await client.workflow.getHandle(first.workflowId).result();
    const { held } = await second.ended();
    const [job] = other.jobs();
    expect(held.map(({ generation }) => generation.jobId)).toEqual([job?.jobId]);
  },
);

/** Each as large as one upload takes: what doesn't shrink in a zip. */
function filesInParts(count: number): Record<string, string> {
  const noise = (seed: number) =>
    Array.from({ length: 40 }, (_, index) =>
      createHash('sha256').update(`${seed} ${index}`).digest('base64'),
    ).join(' ');
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `t${i}.sql`,
      `insert into mart.t${i} (id) select id from sales.s${i}; -- ${noise(i)}`,
    ]),
  );
}

stories.test(
  'a rebuild whose later part went to another job sends that one every file, and replaces the old one all the same',
  async () => {
    const chain = stage.chain('makesAnotherLater', 'another-later');
    const files = filesInParts(2);
    passed(await chain.refresh(files));
    chain.service.service.setFaults({
      faults: [{ endpoint: 'submitPersistJob', calls: [2], do: 'otherDeletes' }],
    });
    const run = await chain.refresh(files, { rebuild: true });
    const done = passed(run);
    expect(run.held.map(({ candidate }) => candidate)).toEqual([true, true]);
    expect(chain.jobs()).toMatchObject([{ jobId: done.generation.jobId, revision: 3 }]);
    expect(done.replacedJobs).toEqual([]);
    expect(done.counts.change).toMatchObject({ edgesAdded: 0, edgesRemoved: 0 });
  },
);

stories.test(
  'files in several parts that each go to another job are not claimed to be in the last one',
  async () => {
    const chain = stage.chain('renamesParts', 'renames-parts');
    const run = await chain.refresh(filesInParts(2));
    expect(run.failure).toMatchObject({
      type: 'RemoteJob.SubmitOutcomeUnknown',
      message: expect.stringContaining('another id with every submit'),
    });
    expect(await chain.keys()).not.toContain('latest.json');
  },
);

stories.test('a new job in the place of a deleted one gets every file', async () => {
  const chain = stage.chain('makesAnother', 'another');
  passed(await chain.refresh(before));
  chain.service.service.setFaults({
    faults: [{ endpoint: 'submitPersistJob', calls: [1], do: 'otherDeletes' }],
  });
  const done = passed(await chain.refresh(after));
  expect(chain.jobs()).toMatchObject([{ jobId: done.generation.jobId, revision: 2 }]);
  expect(done.files).toMatchObject({ total: 2, sent: 2 });
  expect(done.counts.change).toMatchObject({ edgesRemoved: 0 });
});

stories.test(
  'a replaced job that can not be deleted is tried again after the next refresh',
  async () => {
    const chain = stage.chain('pretends', 'pretends');
    const first = passed(await chain.refresh(before));
    chain.service.service.setFaults({ faults: [{ endpoint: 'deleteUserJob', do: 'pretend' }] });
    const rebuilt = passed(await chain.refresh(before, { rebuild: true }));
    expect(rebuilt.replacedJobs).toEqual([first.generation.jobId]);
    expect(rebuilt.warnings).toEqual([
      expect.stringContaining('a rebuild was asked for'),
      expect.stringContaining(`job ${first.generation.jobId} is still to be deleted`),
    ]);
    chain.service.service.setFaults(undefined);
    const done = passed(await chain.refresh(after));
    expect(done.replacedJobs).toEqual([]);
    expect(chain.jobs().map(({ jobId }) => jobId)).toEqual([rebuilt.generation.jobId]);
  },
);

stories.test(
  'a run of somebody else while the lineage is fetched is told by the next refresh',
  async () => {
    const chain = stage.chain('writes', 'writes');
    chain.service.service.setFaults({
      faults: [{ endpoint: 'exportLineageAsJson', calls: [1], do: 'otherWriter' }],
    });
    passed(await chain.refresh(before));
    expect((await chain.refresh(before)).done).toMatchObject({
      end: 'unchanged',
      warnings: [expect.stringContaining('somebody else ran') as unknown],
    });
  },
);
