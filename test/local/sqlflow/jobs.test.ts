import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { LocalSqlFlow, type LocalSqlFlowOptions } from '../../../src/local/sqlflow/local-sqlflow';
import { moveClock } from '../../support/clock';
import { SqlFlowCaller, type Answer } from './sqlflow-caller';

let sqlflow: LocalSqlFlow;
let caller: SqlFlowCaller;

async function start(options: LocalSqlFlowOptions = {}): Promise<void> {
  await sqlflow?.close();
  sqlflow = await LocalSqlFlow.start({ jobDelayMs: 30, ...options });
  caller = new SqlFlowCaller(sqlflow);
}

afterEach(async () => {
  jest.restoreAllMocks();
  await sqlflow.close();
});

async function login(secretKey = 'demo-secret'): Promise<Answer> {
  const body = new URLSearchParams({ userId: 'demo', secretKey });
  const reply = await fetch(`${sqlflow.url}/user/generateToken`, { method: 'POST', body });
  expect(reply.status).toBe(200);
  return reply.json();
}

describe('tokens', () => {
  it('are given for the right secret key, with the code as a string and the token on top', async () => {
    await start();
    expect(await login()).toEqual({ code: '200', userId: 'demo', token: expect.any(String) });
    expect(await login('wrong')).toEqual({
      code: '401',
      error: 'Invalid user or token, access deny.',
    });
  });

  it("are refused inside HTTP 200 when they are wrong, expired or somebody else's", async () => {
    await start({ tokenTtlMs: 3_600_000 });
    const { token } = await login();
    const asDemo = new SqlFlowCaller(sqlflow, { userId: 'demo', token });
    expect(await asDemo.json('displayUserJobsSummary')).toMatchObject({ code: 200 });
    const refusal = { code: 401, error: 'Invalid user or token, access deny.' };
    const asOther = new SqlFlowCaller(sqlflow, { userId: 'gudu|0123456789', token });
    expect(await asOther.json('displayUserJobsSummary')).toEqual(refusal);
    const wrong = new SqlFlowCaller(sqlflow, { userId: 'demo', token: 'token' });
    expect(await wrong.json('displayUserJobsSummary')).toEqual(refusal);
    moveClock(2 * 3_600_000);
    expect(await asDemo.json('displayUserJobsSummary')).toEqual(refusal);
  });

  it('void the older ones of the user only where the server is told to', async () => {
    await start({ behaviour: { newTokenVoidsOlder: true } });
    const first = await login();
    await login();
    const asFirst = new SqlFlowCaller(sqlflow, { userId: 'demo', token: first.token });
    expect(await asFirst.json('displayUserJobsSummary')).toMatchObject({ code: 401 });
  });
});

describe('requests', () => {
  it('are read from the query, urlencoded and multipart alike', async () => {
    await start();
    const fields = new URLSearchParams(caller.user);
    const url = `${sqlflow.url}/sqlflow/job/displayUserJobsSummary`;
    for (const [address, body] of [
      [`${url}?${fields.toString()}`, undefined],
      [url, fields],
    ] as const) {
      const reply = await fetch(address, { method: 'POST', body });
      expect(await reply.json()).toMatchObject({ code: 200, data: { total: 0 } });
    }
    expect(await caller.json('displayUserJobsSummary')).toMatchObject({ code: 200 });
  });

  it('get HTTP 400 for a JSON body, 404 for another prefix and 405 for GET', async () => {
    await start();
    const url = `${sqlflow.url}/sqlflow/job/displayUserJobsSummary`;
    const headers = { 'content-type': 'application/json' };
    const json = await fetch(url, { method: 'POST', headers, body: JSON.stringify(caller.user) });
    expect(json.status).toBe(400);
    const other = url.replace('/gspLive_backend', '/api/gspLive_backend');
    expect((await fetch(other, { method: 'POST' })).status).toBe(404);
    expect((await fetch(url)).status).toBe(405);
  });

  it('get HTTP 413 when they are too large', async () => {
    await start({ maxUploadBytes: 10_000 });
    const reply = await caller.send(
      'submitUserJob',
      { jobName: 'a' },
      { 'a.sql': 'x'.repeat(20_000) },
    );
    expect(reply.status).toBe(413);
  });

  it('get a real HTTP 429 with the documented body once the quota is used up', async () => {
    await start({ quota: { calls: 2, periodMs: 60_000 } });
    await caller.send('displayUserJobsSummary');
    await caller.send('displayUserJobsSummary');
    const reply = await caller.send('displayUserJobsSummary');
    expect(reply.status).toBe(429);
    expect(await reply.json()).toEqual({
      code: 429,
      error: 'rate_limit_exceeded',
      message: expect.any(String),
      upgrade: expect.any(String),
    });
  });
});

