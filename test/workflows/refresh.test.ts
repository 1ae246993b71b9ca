import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { sideBySide } from '../support/side-by-side';
import { clientOf, passed, RefreshStage, type TestChain } from './refresh-stage';

const orders = 'create table sales.orders (id int, amount int);\n';
const totals = `${orders}insert into mart.totals (id, total) select id, sum(amount) from sales.orders group by id;`;
const top = 'insert into mart.top (id) select id from mart.totals;';
const topOfTotals = 'insert into mart.top (id, total) select id, total from mart.totals;';
const broken = 'selec from where (';
const { signal } = new AbortController();

let stage: RefreshStage<'plain' | 'small'>;
const stories = sideBySide();

beforeAll(async () => {
  stage = await RefreshStage.open({ plain: {}, small: { maxUploadBytes: 3000 } });
  stories.begin();
});
afterAll(() => stage.close());

function chain(name: string): TestChain {
  return stage.chain('plain', name);
}

/** How long the steps of the last refresh might take. */
async function timesOf({ stack, lastWorkflowId = '' }: TestChain): Promise<Map<string, number>> {
  const handle = stack.temporal.client.workflow.getHandle(lastWorkflowId);
  const steps = ((await handle.fetchHistory()).events ?? []).flatMap(
    (event) => event.activityTaskScheduledEventAttributes ?? [],
  );
  return new Map(
    steps.map(({ activityType, scheduleToCloseTimeout }) => [
      activityType?.name ?? '',
      Number(scheduleToCloseTimeout?.seconds) * 1000,
    ]),
  );
}

/** `sales.orders.amount → mart.totals.total` in whatever form the CSV has. */
async function lineageOf(of: TestChain, revision: number): Promise<string> {
  const key = `artifact:chains/${of.connection}/${of.name}/${revision}/lineage.csv`;
  const csv = await of.stack.read({ uri: key, format: 'csv', sizeBytes: 0, sha256: '' });
  return csv.toLowerCase();
}

function pageOf({ connection, name, stack }: TestChain, revision: number): Promise<string> {
  const uri = `artifact:chains/${connection}/${name}/${revision}/lineage.html`;
  return stack.read({ uri, format: 'html', sizeBytes: 0, sha256: '' });
}

stories.test(
  'a first refresh makes a job and leaves everything that a revision holds',
  async () => {
    const first = chain('first');
    const run = await first.refresh({ 'totals.sql': totals });
    const done = passed(run);
    const { generation, latest } = done;
    expect(await first.keys()).toEqual([
      '1/file-errors.json',
      '1/lineage.csv',
      '1/lineage.graphml',
      '1/lineage.html',
      '1/lineage.json',
      '1/result.json',
      'latest.json',
    ]);
    const [job] = first.jobs();
    expect(first.jobs()).toHaveLength(1);
    expect(job).toMatchObject({ jobId: generation.jobId, revision: 1, persist: true });
    expect(generation).toMatchObject({
      generation: 1,
      submits: 1,
      settings: { dbVendor: 'dbvhive' },
    });
    // The chain heard of the job as soon as it was there, and the job bears the key that the chain drew.
    expect(run.held).toEqual([
      expect.objectContaining({ generation, candidate: false }) as unknown,
    ]);
    expect(job?.jobName).toContain(generation.key.replaceAll('-', '').slice(0, 12));
    expect(done.files).toEqual({ total: 1, sent: 1, added: 1, changed: 0, removed: 0 });
    expect(latest).toMatchObject({ revision: 1, generation: 1, mark: { subJobs: 1 } });
    expect(await first.json('latest.json')).toMatchObject({
      revision: 1,
      jobId: job?.jobId,
      artifacts: { json: latest.lineage },
    });
    expect(await first.json('1/result.json')).toMatchObject({
      chain: 'first',
      revision: 1,
      status: 'success',
      counts: done.counts,
      fileErrors: [],
    });
    expect(done.counts.edges).toBeGreaterThan(0);
  },
);

