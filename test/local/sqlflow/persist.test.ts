import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocalSqlFlow, type LocalSqlFlowOptions } from '../../../src/local/sqlflow/local-sqlflow';
import { zipOf } from '../../artifacts/support';
import { SqlFlowCaller, type Answer, type Files } from './sqlflow-caller';

let sqlflow: LocalSqlFlow;
let caller: SqlFlowCaller;

async function start(options: LocalSqlFlowOptions = {}): Promise<void> {
  sqlflow = await LocalSqlFlow.start({ jobDelayMs: 30, ...options });
  caller = new SqlFlowCaller(sqlflow);
}

afterEach(() => sqlflow.close());

const named = { jobName: 'chain', dbvendor: 'dbvpostgresql', incremental: 'true' };

async function persist(files: Files, fields: Record<string, string> = {}): Promise<Answer> {
  return caller.json('submitPersistJob', { ...named, ...fields }, files);
}

async function targets(jobId: string): Promise<string[]> {
  const csv = await caller.text('exportFullLineageAsCsv', { jobId });
  return csv
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split(',')[6] ?? '');
}

describe('a regular job', () => {
  it('keeps its id and gathers files by name over incremental submits', async () => {
    await start();
    const first = await persist({
      'a.sql': 'insert into o1 select a from t',
      'b.sql': 'insert into o2 select a from t',
    });
    const { jobId } = first.data;
    const before = await caller.ended(jobId);
    expect(before).toMatchObject({ status: 'success', persist: true, incremental: true });
    const second = await persist({ 'b.sql': 'insert into o3 select a from t' }, { jobId });
    expect(second.data).toMatchObject({ jobId, status: 'create', fileNames: ['a.sql', 'b.sql'] });
    const after = await caller.ended(jobId);
    expect(await targets(jobId)).toEqual(['o1', 'o3']);
    expect(after.sessionId).not.toBe(before.sessionId);
    expect(after.subJobs).toHaveLength(2);
    expect(after.createTime).toBe(before.createTime);
  });

  it.each([
    ['byPath', ['o1', 'o3'], ['1.zip/a/x.sql', '2.zip/b/x.sql']],
    ['byUpload', ['o1', 'o2', 'o3'], ['1.zip/a/x.sql', '1.zip/b/x.sql', '2.zip/b/x.sql']],
  ] as const)(
    'knows a file in a zip %s: a later zip replaces it, or adds another',
    async (zipEntries, written, names) => {
      await start({ behaviour: { zipEntries } });
      const bad = (target: string) => `insert into ${target} select a from t;\nselect from from`;
      const first = await zipOf({ 'a/x.sql': bad('o1'), 'b/x.sql': bad('o2') });
      const { data } = await persist({ '1.zip': new Uint8Array(first) });
      await caller.ended(data.jobId);
      expect(await targets(data.jobId)).toEqual(['o1', 'o2']);
      const second = await zipOf({ 'b/x.sql': bad('o3') });
      await persist({ '2.zip': new Uint8Array(second) }, { jobId: data.jobId });
      await caller.ended(data.jobId);
      expect(await targets(data.jobId)).toEqual(written);
      const { data: model } = await caller.json('exportLineageAsJson', { jobId: data.jobId });
      const said = model.sqlflow.errors.map((error: Answer) => error.errorMessage);
      expect(said).toHaveLength(names.length);
      for (const name of names) expect(said.join()).toContain(`${name}(2,`);
    },
  );

  it('starts anew with incremental=false, or drops unsent files where the server is told to', async () => {
    await start();
    const { data } = await persist({ 'a.sql': 'insert into o1 select a from t' });
    await caller.ended(data.jobId);
    await persist(
      { 'b.sql': 'insert into o2 select a from t' },
      { jobId: data.jobId, incremental: 'false' },
    );
    await caller.ended(data.jobId);
    expect(await targets(data.jobId)).toEqual(['o2']);
    await sqlflow.close();
    await start({ behaviour: { unsentFiles: 'drop' } });
    const other = await persist({ 'a.sql': 'insert into o1 select a from t' });
    await caller.ended(other.data.jobId);
    await persist({ 'b.sql': 'insert into o2 select a from t' }, { jobId: other.data.jobId });
    await caller.ended(other.data.jobId);
    expect(await targets(other.data.jobId)).toEqual(['o2']);
  });

  it('shows its previous success for a while after a resubmit where the server is told to', async () => {
    await start({ behaviour: { staleSuccessMs: 60_000 } });
    const { data } = await persist({ 'a.sql': 'select 1' });
    const before = await caller.ended(data.jobId);
    await persist({ 'b.sql': '-- local: delay 5m\nselect 2' }, { jobId: data.jobId });
    const stale = await caller.json('displayUserJobSummary', { jobId: data.jobId });
    expect(stale.data).toMatchObject({ status: 'success', sessionId: before.sessionId });
    expect(stale.data.subJobs).toEqual(before.subJobs);
  });

  it('may keep its session over a resubmit, or begin at process', async () => {
    await start({ behaviour: { resubmitSession: 'same', resubmitStatus: 'process' } });
    const { data } = await persist({ 'a.sql': 'select 1' });
    const before = await caller.ended(data.jobId);
    const again = await persist({ 'a.sql': 'select 2' }, { jobId: data.jobId });
    expect(again.data.status).toBe('process');
    expect((await caller.ended(data.jobId)).sessionId).toBe(before.sessionId);
  });

  it('keeps its name over a resubmit, or takes the new one where the server is told to', async () => {
    const nameAfter = async (options: LocalSqlFlowOptions) => {
      await start(options);
      const { data } = await persist({ 'a.sql': 'select 1' });
      await persist({ 'a.sql': 'select 2' }, { jobId: data.jobId, jobName: 'other' });
      return (await caller.ended(data.jobId)).jobName;
    };
    expect(await nameAfter({})).toBe('chain');
    await sqlflow.close();
    expect(await nameAfter({ behaviour: { resubmitName: 'take' } })).toBe('other');
  });

  it('may answer a resubmit with another id', async () => {
    await start({ behaviour: { resubmitJobId: 'new' } });
    const { data } = await persist({ 'a.sql': 'insert into o1 select a from t' });
    await caller.ended(data.jobId);
    const again = await persist(
      { 'b.sql': 'insert into o2 select a from t' },
      { jobId: data.jobId },
    );
    expect(again.data.jobId).not.toBe(data.jobId);
    expect(await caller.ended(again.data.jobId)).toMatchObject({ status: 'success' });
    expect(await targets(again.data.jobId)).toEqual(['o1', 'o2']);
    expect(await caller.json('displayUserJobSummary', { jobId: data.jobId })).toMatchObject({
      code: 500,
    });
  });

  it('refuses an unknown id, or makes a job of it where the server is told to', async () => {
    await start();
    const unknown = { jobId: '0'.repeat(32) };
    expect(await persist({ 'a.sql': 'select 1' }, unknown)).toEqual({
      code: 500,
      error: 'The job does not exist.',
    });
    await sqlflow.close();
    await start({ behaviour: { unknownJobId: 'newJob' } });
    const { data } = await persist({ 'a.sql': 'select 1' }, unknown);
    expect(data.jobId).not.toBe(unknown.jobId);
  });

  it('runs again after a submit that came while it ran, or refuses it', async () => {
    await start({ jobDelayMs: 200 });
    const { data } = await persist({ 'a.sql': 'insert into o1 select a from t' });
    await persist({ 'b.sql': 'insert into o2 select a from t' }, { jobId: data.jobId });
    await caller.ended(data.jobId);
    expect(await targets(data.jobId)).toEqual(['o1', 'o2']);
    await sqlflow.close();
    await start({ jobDelayMs: 600_000, behaviour: { submitWhileRunning: 'reject' } });
    const busy = await persist({ 'a.sql': 'select 1' });
    const refused = await persist({ 'a.sql': 'select 2' }, { jobId: busy.data.jobId });
    expect(refused).toMatchObject({ code: 500 });
  });

  it('keeps a schedule, which can be listed, paused, resumed and changed', async () => {
    await start();
    const { data } = await persist(
      { 'a.sql': 'select 1' },
      { schedulable: 'true', cronExpression: '0 1 * * *' },
    );
    const { jobId } = data;
    await caller.json('pauseScheduleJob', { jobId });
    await caller.json('updateScheduleJob', { jobId, cronExpression: '0 2 * * *' });
    const listed = await caller.json('listScheduleJobs');
    expect(listed.data.jobDetails).toMatchObject([
      { jobId, cancelSchedule: true, cronExpression: '0 2 * * *' },
    ]);
    await caller.json('resumeScheduleJob', { jobId });
    expect(await caller.ended(jobId)).toMatchObject({ cancelSchedule: false });
  });
});

