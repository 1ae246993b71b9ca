import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeManifest } from '../../src/artifacts/manifest';
import type { RefreshInput } from '../../src/contracts/chain';
import type { RemoteJobActivities } from '../../activities/public';
import type { LinkisTaskInput } from '../../src/contracts/linkis';
import type { SubmittedLinkisTask } from '../../src/contracts/linkis-steps';
import type { SubmittedSqlFlowJob } from '../../src/contracts/sqlflow-steps';
import { remoteJobMemoKey } from '../../src/contracts/names';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { schemaMistakes } from '../lineage/openlineage-schemas';
import { lineageCatalog, type LineageCatalog } from '../support/lineage-catalog';
import { sideBySide } from '../support/side-by-side';
import { activityStack, Attempt, type ActivityStack } from './support';

let sqlflow: LocalSqlFlow;
let linkis: LocalLinkis;
let catalog: LineageCatalog;
let stack: ActivityStack;
const long = sideBySide();

beforeAll(async () => {
  [sqlflow, linkis, catalog] = await Promise.all([
    LocalSqlFlow.start({ jobDelayMs: 0 }),
    LocalLinkis.start(),
    lineageCatalog(),
  ]);
  const openlineage = { catalog: { url: catalog.events } };
  stack = await activityStack({ sqlflow, linkis }, { openlineage });
  long.begin();
});
afterAll(async () => {
  await stack.close();
  await Promise.all([sqlflow.close(), linkis.close(), catalog.close()]);
});

const load = 'insert into mart.totals (id, total) select id, amount from sales.orders;';

async function submitJob(sql = load, key = randomUUID()): Promise<SubmittedSqlFlowJob> {
  const files = await stack.stage({ 'load.sql': sql });
  return stack.run('sqlflowSubmitJob', {
    job: { jobName: 'nightly', dbVendor: 'dbvhive', files },
    key,
  });
}

async function awaitJob({ connection, remoteId, submittedAtMs, previous }: SubmittedSqlFlowJob) {
  const deadlineAtMs = Date.now() + 600_000;
  const jobId = remoteId;
  return stack.run('sqlflowAwaitJob', { connection, jobId, submittedAtMs, deadlineAtMs, previous });
}

const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;

function submitTask(task: Partial<LinkisTaskInput>, key = randomUUID()) {
  return stack.run('linkisSubmitTask', { task: { ...spark, ...task }, key });
}

function target({ connection, user, remoteId, execId }: SubmittedLinkisTask) {
  return { connection, user, taskId: remoteId, execId };
}

async function ranTask(code: string) {
  const submitted = await submitTask({ code });
  for (;;) {
    const row = await stack.run('linkisGetTask', { taskId: submitted.remoteId });
    if (['Succeed', 'Failed'].includes(row.status)) return { submitted, row };
    await sleep(10);
  }
}

async function awaitTask(code: string) {
  const submitted = await submitTask({ code });
  const deadlineAtMs = Date.now() + 600_000;
  const { submittedAtMs } = submitted;
  return stack.run('linkisAwaitTask', { ...target(submitted), submittedAtMs, deadlineAtMs });
}