stories.test(
  'an unchanged snapshot submits nothing, and a changed one just what changed',
  async () => {
    const daily = chain('daily');
    const first = passed(await daily.refresh({ 'totals.sql': totals, 'top.sql': top }));
    const again = await daily.refresh({ 'top.sql': top, 'totals.sql': totals });
    expect(again.done).toEqual({
      end: 'unchanged',
      files: { total: 2, sent: 0, added: 0, changed: 0, removed: 0 },
      warnings: [],
    });
    expect(daily.jobs()).toMatchObject([{ revision: 1 }]);
    const changed = passed(await daily.refresh({ 'totals.sql': totals, 'top.sql': topOfTotals }));
    expect(changed.files).toEqual({ total: 2, sent: 1, added: 0, changed: 1, removed: 0 });
    expect(changed.warnings).toEqual([]);
    expect(changed.generation).toEqual({ ...first.generation, submits: 2 });
    expect(changed.counts.change).toMatchObject({ edgesRemoved: 0, columnsAdded: 1 });
    // What wasn't sent again is there all the same.
    expect(await lineageOf(daily, 3)).toMatch(/orders/);
    expect(await daily.keys(3)).toEqual(expect.arrayContaining(['diff.json', 'diff.md']));
    expect(await daily.json('3/diff.json')).toMatchObject({ change: changed.counts.change });
    expect(await daily.json('3/result.json')).toMatchObject({
      comparedWith: 1,
      artifacts: { picture: { format: 'html' } },
    });
    expect(await pageOf(daily, 3)).toContain('revision 3, compared with revision 1</title>');
    const everything = passed(
      await daily.refresh({ 'totals.sql': totals, 'top.sql': top }, { send: 'all' }),
    );
    expect(everything.files).toMatchObject({ total: 2, sent: 2, changed: 1 });
  },
);

stories.test(
  'a job that a failed first refresh made is held, and the next refresh adds to it',
  async () => {
    const unlucky = chain('unlucky');
    const failed = await unlucky.refresh({ 'totals.sql': broken });
    const [job] = unlucky.jobs();
    expect(failed.failure).toMatchObject({
      type: 'RemoteJob.Failed',
      report: { remoteId: job?.jobId, status: 'fail' },
      progress: { files: { sent: 1, total: 1 } },
    });
    expect(failed.held).toMatchObject([{ generation: { jobId: job?.jobId }, candidate: false }]);
    expect(await unlucky.keys()).toEqual([]);
    const done = passed(await unlucky.refresh({ 'totals.sql': totals }));
    expect(done.generation).toMatchObject({ generation: 1, jobId: job?.jobId, submits: 2 });
    expect(unlucky.jobs()).toHaveLength(1);
  },
);

stories.test(
  'what a failed refresh may have sent is sent again when it is taken back',
  async () => {
    const wavering = chain('wavering');
    const gate = { maxRemovedEdges: 0 };
    const before = { 'totals.sql': totals, 'top.sql': topOfTotals };
    passed(await wavering.refresh(before));
    const other = { ...before, 'top.sql': top };
    expect((await wavering.refresh(other, { gate })).failure).toMatchObject({
      type: 'Chain.GateClosed',
      progress: { files: { sent: 1, total: 2 }, lineage: { change: { edgesAdded: 0 } } },
    });
    const back = passed(await wavering.refresh(before, { gate }));
    expect(back.files).toMatchObject({ sent: 1, changed: 1 });
    expect(back.counts.change).toMatchObject({ edgesAdded: 0, edgesRemoved: 0 });
    expect(wavering.jobs()).toMatchObject([{ revision: 3 }]);
  },
);