describe('a simple job', () => {
  it('goes from create through process to success, with a session only at its end', async () => {
    await start({ jobDelayMs: 600_000 });
    const submitted = await caller.json(
      'submitUserJob',
      { jobName: 'job1', dbvendor: 'dbvmssql' },
      { '1.sql': 'select 1', '2.sql': 'insert into o select a from t' },
    );
    expect(submitted).toEqual({
      code: 200,
      data: {
        jobId: expect.stringMatching(/^[0-9a-f]{32}$/),
        jobName: 'job1',
        userId: 'gudu|0123456789',
        dbVendor: 'dbvmssql',
        dataSource: {},
        fileNames: ['1.sql', '2.sql'],
        createTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        status: 'create',
      },
    });
    const { jobId } = submitted.data;
    const summary = async (id: string) =>
      (await caller.json('displayUserJobSummary', { jobId: id })).data;
    const created = await summary(jobId);
    expect([created.status, created.sessionId]).toEqual(['create', undefined]);
    sqlflow.endDelays();
    expect(await caller.ended(jobId)).toMatchObject({
      status: 'success',
      sessionId: expect.stringMatching(/^[0-9a-f]{64}_\d{13}$/),
      executeTime: expect.stringMatching(/^\d+min \d+sec$/),
      persist: false,
    });
    await start();
    const slow = await caller.submit({ '1.sql': '-- local: delay 10m\nselect 1' });
    while ((await summary(slow)).status !== 'process');
    expect(await summary(slow)).not.toHaveProperty('sessionId');
    sqlflow.endDelays();
    expect((await caller.ended(slow)).status).toBe('success');
  });

  it("is partial_success when some of it can't be parsed, fail when nothing can", async () => {
    await start();
    const partial = await caller.finish({
      'a.sql': 'select from',
      'b.sql': 'insert into o select a from t',
    });
    expect(await caller.ended(partial)).toMatchObject({ status: 'partial_success' });
    const model = await caller.json('exportLineageAsJson', { jobId: partial });
    expect(model.data.sqlflow.errors).toEqual([
      {
        errorMessage: expect.stringMatching(/^a\.sql\(1,\d+\): /),
        errorType: 'SyntaxHint',
        coordinates: [expect.objectContaining({ hashCode: '0', x: 1 }), expect.anything()],
      },
    ]);
    const failed = await caller.finish({ 'a.sql': 'select from' });
    expect(await caller.ended(failed)).toMatchObject({
      status: 'fail',
      errorMessage: expect.stringContaining('a.sql (1,'),
    });
  });

  it('takes at least as long as a comment in a file asks', async () => {
    await start();
    const startedMs = Date.now();
    const jobId = await caller.submit({ 'a.sql': '-- local: delay 0.4s\nselect 1' });
    await caller.ended(jobId);
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(400);
  });

  it("reads a zip with its folders, where equal names don't collide", async () => {
    await start();
    const dir = await mkdtemp(path.join(tmpdir(), 'zip-'));
    const zip = new yazl.ZipFile();
    zip.addBuffer(Buffer.from('create table t (a int, b int)'), 'ddl/a.sql');
    zip.addBuffer(Buffer.from('insert into o select * from t'), 'etl/a.sql');
    zip.addBuffer(Buffer.from('no sql'), 'readme.md');
    zip.addBuffer(Buffer.from('junk'), '__MACOSX/._a.sql');
    zip.end();
    const file = path.join(dir, '1.zip');
    await pipeline(zip.outputStream, createWriteStream(file));
    const bytes = new Uint8Array(await readFile(file));
    await rm(dir, { recursive: true });
    const jobId = await caller.finish({ '1.zip': bytes });
    expect(await caller.ended(jobId)).toMatchObject({ status: 'success', fileNames: ['1.zip'] });
    const csv = await caller.text('exportFullLineageAsCsv', { jobId });
    expect(csv.split('\n').slice(1, 3)).toEqual([
      'DEFAULT,DEFAULT,t,a,DEFAULT,DEFAULT,o,a,fdd,insert',
      'DEFAULT,DEFAULT,t,b,DEFAULT,DEFAULT,o,b,fdd,insert',
    ]);
  });

  it("counts a zip that can't be read as a file that can't be parsed", async () => {
    await start();
    const jobId = await caller.finish({
      'a.zip': 'no zip',
      'b.sql': 'insert into o select a from t',
    });
    expect(await caller.ended(jobId)).toMatchObject({ status: 'partial_success' });
  });

  it('refuses an entry of a zip that leads out of it', async () => {
    await start();
    // The name in both headers is changed after the zip was made, since no zip tool writes it.
    const zip = new yazl.ZipFile();
    zip.addBuffer(Buffer.from('select a from t'), 'xx/evil.sql', { compress: false });
    zip.end();
    const chunks: Buffer[] = [];
    for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks).toString('latin1').replaceAll('xx/evil.sql', '../evil.sql');
    const jobId = await caller.finish({ 'a.zip': new Uint8Array(Buffer.from(bytes, 'latin1')) });
    expect(await caller.ended(jobId)).toMatchObject({
      status: 'fail',
      errorMessage: expect.stringContaining('../evil.sql'),
    });
  });

  it('fails clearly when it names a database, since there is none', async () => {
    await start();
    const { data } = await caller.json('submitUserJob', {
      jobName: 'db',
      dbvendor: 'dbvoracle',
      hostname: 'db.example',
      port: '1521',
      account: 'scott',
      password: 'tiger',
    });
    expect(JSON.stringify(data)).not.toContain('tiger');
    expect(await caller.ended(data.jobId)).toMatchObject({
      status: 'fail',
      dataSource: { hostname: 'db.example', port: 1521 },
      errorMessage: expect.stringContaining('db.example'),
    });
  });

  it('is refused without a name or anything to read', async () => {
    await start();
    expect(await caller.json('submitUserJob', {}, { 'a.sql': 'select 1' })).toEqual({
      code: 500,
      error: "jobName can't be empty.",
    });
    expect(await caller.json('submitUserJob', { jobName: 'a' })).toMatchObject({ code: 500 });
  });

  it('is found by its name, the latest of several, and listed latest first', async () => {
    await start();
    const first = await caller.finish({ 'a.sql': 'select 1' }, { jobName: 'same' });
    const second = await caller.finish({ 'a.sql': 'select from' }, { jobName: 'same' });
    const byName = await caller.json('displayUserJobSummary', { jobName: 'same' });
    expect(byName.data.jobId).toBe(second);
    expect(await caller.json('displayUserJobSummary', { jobName: 'other' })).toEqual({
      code: 500,
      error: 'The job does not exist.',
    });
    const list = await caller.json('displayUserJobsSummary');
    expect(list.data).toMatchObject({
      total: 2,
      success: 1,
      partialSuccess: 0,
      fail: 1,
      jobIds: [second, first],
      jobDetails: [
        { jobId: second, status: 'fail' },
        { jobId: first, status: 'success' },
      ],
    });
  });

  it('is seen by its own user alone', async () => {
    await start();
    const jobId = await caller.finish({ 'a.sql': 'select 1' });
    const { token } = await login();
    const asDemo = new SqlFlowCaller(sqlflow, { userId: 'demo', token });
    expect(await asDemo.json('displayUserJobSummary', { jobId })).toMatchObject({ code: 500 });
    expect(await asDemo.json('displayUserJobsSummary')).toMatchObject({ data: { total: 0 } });
  });

  it('is gone after deleteUserJob, running or not', async () => {
    await start();
    const jobId = await caller.submit({ 'a.sql': '-- local: delay 5m\nselect 1' });
    expect(await caller.json('deleteUserJob', { jobId })).toMatchObject({
      code: 200,
      data: { jobId, status: 'delete' },
    });
    expect(await caller.json('displayUserJobSummary', { jobId })).toMatchObject({ code: 500 });
    expect(await caller.json('deleteUserJob', { jobId })).toMatchObject({ code: 500 });
  });

  it('runs again by rerunJob, and keeps its place by setJobOnTop', async () => {
    await start();
    const jobId = await caller.finish({ 'a.sql': 'select 1' });
    const before = await caller.ended(jobId);
    expect(await caller.json('rerunJob', { jobId })).toMatchObject({ code: 200 });
    expect((await caller.ended(jobId)).sessionId).not.toBe(before.sessionId);
    await caller.json('setJobOnTop', { jobId, onTop: 'true' });
    expect(await caller.ended(jobId)).toMatchObject({ onTop: true });
  });

  it('comes in the list shape, and without newer fields, where the server is told to', async () => {
    await start({ behaviour: { summaryShape: 'list', newerFields: false } });
    const jobId = await caller.submit({ 'a.sql': 'select 1' });
    const { data } = await caller.json('displayUserJobSummary', { jobId });
    expect(data).toMatchObject({ total: 1, jobDetails: [{ jobId }] });
    expect(data.jobDetails[0]).not.toHaveProperty('subJobs');
  });

  it('lets the server answer while a job of eight hundred files is read', async () => {
    await start();
    const files = Object.fromEntries(
      Array.from({ length: 800 }, (_, index) => [
        `${index}.sql`,
        `create table s${index} (a int, b int); insert into t${index} select * from s${index};`,
      ]),
    );
    const jobId = await caller.submit(files);
    let answers = 0;
    let status = 'create';
    while (status === 'create' || status === 'process') {
      status = (await caller.json('displayUserJobSummary', { jobId })).data.status;
      if (status === 'process') answers += 1;
    }
    expect(status).toBe('success');
    expect(answers).toBeGreaterThan(5);
  });
});