/** A test for each activity; one that has none doesn't compile. */
const tests: Record<keyof RemoteJobActivities, () => Promise<void>> = {
  async sqlflowSubmitJob() {
    const submitted = await submitJob(load, '00000000-1111-4222-8333-444444444444');
    expect(submitted).toMatchObject({
      connection: 'sqlflow',
      installation: 'test',
      jobName: expect.stringMatching(/^nightly--test-000000001111[0-9a-f]{12}$/),
      decision: 'freshSubmit',
      searchAttribute: true,
    });
  },
  async sqlflowSubmitPersistJob() {
    const job = {
      jobName: 'chain',
      dbVendor: 'dbvhive',
      files: await stack.stage({ 'a.sql': load }),
    };
    const first = await stack.run('sqlflowSubmitPersistJob', { job, key: randomUUID() });
    await awaitJob(first);
    const attempt = new Attempt();
    const again = { job: { ...job, jobId: first.remoteId }, key: randomUUID() };
    const second = await stack.run('sqlflowSubmitPersistJob', again, attempt);
    expect(second).toMatchObject({ remoteId: first.remoteId, previous: { subJobs: 1 } });
    // Recorded before the request: after a crash it tells this submit from the run before.
    expect(attempt.recorded).toEqual([{ note: second.previous, maySent: 1 }]);
    expect(await awaitJob(second)).toMatchObject({ outcome: 'succeeded' });
  },
  async sqlflowAttachJob() {
    const { remoteId } = await submitJob();
    expect(await stack.run('sqlflowAttachJob', { jobId: remoteId })).toMatchObject({
      remoteId,
      decision: 'attached',
    });
  },
  async sqlflowAwaitJob() {
    expect(await awaitJob(await submitJob())).toMatchObject({
      outcome: 'succeeded',
      status: 'success',
    });
    expect(await awaitJob(await submitJob('selec from where ('))).toMatchObject({
      outcome: 'failed',
      errorMessage: expect.stringMatching(/\w/),
    });
  },
  async sqlflowCollectLineage() {
    const submitted = await submitJob();
    await awaitJob(submitted);
    const { connection, remoteId: jobId } = submitted;
    const { lineage } = await stack.run('sqlflowCollectLineage', {
      connection,
      jobId,
      delimiter: ';',
      thenDelete: true,
    });
    expect(Object.keys(lineage).sort()).toEqual(['csv', 'graphml', 'json']);
    expect(await stack.read(lineage.csv!)).toMatch(/amount;.*total;/i);
    const gone = await stack.failure('sqlflowGetJob', { jobId });
    expect(gone.type).toBe('RemoteJob.NotFound');
  },
  async sqlflowKillJob() {
    const key = randomUUID();
    const { remoteId } = await submitJob(`-- local: delay 600s\n${load}`, key);
    const abandoned = await stack.run('sqlflowKillJob', { jobId: remoteId, policy: 'abandon' });
    expect(abandoned).toMatchObject({ outcome: 'abandoned', remoteId });
    const attempt = new Attempt();
    const removed = await stack.run('sqlflowKillJob', { key, policy: 'delete' }, attempt);
    expect(removed).toMatchObject({ outcome: 'removed', remoteId });
    expect(attempt.recorded).toEqual([{ deleting: [remoteId] }]);
    // A repeat after a crash knows its own delete from a job that never was.
    const repeat = { jobId: remoteId, policy: 'delete' } as const;
    const heartbeatDetails = attempt.recorded[0];
    expect(
      await stack.run('sqlflowKillJob', repeat, new Attempt({ attempt: 2, heartbeatDetails })),
    ).toMatchObject({ outcome: 'removed' });
    expect(await stack.run('sqlflowKillJob', repeat)).toMatchObject({ outcome: 'nothingToKill' });
    const ended = await submitJob();
    await awaitJob(ended);
    expect(
      await stack.run('sqlflowKillJob', { jobId: ended.remoteId, policy: 'delete' }),
    ).toMatchObject({ outcome: 'alreadyFinished', status: 'success' });
  },
  async sqlflowRemoveTwins() {
    const key = randomUUID();
    const kept = await submitJob(load, key);
    const twin = await submitJob(load, key);
    await awaitJob(twin);
    const { connection, remoteId: jobId } = kept;
    const input = { connection, jobId, key, untilMs: Date.now() };
    const { twins } = await stack.run('sqlflowRemoveTwins', input);
    expect(twins).toEqual([
      expect.objectContaining({ outcome: 'removed', remoteId: twin.remoteId }),
    ]);
    await expect(stack.run('sqlflowGetJob', { jobId })).resolves.toMatchObject({ jobId });
  },
  async sqlflowGetJob() {
    const { remoteId, jobName } = await submitJob();
    expect(await stack.run('sqlflowGetJob', { jobId: remoteId })).toMatchObject({ jobName });
    expect(await stack.run('sqlflowGetJob', { jobName })).toMatchObject({ jobId: remoteId });
  },
  async sqlflowListJobs() {
    const { remoteId } = await submitJob();
    const { jobs } = await stack.run('sqlflowListJobs', {});
    expect(jobs.map(({ jobId }) => jobId)).toContain(remoteId);
  },
  async sqlflowExportLineage() {
    const { connection, remoteId: jobId } = await endedJob();
    const one = { connection, jobId, format: 'csv', tableToTable: true } as const;
    const csv = await stack.run('sqlflowExportLineage', one);
    expect(csv.format).toBe('csv');
    expect(await stack.read(csv)).not.toContain('amount');
  },
  async sqlflowExportFullLineage() {
    const { remoteId: jobId } = await endedJob();
    const json = await stack.run('sqlflowExportFullLineage', { jobId, showRelationType: 'fdd' });
    expect(JSON.parse(await stack.read(json))).toMatchObject({ code: 200 });
  },
  async sqlflowDeleteJob() {
    const { remoteId: jobId } = await submitJob();
    expect(await stack.run('sqlflowDeleteJob', { jobId })).toMatchObject({ status: 'delete' });
  },
  async sqlflowRerunJob() {
    const { remoteId: jobId, jobName } = await endedJob();
    const before = await stack.run('sqlflowGetJob', { jobId });
    await stack.run('sqlflowRerunJob', { jobId, jobName });
    for (;;) {
      const { status, sessionId } = await stack.run('sqlflowGetJob', { jobId });
      if (status === 'success' && sessionId !== before.sessionId) break;
    }
  },
  async sqlflowPlanRefresh() {
    const input = await refreshInput({ 'a.sql': load, 'b.sql': 'select 1' });
    const plan = await stack.run('sqlflowPlanRefresh', input);
    expect(plan).toMatchObject({
      kind: 'submit',
      revision: 1,
      candidate: false,
      generation: { generation: 1, key: input.nextKey },
      files: { total: 2, sent: 2 },
    });
    // A repeat, as after a crash, plans the same and stores nothing anew.
    expect(await stack.run('sqlflowPlanRefresh', input)).toEqual(plan);
  },
  async sqlflowSettleRevision() {
    const { chain, connection, lineage } = await exportedRevision();
    const status: 'success' | 'partial_success' = 'success';
    const input = { chain, connection, revision: 1, lineage, status, exportedWith: {} };
    const settled = await stack.run('sqlflowSettleRevision', input);
    expect(settled.counts.edges).toBeGreaterThan(0);
    expect(Object.keys(settled.artifacts).filter((name) => name.startsWith('diff'))).toEqual([]);
    expect(await stack.run('sqlflowSettleRevision', input)).toEqual(settled);
    const compared = await stack.run('sqlflowSettleRevision', {
      ...input,
      before: { revision: 1, lineage },
      gate: { maxRemovedEdges: 0 },
    });
    expect(compared).toMatchObject({
      counts: { change: { edgesAdded: 0, edgesRemoved: 0 } },
      verdict: { closed: false, reasons: [] },
    });
    expect(await stack.read(compared.artifacts.diffMarkdown!)).toContain('Nothing changed');
    const failure = await stack.failure('sqlflowSettleRevision', {
      ...input,
      lineage: (await stack.stage({ 'no.json': '{"code":500}' }))[0]!.artifact,
    });
    expect(failure).toMatchObject({ type: 'RemoteJob.IncompleteResult', nonRetryable: true });
  },
  async lineagePublish() {
    const { chain, connection, lineage } = await exportedRevision();
    const run = { chain, connection, revision: 1, atMs: Date.now() };
    const input = { lineage, run, target: 'catalog' };
    const published = await stack.run('lineagePublish', input);
    expect(published).toEqual({ target: 'catalog', events: 1, sent: 1, withoutColumns: 0 });
    expect(await stack.run('lineagePublish', input)).toEqual({ ...published, sent: 0 });
    const [event] = catalog.taken;
    expect(event.job.name).toBe(`${chain}.mart.totals`);
    const { fields } = event.outputs[0].facets.columnLineage;
    expect(fields.total.inputFields).toMatchObject([{ name: 'sales.orders', field: 'amount' }]);
    expect(schemaMistakes(event)).toEqual([]);
  },
  async sqlflowFinishRevision() {
    const { chain, connection, jobId, lineage } = await exportedRevision();
    const { inputs } = (await refreshInput({ 'a.sql': load })).request;
    const artifacts = { json: lineage };
    const files = { total: 1, sent: 1, added: 1, changed: 0, removed: 0 };
    const counts = { datasets: 1, columns: 1, edges: 1, errors: 0 };
    const common = { chain, connection, revision: 1, generation: 1, jobId, artifacts };
    const input = {
      result: {
        ...common,
        status: 'success' as const,
        inputs,
        files,
        counts,
        exportedWith: {},
        warnings: [],
        submittedAtMs: 1,
        endedAtMs: 2,
      },
      latest: { revision: 1, generation: 1, jobId, atMs: 2, artifacts },
      keepRevisions: 1,
    };
    const finished = await stack.run('sqlflowFinishRevision', input);
    expect(JSON.parse(await stack.read(finished.result))).toMatchObject({ chain, fileErrors: [] });
    expect(await stack.run('sqlflowFinishRevision', input)).toEqual(finished);
  },
  async sqlflowDeleteReplaced() {
    const { connection, remoteId } = await submitJob();
    const gone = { left: [], warnings: [] };
    const input = { connection, jobIds: [remoteId] };
    expect(await stack.run('sqlflowDeleteReplaced', input)).toEqual(gone);
    // A repeat after a crash finds it gone.
    expect(await stack.run('sqlflowDeleteReplaced', input)).toEqual(gone);
  },
  async linkisSubmitTask() {
    const key = randomUUID();
    for (const endpoint of ['submit', 'execute'] as const) {
      const [codeFile] = await stack.stage({ 'a.sql': '\uFEFFselect 1' });
      const submitted = await submitTask({ codeFile, endpoint, user: 'alice' }, key);
      expect(submitted).toMatchObject({ decision: 'freshSubmit', user: 'alice', warnings: [] });
      const row = await stack.run('linkisGetTask', { taskId: submitted.remoteId, user: 'alice' });
      expect(row.source).toMatchObject({
        remoteJobsKey: key,
        remoteJobsInstallation: 'test',
        remoteJobsNamespace: 'test',
        remoteJobsWorkflowId: 'test',
      });
    }
    const { warnings } = await submitTask({ code: 'select 1', creator: 'IDE' });
    expect(warnings.join()).toContain('limit 5000');
  },
  async linkisAttachTask() {
    const { remoteId } = await submitTask({ code: 'select 1' });
    expect(await stack.run('linkisAttachTask', { taskId: remoteId })).toMatchObject({
      remoteId,
      decision: 'attached',
      user: 'hadoop',
    });
  },
  async linkisAwaitTask() {
    expect(await awaitTask('select 1')).toMatchObject({
      outcome: 'succeeded',
      status: 'Succeed',
    });
    expect(await awaitTask('select * from no_such_table')).toMatchObject({
      outcome: 'failed',
      errorCode: expect.stringMatching(/^\d+$/),
      errorMessage: expect.stringContaining('no_such_table'),
    });
  },
  async linkisCollectOutputs() {
    const { submitted } = await ranTask('select 1 as n;\nselect 2 as m');
    const input = { ...target(submitted), results: true, format: 'jsonl' } as const;
    const { log, logTail, results } = await stack.run('linkisCollectOutputs', input);
    expect(log).toMatchObject({ source: 'persisted' });
    expect(await stack.read(log!)).toContain('2 of 2');
    expect(logTail).toBe('');
    const failing = await stack.run('linkisCollectOutputs', { ...input, results: false });
    expect(failing.logTail).not.toBe('');
    expect(await stack.read(failing.log!)).toContain(failing.logTail);
    expect(await Promise.all(results.map((result) => stack.read(result)))).toEqual([
      '{"n":"1"}\n',
      '{"m":"2"}\n',
    ]);
  },
  async linkisKillTask() {
    const key = randomUUID();
    const sinceMs = Date.now();
    const { remoteId } = await submitTask({ code: '-- local: delay 600s\nselect 1' }, key);
    const killed = await stack.run('linkisKillTask', { key, sinceMs });
    expect(killed).toMatchObject({ outcome: 'confirmed', remoteId, status: 'Cancelled' });
    const { submitted } = await ranTask('select 1');
    expect(await stack.run('linkisKillTask', target(submitted))).toMatchObject({
      outcome: 'alreadyFinished',
      status: 'Succeed',
    });
  },
  async linkisRemoveTwins() {
    const key = randomUUID();
    const sinceMs = Date.now();
    const slow = { code: '-- local: delay 600s\nselect 1' };
    const kept = await submitTask(slow, key);
    const twin = await submitTask(slow, key);
    const input = { ...target(kept), key, sinceMs, untilMs: Date.now() };
    const attempt = new Attempt();
    const { twins } = await stack.run('linkisRemoveTwins', input, attempt);
    expect(twins).toEqual([
      expect.objectContaining({ outcome: 'confirmed', remoteId: twin.remoteId }),
    ]);
    const row = await stack.run('linkisGetTask', { taskId: kept.remoteId });
    expect(row.status).not.toBe('Cancelled');
    // After a crash the answer still tells of the twin, which nothing else would any more.
    const heartbeatDetails = attempt.recorded.at(-1);
    const repeat = new Attempt({ attempt: 2, heartbeatDetails });
    expect(await stack.run('linkisRemoveTwins', input, repeat)).toEqual({ twins });
    await stack.run('linkisKillTask', target(kept));
  },
  async linkisGetStatus() {
    const { submitted } = await ranTask('select 1');
    const { execId = '' } = submitted;
    expect(await stack.run('linkisGetStatus', { ...target(submitted), execId })).toMatchObject({
      status: 'Succeed',
    });
  },
  async linkisGetLog() {
    const { execId = '' } = (await ranTask('select 1')).submitted;
    const { lines, fromLine } = await stack.run('linkisGetLog', { execId, fromLine: 0, size: 2 });
    expect([lines.length, fromLine]).toEqual([2, 2]);
  },
  async linkisGetProgress() {
    const { execId = '' } = (await ranTask('select 1')).submitted;
    expect(await stack.run('linkisGetProgress', { execId })).toMatchObject({ progress: 1 });
  },
  async linkisGetProgressWithResource() {
    const { execId = '' } = (await ranTask('select 1')).submitted;
    expect(await stack.run('linkisGetProgressWithResource', { execId })).toMatchObject({
      progress: 1,
    });
  },
  async linkisGetTask() {
    const { row, submitted } = await ranTask('select 1');
    expect(row).toMatchObject({ taskId: submitted.remoteId, status: 'Succeed' });
  },
  async linkisListTasks() {
    const { remoteId: taskId } = await submitTask({ code: 'select 1' });
    const page = await stack.run('linkisListTasks', { filter: { taskId } });
    expect(page.tasks.map((task) => task.taskId)).toEqual([taskId]);
  },
  async linkisListTaskIds() {
    const { remoteId: taskId } = await submitTask({ code: 'select 1' });
    const rows = await stack.run('linkisListTaskIds', { taskIds: [taskId] });
    expect(rows.map((row) => row.taskId)).toEqual([taskId]);
  },
  async linkisListResultSets() {
    const { row } = await ranTask('select 1;\nselect 2');
    const files = await stack.run('linkisListResultSets', { path: row.resultLocation ?? '' });
    expect(files.map(({ name }) => name)).toEqual(['_0.dolphin', '_1.dolphin']);
  },
  async linkisGetResultPage() {
    const { row } = await ranTask('select n from range(5) t(n)');
    const path = `${row.resultLocation}/_0.dolphin`;
    const page = { page: 2, pageSize: 3 };
    expect(await stack.run('linkisGetResultPage', { path, page })).toMatchObject({
      rows: [['3'], ['4']],
      isLast: true,
    });
  },
  async linkisGetPersistedLog() {
    const { row } = await ranTask('select 1');
    const log = await stack.run('linkisGetPersistedLog', { path: row.logPath ?? '' });
    expect((await stack.read(log)).trimEnd().split('\n')).toHaveLength(log.lines);
  },
  async linkisExportResultSet() {
    const { row } = await ranTask('select 1 as n');
    const path = `${row.resultLocation}/_0.dolphin`;
    const csv = await stack.run('linkisExportResultSet', { path, format: 'csv', name: 'one' });
    expect(csv.uri).toMatch(/\/exports\/one\.csv$/);
    expect(await stack.read(csv)).toBe('n\n1\n');
  },
  async linkisExportResultSets() {
    const { row } = await ranTask('select 1 as n');
    const path = row.resultLocation ?? '';
    const xlsx = await stack.run('linkisExportResultSets', { path, name: 'all' });
    expect((await stack.read(xlsx)).slice(0, 2)).toBe('PK');
  },
  async sqlflowAskChain() {
    const { request } = await refreshInput({ 'a.sql': load });
    const asked = { request, requestId: 'night-1', taskQueue: 'chains' };
    const wrong = { ...asked, request: { ...request, chain: 'not/a/name', dbVendor: '' } };
    const { type, message } = await stack.failure('sqlflowAskChain', wrong);
    expect(type).toBe('RemoteJob.InvalidInput');
    expect(message).toMatch(/chain: is "not\/a\/name".* · dbVendor: is blank/);
    const elsewhere = { ...asked, request: { ...request, connection: 'elsewhere' } };
    const unknown = await stack.failure('sqlflowAskChain', elsewhere);
    // No chain begins that nobody could refresh.
    expect(unknown).toMatchObject({ type: 'RemoteJob.Configuration', nonRetryable: true });
    // A Temporal that can't be asked is asked again: the chains' own specs show the rest.
    const away = await stack.failure('sqlflowAskChain', asked);
    expect(away).toMatchObject({ type: 'Temporal.Unavailable', nonRetryable: false });
  },
  async sqlflowWithdrawRefresh() {
    const { request } = await refreshInput({ 'a.sql': load });
    const asked = { request, requestId: 'night-1', taskQueue: 'chains' };
    const away = await stack.failure('sqlflowWithdrawRefresh', asked);
    expect(away).toMatchObject({ type: 'Temporal.Unavailable', nonRetryable: false });
  },
  async sqlflowCheckAdoption() {
    const settings = { dbVendor: 'dbvhive' };
    const files = await stack.stage({ 'a.sql': load });
    const job = { jobName: 'by hand', ...settings, files };
    const made = await stack.run('sqlflowSubmitPersistJob', { job, key: randomUUID() });
    await awaitJob(made);
    const { connection, remoteId: jobId } = made;
    const adoption = { connection, jobId, settings };
    expect(await stack.run('sqlflowCheckAdoption', adoption)).toMatchObject({
      jobName: expect.stringMatching(/^by hand--/),
      mark: { subJobs: 1 },
    });
    const simple = await submitJob();
    await awaitJob(simple);
    const refused = await stack.failure('sqlflowCheckAdoption', {
      ...adoption,
      jobId: simple.remoteId,
    });
    expect(refused).toMatchObject({ type: 'Chain.Refused', nonRetryable: true });
  },
  async remoteJobsFindOrphans() {
    const other = await activityStack({ sqlflow, linkis }, { installation: 'has-no-jobs' });
    const report = await other.run('remoteJobsFindOrphans', {});
    await other.close();
    expect(report).toMatchObject({ installation: 'has-no-jobs', orphans: [], leftOut: 0 });
    expect(report.looks.map(({ user }) => user)).toEqual([undefined, 'hadoop', 'alice']);
  },
  async remoteJobsPruneFinished() {
    const other = await activityStack({ sqlflow, linkis }, { installation: 'has-no-jobs' });
    const report = await other.run('remoteJobsPruneFinished', { olderThanMs: 0 });
    await other.close();
    expect(report).toMatchObject({ installation: 'has-no-jobs', deleted: 0, left: 0 });
    expect(report.accounts).toMatchObject([{ connection: 'sqlflow', ended: 0, due: 0 }]);
  },
  async remoteJobsPrepareRun() {
    const roots = [path.join(__dirname, 'fixtures')];
    const other = await activityStack({ sqlflow, linkis }, { inputs: { roots } });
    const job = { ...spark, code: "select '{{scheduledDate-1d}}'", source: { at: 'fixed' } };
    const prepared = await other.run('remoteJobsPrepareRun', {
      run: { type: 'linkisTask', job },
      timeZone: 'Europe/Vienna',
      scheduledAtMs: Date.parse('2026-05-01T23:30:00Z'),
    });
    expect(prepared).toEqual({
      type: 'linkisTask',
      input: { ...job, code: "select '2026-05-01'", codeFile: undefined },
    });
    const outside = { ...prepared, type: 'linkisTask', codeFile: __filename, job: spark } as const;
    const refused = other.run('remoteJobsPrepareRun', {
      run: outside,
      timeZone: 'UTC',
      scheduledAtMs: 0,
    });
    await expect(refused).rejects.toMatchObject({
      type: 'RemoteJob.InvalidInput',
      nonRetryable: true,
      message: expect.stringContaining('add its folder to inputs.roots'),
    });
    await other.close();
  },
  async remoteJobsKillOrphan() {
    const key = randomUUID();
    const { connection, remoteId, jobName } = await submitJob(
      '-- local: delay 600s\nselect 1;',
      key,
    );
    const shortKey = key.replaceAll('-', '').slice(0, 12);
    const job = {
      vendor: 'sqlflow',
      connection,
      remoteId,
      name: jobName,
      status: 'create',
    } as const;
    const reason = 'a test says so';
    const another = { ...job, shortKey: 'another', reason };
    expect(await stack.run('remoteJobsKillOrphan', another)).toMatchObject({
      outcome: 'abandoned',
    });
    const report = await stack.run('remoteJobsKillOrphan', { ...job, shortKey, reason });
    expect(report).toMatchObject({ outcome: 'removed', remoteId });
  },
  async remoteJobsStanding() {
    const attempt = new Attempt();
    const memo = { [remoteJobMemoKey]: { vendor: 'linkis', connection: 'linkis', remoteId: '7' } };
    const getHandle = () => ({
      describe: async () => ({ status: { name: 'RUNNING' }, memo, raw: { pendingActivities: [] } }),
    });
    Object.assign(attempt.environment.context.client, { workflow: { getHandle } });
    const input = { workflowId: 'etl/load' };
    expect(await stack.run('remoteJobsStanding', input, attempt)).toEqual({
      status: 'RUNNING',
      job: memo[remoteJobMemoKey],
    });
  },
  async remoteJobsNotify() {
    const notice = { event: 'failed', subject: 'Linkis task 1', message: 'it failed' } as const;
    const from = { id: 'a', workflowId: 'etl', runId: randomUUID(), workflowType: 'linkisTask' };
    // A worker without targets has nobody to tell.
    await stack.run('remoteJobsNotify', { ...notice, ...from, atMs: Date.now() });
  },
  async remoteJobsPrepareStep() {
    const { signal } = new AbortController();
    const input = { ...spark, code: "select '{{scheduledDate}}' as day" };
    const body = Readable.from([
      JSON.stringify({
        version: 1,
        name: 'nightly',
        params: {},
        scheduledAtMs: Date.UTC(2026, 4, 1),
        timeZone: 'UTC',
        steps: { load: { type: 'linkisTask', input } },
      }),
    ]);
    const snapshot = await stack.store.putByHash(body, { format: 'json', signal });
    expect(
      await stack.run('remoteJobsPrepareStep', { snapshot, step: 'load', outputs: {} }),
    ).toMatchObject({ type: 'linkisTask', input: { code: "select '2026-05-01' as day" } });
  },
  async remoteJobsStepKills() {
    const attempt = new Attempt();
    const kill = { outcome: 'confirmed', remoteId: '7', evidence: 'it is dead' };
    const memo = { [remoteJobMemoKey]: { vendor: 'linkis', connection: 'linkis', ...kill, kill } };
    const workflow = { getHandle: () => ({ describe: async () => ({ memo }) }) };
    Object.assign(attempt.environment.context.client, { workflow });
    const input = { workflowIds: ['etl/load'] };
    expect(await stack.run('remoteJobsStepKills', input, attempt)).toEqual({
      kills: { 'etl/load': { remoteId: '7', kill } },
    });
  },
  async remoteJobsAwaitSteps() {
    const attempt = new Attempt();
    const never = new Promise(() => undefined);
    const closed = { history: { events: [{ eventType: 2 }] } };
    const workflowService = {
      getWorkflowExecutionHistory: ({ execution }: any) =>
        execution.workflowId === 'etl/asks' ? Promise.resolve(closed) : never,
    };
    const approved = { approvedBy: 'alice', approvedAtMs: 1 };
    const workflow = { getHandle: () => ({ result: async () => approved }) };
    const options = { namespace: 'default' };
    Object.assign(attempt.environment.context.client, { workflow, workflowService, options });
    const kind = 'approval' as const;
    const steps = ['asks', 'waits'].map((name) => ({ name, kind, workflowId: `etl/${name}` }));
    expect(await stack.run('remoteJobsAwaitSteps', { steps }, attempt)).toEqual({
      ended: { asks: { standing: 'succeeded', outputs: { approvedBy: 'alice' } } },
    });
  },
  async remoteJobsAfterEnd() {
    const end = { vendor: 'linkis', connection: 'linkis', outcome: 'succeeded' } as const;
    // A worker without hooks has nobody to tell.
    await stack.run('remoteJobsAfterEnd', { ...end, workflowId: 'etl', runId: randomUUID() });
  },
};