stories.test('a removed file makes a new job of the others, or is only told of', async () => {
  const files = { 'totals.sql': totals, 'top.sql': top };
  const rebuilt = chain('removed');
  const first = passed(await rebuilt.refresh(files));
  const second = await rebuilt.refresh({ 'totals.sql': totals });
  const done = passed(second);
  expect(done.generation.generation).toBe(2);
  expect(done.warnings).toEqual([
    expect.stringMatching(/generation 2.*a file was removed \(top\.sql\)/),
  ]);
  expect(done.files).toEqual({ total: 1, sent: 1, added: 0, changed: 0, removed: 1 });
  expect(second.held).toMatchObject([{ candidate: true }]);
  expect(await lineageOf(rebuilt, 2)).not.toMatch(/mart,top/);
  // The job that it replaced is gone.
  expect(rebuilt.jobs().map(({ jobId }) => jobId)).toEqual([done.generation.jobId]);
  expect(done.generation.jobId).not.toBe(first.generation.jobId);
  expect(done.replacedJobs).toEqual([]);

  const noted = chain('noted');
  passed(await noted.refresh(files));
  const told = await noted.refresh({ 'totals.sql': totals }, { removed: 'note' });
  expect(told.done).toMatchObject({
    end: 'unchanged',
    files: { removed: 1 },
    warnings: [expect.stringMatching(/top\.sql.*until a rebuild/) as unknown],
  });
});

stories.test('a rebuild replaces the job only once its exports have passed', async () => {
  const rebuilt = chain('rebuilt');
  const first = passed(await rebuilt.refresh({ 'totals.sql': totals }));
  const gate = { maxRemovedEdges: 0 };
  const failed = await rebuilt.refresh({ 'totals.sql': top }, { rebuild: true, gate });
  expect(failed.failure).toMatchObject({ type: 'Chain.GateClosed' });
  // Both are there: the old one is the chain's, the new one waits for its end.
  expect(rebuilt.jobs()).toHaveLength(2);
  expect(rebuilt.current).toEqual(first.generation);
  expect(rebuilt.latest?.revision).toBe(1);
  const done = passed(await rebuilt.refresh({ 'totals.sql': totals }, { rebuild: true, gate }));
  expect(done.generation).toMatchObject({ generation: 2, submits: 1 });
  expect(rebuilt.jobs().map(({ jobId }) => jobId)).toEqual([done.generation.jobId]);
  expect(done.warnings).toEqual([expect.stringContaining('a rebuild was asked for')]);
});

stories.test('a rebuild is due after so many submits, and never on an unchanged day', async () => {
  const due = chain('due');
  passed(await due.refresh({ 'totals.sql': totals, 'top.sql': top }));
  const files = { 'totals.sql': totals, 'top.sql': topOfTotals };
  const one = { rebuildEvery: 1 };
  const done = passed(await due.refresh(files, { ...one, replaced: 'keep' }));
  expect(done.generation).toMatchObject({ generation: 2, submits: 1 });
  expect(done.files.sent).toBe(2);
  // By policy the replaced one stays.
  expect(due.jobs()).toHaveLength(2);
  expect(done.warnings).toEqual(
    expect.arrayContaining([expect.stringContaining('stay in the account')]),
  );
  expect((await due.refresh(files, one)).done).toMatchObject({ end: 'unchanged' });
});

stories.test('a changed setting makes a new job, and says which', async () => {
  const settings = chain('settings');
  passed(await settings.refresh({ 'totals.sql': totals }));
  const run = await settings.refresh(
    { 'totals.sql': totals },
    { dbVendor: 'dbvsparksql', defaultSchema: 'mart' },
  );
  const done = passed(run);
  expect(done.generation).toMatchObject({
    generation: 2,
    settings: { dbVendor: 'dbvsparksql', defaultSchema: 'mart' },
  });
  expect(done.warnings).toEqual([
    expect.stringMatching(/dbvendor \(dbvhive → dbvsparksql\), the default schema \(none → mart\)/),
  ]);
});