describe('a restart', () => {
  let stateDir: string;
  beforeEach(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), 'sqlflow-state-'));
  });
  afterEach(async () => {
    await sqlflow.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('keeps jobs, lineage and tokens', async () => {
    await start({ stateDir });
    const body = new URLSearchParams({ userId: 'demo', secretKey: 'demo-secret' });
    const url = `${sqlflow.url}/user/generateToken`;
    const { token } = (await (await fetch(url, { method: 'POST', body })).json()) as {
      token: string;
    };
    caller = new SqlFlowCaller(sqlflow, { userId: 'demo', token });
    const { data } = await persist({ 'a.sql': 'insert into o1 select a from t' });
    await caller.ended(data.jobId);
    const summary = await caller.json('displayUserJobsSummary');
    await sqlflow.close();
    await start({ stateDir });
    caller = new SqlFlowCaller(sqlflow, { userId: 'demo', token });
    expect(await caller.json('displayUserJobsSummary')).toEqual(summary);
    expect(await targets(data.jobId)).toEqual(['o1']);
    await persist({ 'b.sql': 'insert into o2 select a from t' }, { jobId: data.jobId });
    await caller.ended(data.jobId);
    expect(await targets(data.jobId)).toEqual(['o1', 'o2']);
  });

  it('finds no uploads that later submits have replaced', async () => {
    await start({ stateDir });
    const { data } = await persist({ 'a.sql': 'select 1', 'b.sql': 'select 2' });
    await caller.ended(data.jobId);
    await persist({ 'a.sql': 'select 3' }, { jobId: data.jobId });
    await caller.ended(data.jobId);
    await sqlflow.close();
    const kept = await readdir(path.join(stateDir, 'jobs', data.jobId));
    expect(kept.filter((name) => !name.endsWith('.json'))).toHaveLength(2);
  });

  it('finishes a job that was running', async () => {
    await start({ stateDir, jobDelayMs: 200 });
    const jobId = await caller.submit({ 'a.sql': 'insert into o1 select a from t' });
    await sqlflow.close();
    await start({ stateDir, jobDelayMs: 200 });
    expect(await caller.ended(jobId)).toMatchObject({ status: 'success' });
    expect(await targets(jobId)).toEqual(['o1']);
  });
});