async function refreshInput(files: Readonly<Record<string, string>>): Promise<RefreshInput> {
  const { signal } = new AbortController();
  const inputs = await writeManifest(stack.store, await stack.stage(files), signal);
  const request = {
    requestId: randomUUID(),
    chain: `chain-${randomUUID()}`,
    connection: 'sqlflow',
    dbVendor: 'dbvhive',
    inputs,
  };
  return {
    request,
    nextKey: randomUUID(),
    mayBeSubmitted: false,
    unsettled: [],
    revision: 1,
    replacedJobs: [],
  };
}

/** A revision as a refresh leaves it once its lineage is exported. */
async function exportedRevision() {
  const { connection, remoteId: jobId } = await endedJob();
  const chain = `chain-${randomUUID()}`;
  const collected = await stack.run('sqlflowCollectLineage', {
    connection,
    jobId,
    exports: ['json'],
    thenDelete: false,
    folder: `chains/${connection}/${chain}/1`,
  });
  return { chain, connection, jobId, lineage: collected.lineage.json! };
}

async function endedJob(): Promise<SubmittedSqlFlowJob> {
  const submitted = await submitJob();
  for (;;) {
    const { status } = await stack.run('sqlflowGetJob', { jobId: submitted.remoteId });
    if (status === 'success') return submitted;
    await sleep(10);
  }
}

/** A kill by key looks for 30 s: beside all others. */
const longest: readonly string[] = ['sqlflowKillJob', 'linkisKillTask'];

for (const [name, run] of Object.entries(tests)) {
  const title = `${name} does what it says`;
  if (longest.includes(name)) long.test(title, run);
  else test(title, run);
}

test('the table of tests names every activity that a worker registers', () => {
  expect(Object.keys(tests).sort()).toEqual(Object.keys(stack.activities).sort());
});