stories.test(
  'a job that somebody deleted is made anew, of all files, and that is said',
  async () => {
    const deleted = chain('deleted');
    const first = passed(await deleted.refresh({ 'totals.sql': totals, 'top.sql': top }));
    const client = clientOf(deleted.service);
    await client.deleteUserJob(first.generation.jobId ?? '', signal);
    const run = await deleted.refresh({ 'totals.sql': totals, 'top.sql': top });
    const done = passed(run);
    expect(done.generation).toMatchObject({ generation: 2, submits: 1 });
    expect(done.files).toMatchObject({ total: 2, sent: 2 });
    expect(done.warnings).toEqual([
      expect.stringMatching(/generation 2.*knows job [0-9a-f]{32} no more/),
    ]);
    // There is nothing left to go back to, so it counts at once: its key before anything is sent.
    expect(run.held).toMatchObject([
      { candidate: false, generation: { generation: 2, submits: 0 } },
      { candidate: false, generation: done.generation },
    ]);
    await client.close();
  },
);

stories.test(
  'a run of the job that was not ours is told, and what was sent stays right',
  async () => {
    const shared = chain('shared');
    const files = { 'totals.sql': totals };
    const { generation } = passed(await shared.refresh(files));
    const client = clientOf(shared.service);
    const open = () => Readable.from([Buffer.from(top)]);
    await client.submitPersistJob(
      {
        jobName: 'by hand',
        jobId: generation.jobId,
        dbVendor: 'dbvhive',
        files: [{ name: 'top.sql', sizeBytes: top.length, open }],
      },
      signal,
    );
    await client.close();
    expect((await shared.refresh(files)).done).toMatchObject({
      end: 'unchanged',
      warnings: [expect.stringMatching(/somebody else ran .* since revision 1/) as unknown],
    });
  },
);

stories.test(
  'a gate that waits is opened by whoever approves, and refused by whoever refuses',
  async () => {
    const asking = chain('asking');
    const gate = { maxRemovedEdges: 0, onClosed: 'approve' } as const;
    passed(await asking.refresh({ 'totals.sql': totals, 'top.sql': topOfTotals }));
    const less = { 'totals.sql': totals, 'top.sql': top };
    const hourMs = 3600_000;
    const waits = await asking.start(less, { gate, timeoutMs: hourMs });
    const state = await asking.untilAsked(waits.workflowId);
    // Whoever approves at the last moment leaves time for what comes behind it.
    expect(state.untilMs - state.sinceMs).toBeLessThanOrEqual(hourMs - 5 * 60_000);
    expect(state.title).toBe('revision 2 of the chain asking on plain');
    expect(state.reasons).toEqual([expect.stringContaining('maxRemovedEdges')]);
    expect(await asking.memo(waits.workflowId)).toMatchObject({ approval: { title: state.title } });
    await expect(asking.answer(waits.workflowId, { approved: true, by: ' ' })).rejects.toThrow();
    const essay = { approved: true, by: 'ada', note: 'x'.repeat(1001) };
    await expect(asking.answer(waits.workflowId, essay)).rejects.toThrow();
    await asking.answer(waits.workflowId, { approved: false, by: 'ada', note: 'too much' });
    const refused = await waits.ended();
    expect(refused.failure?.type).toBe('Chain.ApprovalRefused');
    expect(refused.failure?.message).toMatch(/^ada refused revision 2 .*: too much/);
    expect(asking.latest?.revision).toBe(1);
    expect(await asking.memo(waits.workflowId)).not.toHaveProperty('approval');

    const waitsAgain = await asking.start(less, { gate });
    await asking.untilAsked(waitsAgain.workflowId);
    await asking.answer(waitsAgain.workflowId, { approved: true, by: 'ada' });
    const done = passed(await waitsAgain.ended());
    expect(await asking.json(`${done.latest.revision}/result.json`)).toMatchObject({
      gate: { closed: true, approvedBy: 'ada' },
    });
    await expect(
      asking.answer(waitsAgain.workflowId, { approved: true, by: 'ada' }),
    ).rejects.toThrow();
  },
);

