import type { Fault } from '../../../src/local/http/fault';
import { LocalSqlFlow, type LocalSqlFlowOptions } from '../../../src/local/sqlflow/local-sqlflow';
import { SqlFlowCaller, type Files } from './sqlflow-caller';

// What a regular job goes through that several programs know of.

let sqlflow: LocalSqlFlow;
let caller: SqlFlowCaller;

async function start(options: LocalSqlFlowOptions = {}): Promise<void> {
  sqlflow = await LocalSqlFlow.start({ jobDelayMs: 10, ...options });
  caller = new SqlFlowCaller(sqlflow);
}

afterEach(() => sqlflow.close());

const named = { jobName: 'nightly', dbvendor: 'dbvpostgresql' };
const files = { 'a.sql': 'insert into o select a from t' };

const persist = (fields: Record<string, string> = {}, sent: Files = files) =>
  caller.json('submitPersistJob', { ...named, ...fields }, sent);

async function made(): Promise<string> {
  const { jobId } = (await persist()).data;
  await caller.ended(jobId);
  return jobId;
}

const script = (...faults: Fault[]) => sqlflow.service.setFaults({ faults });

const exported = async (jobId: string) =>
  (await caller.json('exportLineageAsJson', { jobId })).data.sqlflow;

test("another program's submit or rerun moves the session and the runs, and keeps the jobId", async () => {
  await start();
  const jobId = await made();
  const first = await caller.ended(jobId);
  await persist({ jobId }, { 'b.sql': 'insert into p select b from t' });
  const second = await caller.ended(jobId);
  await caller.json('rerunJob', { jobId });
  const third = await caller.ended(jobId);
  expect(new Set([first, second, third].map(({ sessionId }) => sessionId)).size).toBe(3);
  expect([first, second, third].map(({ subJobs }) => subJobs.length)).toEqual([1, 2, 3]);
  expect(third.fileNames).toEqual(['a.sql', 'b.sql']);
});

test('a script lets another program run the job just before or just after a call', async () => {
  await start();
  const jobId = await made();
  script({ endpoint: 'displayUserJobSummary', calls: [1], do: 'otherWriter' });
  const look = await caller.json('displayUserJobSummary', { jobId });
  expect(look.data.subJobs).toHaveLength(2);
  await caller.ended(jobId);
  script({ endpoint: 'submitPersistJob', calls: [1], when: 'after', do: 'otherWriter' });
  expect((await persist({ jobId })).data).toMatchObject({ jobId });
  await caller.ended(jobId);
  expect(sqlflow.jobs()).toMatchObject([{ jobId, revision: 4 }]);
});

test('a script lets another program delete the job just before a call names it', async () => {
  await start();
  const jobId = await made();
  const unknown = { code: 500, error: 'The job does not exist.' };
  script({ endpoint: 'submitPersistJob', calls: [1], do: 'otherDeletes' });
  expect(await persist({ jobId })).toEqual(unknown);
  expect(sqlflow.jobs()).toEqual([]);

  const next = await made();
  script({ endpoint: 'exportLineageAsJson', calls: [1], do: 'otherDeletes' });
  expect(await caller.json('exportLineageAsJson', { jobId: next })).toEqual(unknown);
});

test('a deleted job is unknown to every call, or a submit makes another job of its id', async () => {
  await start({ behaviour: { unknownJobId: 'newJob' } });
  const jobId = await made();
  await caller.json('deleteUserJob', { jobId });
  for (const endpoint of ['displayUserJobSummary', 'exportFullLineageAsCsv', 'rerunJob']) {
    expect(await caller.json(endpoint, { jobId })).toMatchObject({ code: 500 });
  }
  const { data } = await persist({ jobId });
  expect(data.jobId).not.toBe(jobId);
  expect(sqlflow.jobs()).toMatchObject([{ jobId: data.jobId, revision: 1 }]);
});

test('a job that somebody made by hand can be told from a simple one, and added to', async () => {
  await start();
  const byHand = await made();
  const simple = await caller.finish(files);
  expect(await caller.ended(byHand)).toMatchObject({ persist: true, dbVendor: 'dbvpostgresql' });
  expect(await caller.ended(simple)).toMatchObject({ persist: false });
  expect(await persist({ jobId: byHand })).toMatchObject({ data: { jobId: byHand } });
  expect(await persist({ jobId: simple })).toMatchObject({ code: 500 });
});

test('the settings of a job stay as they were when it was made', async () => {
  await start();
  const jobId = await made();
  await persist({ jobId, dbvendor: 'dbvhive', defaultSchema: 'other' });
  expect(await caller.ended(jobId)).toMatchObject({ dbVendor: 'dbvpostgresql' });
});

test('a resubmit that is too large gets HTTP 413 and leaves the job as it was', async () => {
  await start({ maxUploadBytes: 10_000 });
  const jobId = await made();
  const large = { 'b.sql': `-- ${'x'.repeat(20_000)}` };
  const reply = await caller.send('submitPersistJob', { ...named, jobId }, large);
  expect(reply.status).toBe(413);
  expect(sqlflow.jobs()).toMatchObject([{ jobId, revision: 1, fileNames: ['a.sql'] }]);
});

test("a file's errors name it with line and column, until a later submit mends it", async () => {
  await start();
  const jobId = await made();
  await persist({ jobId }, { 'broken.sql': 'select 1;\nselec a\n  from t;' });
  expect(await caller.ended(jobId)).toMatchObject({ status: 'partial_success' });
  expect((await exported(jobId)).errors).toEqual([
    {
      errorType: 'SyntaxHint',
      errorMessage: expect.stringMatching(/^broken\.sql\(3,3\): /),
      coordinates: [{ hashCode: '1', x: 3, y: 3 }, expect.anything()],
    },
  ]);
  await persist({ jobId }, { 'broken.sql': 'insert into p select a from t;' });
  expect(await caller.ended(jobId)).toMatchObject({ status: 'success' });
  expect(await exported(jobId)).not.toHaveProperty('errors');
});