stories.test(
  'a gate that nobody opens in time fails the refresh, and its revision stays to be looked at',
  async () => {
    const ignored = chain('ignored');
    passed(await ignored.refresh({ 'top.sql': topOfTotals }));
    const gate = { maxRemovedPercent: 10, onClosed: 'approve', approveWithinMs: 500 } as const;
    const run = await ignored.refresh({ 'top.sql': top }, { gate });
    expect(run.failure).toMatchObject({ type: 'Chain.ApprovalTimedOut' });
    expect(await ignored.keys(2)).toEqual(expect.arrayContaining(['lineage.html', 'diff.md']));
    expect(await ignored.keys(2)).not.toContain('result.json');
    expect(await ignored.json('latest.json')).toMatchObject({ revision: 1 });
  },
);

stories.test(
  'a cancelled refresh leaves its job undeleted, says so, and the chain goes on with it',
  async () => {
    const cancelled = chain('cancelled');
    const slow = `-- local: delay 8s\n${totals}`;
    const started = await cancelled.start({ 'totals.sql': slow });
    await cancelled.untilAtWork();
    await started.cancel();
    const run = await started.ended();
    const [job] = cancelled.jobs();
    expect(run.cancelled).toBe(true);
    expect(run.held).toMatchObject([
      { generation: { jobId: job?.jobId } },
      { kill: { outcome: 'abandoned', remoteId: job?.jobId } },
    ]);
    expect(await cancelled.memo(started.workflowId)).toMatchObject({
      remoteJob: { remoteId: job?.jobId, kill: { outcome: 'abandoned' } },
    });
    const done = passed(await cancelled.refresh({ 'totals.sql': totals }));
    expect(done.generation.jobId).toBe(job?.jobId);
    expect(cancelled.jobs()).toHaveLength(1);
  },
);

stories.test(
  'files beyond the limit of one upload go in several submits, into one job',
  async () => {
    const large = stage.chain('small', 'large');
    // What doesn't shrink in a zip.
    const noise = (seed: number) =>
      Array.from({ length: 40 }, (_, index) =>
        createHash('sha256').update(`${seed} ${index}`).digest('base64'),
      ).join(' ');
    const files = Object.fromEntries(
      [1, 2, 3].map((number) => [
        `t${number}.sql`,
        `insert into mart.t${number} (id) select id from sales.s${number}; -- ${noise(number)}`,
      ]),
    );
    const done = passed(await large.refresh(files));
    expect(done.files).toMatchObject({ total: 3, sent: 3 });
    expect(done.generation.submits).toBe(1);
    const [job] = large.jobs();
    expect(large.jobs()).toHaveLength(1);
    expect(job?.revision).toBe(3);
    const csv = await lineageOf(large, 1);
    for (const number of [1, 2, 3]) expect(csv).toContain(`t${number},`);
    // One work, whatever the number of submits.
    expect(done.latest.mark).toMatchObject({ subJobs: 3 });
  },
);

stories.test(
  'files that do not parse are listed, and fail the refresh where that is asked',
  async () => {
    const partial = chain('partial');
    const files = { 'totals.sql': totals, 'broken.sql': broken };
    const done = passed(await partial.refresh(files));
    expect(done.warnings).toEqual(['SQLFlow tells of 1 error in 1 file: see file-errors.json']);
    expect(await partial.json('1/result.json')).toMatchObject({
      status: 'partial_success',
      fileErrors: [{ type: 'SyntaxHint' }],
    });
    expect(await partial.json('1/file-errors.json')).toMatchObject({ total: 1 });
    expect(done.counts.errors).toBe(1);
    const strict = chain('strict');
    const refused = await strict.refresh(files, { partialSuccess: 'fail' });
    expect(refused.failure).toMatchObject({
      type: 'RemoteJob.Failed',
      report: { status: 'partial_success' },
    });
  },
);

stories.test('only what changed since a revision is added to the latest snapshot', async () => {
  const since = chain('since');
  const removedTop = { since: 'HEAD~1', removed: ['top.sql'] };
  const early = await since.refresh({ 'totals.sql': totals }, { partial: removedTop });
  expect(early.failure).toMatchObject({
    type: 'RemoteJob.InvalidInput',
    report: { submitted: 'no' },
  });
  expect(since.jobs()).toEqual([]);
  passed(await since.refresh({ 'totals.sql': totals, 'top.sql': top }));
  const more = { 'more.sql': 'insert into mart.more (id) select id from mart.totals;' };
  const done = passed(await since.refresh(more, { partial: { since: 'HEAD~1', removed: [] } }));
  expect(done.files).toEqual({ total: 3, sent: 1, added: 1, changed: 0, removed: 0 });
  expect(done.latest.manifest).toMatchObject({ files: 3 });
  expect(done.latest.manifest.partial).toBeUndefined();
  const gone = passed(await since.refresh({}, { partial: removedTop }));
  expect(gone.files).toEqual({ total: 2, sent: 2, added: 0, changed: 0, removed: 1 });
});

stories.test("old revisions go, the latest and what is not the chain's stay", async () => {
  const kept = chain('kept');
  await kept.put('7/lineage.json', 'of a chain of this name that was forgotten');
  await kept.put('notes/readme.txt', 'somebody else wrote this');
  const options = { keepRevisions: 2 };
  const first = passed(await kept.refresh({ 'a.sql': totals }, options));
  // Behind what is there.
  expect(first.latest.revision).toBe(8);
  expect(await kept.keys(7)).toEqual(['lineage.json']);
  const second = passed(await kept.refresh({ 'a.sql': `${totals} ` }, options));
  expect(second.latest.revision).toBe(9);
  const folders = new Set((await kept.keys()).map((key) => key.split('/')[0]));
  expect([...folders].sort()).toEqual(['8', '9', 'latest.json', 'notes']);
});

stories.test(
  'a chain whose store was cleared goes on, and a gate that can not compare stays closed',
  async () => {
    const cleared = chain('cleared');
    // Of its own: what is stored by its hash is everybody's.
    const files = { 'totals.sql': `-- cleared\n${totals}`, 'top.sql': top };
    const { latest } = passed(await cleared.refresh(files));
    for (const { uri } of [latest.lineage, latest.manifest.artifact]) await cleared.remove(uri);
    const more = { ...files, 'top.sql': topOfTotals };
    const gate = { maxRemovedEdges: 5 };
    const closed = await cleared.refresh(more, { gate });
    expect(closed.failure?.message).toMatch(/what vanished can't be told/);
    const done = passed(await cleared.refresh(more));
    expect(done.files).toMatchObject({ sent: 2 });
    expect(done.warnings).toEqual([
      expect.stringContaining("an earlier snapshot can't be read"),
      expect.stringContaining('nothing to compare with'),
    ]);
    expect(done.counts.change).toBeUndefined();
  },
);

stories.test('lineage that can not be published is a warning, and no failure', async () => {
  const published = chain('published');
  const done = passed(
    await published.refresh(
      { 'totals.sql': totals },
      { publish: { target: 'keyless' }, timeoutMs: 120_000 },
    ),
  );
  expect(done.warnings).toEqual([expect.stringMatching(/not published to keyless: .*NO_SUCH_KEY/)]);
  expect(await published.json('1/result.json')).toMatchObject({ warnings: done.warnings });
  // It leaves time for the rest, which needs some of its own, too: the lineage has passed its gate.
  const withinMs = await timesOf(published);
  expect(withinMs.get('lineagePublish')).toBeLessThanOrEqual(60_000);
  expect(withinMs.get('sqlflowFinishRevision')).toBe(600_000);
});

stories.test('a target that is not configured is refused before anything is sent', async () => {
  const mistyped = chain('mistyped');
  const publish = { target: 'keyles' };
  const { failure } = await mistyped.refresh({ 'totals.sql': totals }, { publish });
  expect(failure).toMatchObject({
    type: 'RemoteJob.Configuration',
    message: expect.stringMatching(/"keyles".*has "keyless"/) as unknown,
    report: { submitted: 'no' },
  });
  expect(mistyped.jobs()).toEqual([]);
});

stories.test('a refresh without anything to send is refused, and nothing was sent', async () => {
  const empty = chain('empty');
  const run = await empty.refresh({});
  expect(run.failure).toMatchObject({
    type: 'RemoteJob.InvalidInput',
    report: { vendor: 'sqlflow', connection: 'plain', submitted: 'no' },
  });
});

stories.test('a refresh that runs out of time leaves its job, and says so', async () => {
  const late = chain('late');
  const slow = `-- local: delay 600s\n${totals}`;
  const run = await late.refresh({ 'totals.sql': slow }, { timeoutMs: 12_000 });
  const [job] = late.jobs();
  expect(run.failure).toMatchObject({
    type: 'RemoteJob.DeadlineExceeded',
    report: { remoteId: job?.jobId, kill: { outcome: 'abandoned' } },
  });
  expect(run.held.at(-1)).toMatchObject({ kill: { outcome: 'abandoned' } });
});

stories.test('an adopted job gets every file, and is kept when it is replaced', async () => {
  const adopted = chain('adopted');
  const maker = chain('maker');
  const { generation } = passed(await maker.refresh({ 'old.sql': top }));
  adopted.current = { ...generation, key: 'of nobody', adopted: true, submits: 0 };
  const done = passed(await adopted.refresh({ 'totals.sql': totals }));
  expect(done.generation).toMatchObject({ jobId: generation.jobId, adopted: true, submits: 1 });
  // What it held before is its lineage too.
  expect(await lineageOf(adopted, 1)).toMatch(/top/);
  const rebuilt = passed(await adopted.refresh({ 'totals.sql': totals }, { rebuild: true }));
  expect(rebuilt.generation.adopted).toBeUndefined();
  expect(maker.jobs().map(({ jobId }) => jobId)).toEqual([generation.jobId]);
});

stories.test('a cancel while an approval is waited for says that the job had ended', async () => {
  const given = chain('given-up');
  passed(await given.refresh({ 'top.sql': topOfTotals }));
  const gate = { maxRemovedEdges: 0, onClosed: 'approve' } as const;
  const waits = await given.start({ 'top.sql': top }, { gate });
  await given.untilAsked(waits.workflowId);
  await waits.cancel();
  const run = await waits.ended();
  const { jobId } = given.jobs()[0] ?? {};
  expect(run).toMatchObject({
    cancelled: true,
    held: [{ kill: { outcome: 'alreadyFinished', remoteId: jobId } }],
  });
  expect(await given.memo(waits.workflowId)).not.toHaveProperty('approval');
});

stories.test('revisions of refreshes that fail day after day do not pile up', async () => {
  const failing = chain('failing');
  passed(await failing.refresh({ 'top.sql': topOfTotals }));
  const options = { keepRevisions: 1, gate: { maxRemovedEdges: 0 } };
  for (const day of [2, 3, 4]) {
    const run = await failing.refresh({ 'top.sql': `${top} -- ${day}` }, options);
    expect(run.failure).toMatchObject({ type: 'Chain.GateClosed' });
  }
  const folders = new Set((await failing.keys()).map((key) => key.split('/')[0]));
  // The latest, the newest before the last refresh, and that of the last one.
  expect([...folders].sort()).toEqual(['1', '3', '4', 'latest.json']);
});

stories.test('a refresh without a chain above it does the same, and tells nobody', async () => {
  const alone = chain('alone');
  const done = passed(await alone.alone({ 'totals.sql': totals }));
  expect(alone.jobs()).toMatchObject([{ jobId: done.generation.jobId }]);
  const { length } = await alone.stack.history(alone.lastWorkflowId ?? '');
  // Plan, submit, wait, export, settle, finish; each with what Temporal adds.
  expect(length).toBeLessThanOrEqual(50);
});
