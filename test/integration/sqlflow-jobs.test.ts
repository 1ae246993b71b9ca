import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import {
  InputError,
  sqlflowStatus,
  uploadFile,
  VendorError,
  type SqlFlowClient,
  type SqlFlowJob,
} from '../../src/clients/sqlflow/public';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { moveClock } from '../support/clock';
import { closeClients, endedJob, failure, file, signal, sqlflowClient } from './support';

const ddl = 'create table sales.orders (id int, amount int);';
const load =
  'insert into mart.totals (id, total) select id, sum(amount) from sales.orders group by id;';

let sqlflow: LocalSqlFlow;
let client: SqlFlowClient;

beforeAll(async () => {
  sqlflow = await LocalSqlFlow.start({ jobDelayMs: 50 });
  client = sqlflowClient(sqlflow);
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  await closeClients();
  await sqlflow.close();
});

function calls(endpoint: string): number {
  return sqlflow.service.calls.filter((call) => call.endpoint === endpoint).length;
}

async function lineageOf({ jobId }: SqlFlowJob): Promise<string> {
  const { body } = await client.exportFullLineageAsCsv(jobId, {}, signal);
  return (await text(body)).toLowerCase();
}

test('several files make one job, whose tables know each other', async () => {
  const submitted = await client.submitUserJob(
    {
      jobName: 'several',
      dbVendor: 'dbvhive',
      files: [file('load.sql', load), file('ddl.sql', ddl)],
    },
    signal,
  );
  expect(submitted).toMatchObject({ jobName: 'several', dbVendor: 'dbvhive', warnings: [] });
  expect(submitted.jobId).toMatch(/^[0-9a-f]{32}$/);
  expect(submitted.fileNames).toEqual(expect.arrayContaining(['load.sql', 'ddl.sql']));
  const ended = await endedJob(client, submitted.jobId);
  expect(sqlflowStatus(ended.status)).toBe('succeeded');
  expect(ended.sessionId).toMatch(/^[0-9a-f]{64}_\d{13}$/);
  expect(await lineageOf(ended)).toMatch(/orders,amount,.*totals,total/);
});

test('files of one name in two folders are both read', async () => {
  const { jobId } = await client.submitUserJob(
    {
      jobName: 'folders',
      dbVendor: 'dbvhive',
      files: [
        file('day/load.sql', 'insert into mart.a select x from raw.p;'),
        file('night/load.sql', 'insert into mart.b select y from raw.q;'),
      ],
    },
    signal,
  );
  const csv = await lineageOf(await endedJob(client, jobId));
  expect(csv).toMatch(/raw,\w*,p,x,mart,\w*,a,x/);
  expect(csv).toMatch(/raw,\w*,q,y,mart,\w*,b,y/);
});

test('a zip from the disk is sent as it is, and the SQL inside is read', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'zip-'));
  try {
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from(ddl), 'ddl/tables.sql');
    zip.addBuffer(Buffer.from(load), 'load/totals.sql');
    zip.end();
    const target = path.join(folder, 'übung 1.zip');
    await pipeline(zip.outputStream, createWriteStream(target));
    const { jobId } = await client.submitUserJob(
      { jobName: 'zipped', dbVendor: 'dbvhive', files: [await uploadFile(target)] },
      signal,
    );
    const ended = await endedJob(client, jobId);
    expect(ended.status).toBe('success');
    expect(ended.fileNames).toEqual(['übung 1.zip']);
    expect(await lineageOf(ended)).toMatch(/orders,amount,.*totals,total/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a database source is sent in place of files, and its failure told in the words of the service', async () => {
  const password = 'canary-database-password';
  const { jobId } = await client.submitUserJob(
    {
      jobName: 'database',
      dbVendor: 'dbvoracle',
      database: {
        hostname: 'db.invalid',
        port: 1521,
        account: 'reader',
        password,
        database: 'orcl',
      },
    },
    signal,
  );
  const ended = await endedJob(client, jobId);
  expect(sqlflowStatus(ended.status)).toBe('failed');
  expect(ended.errorMessage).toMatch(/\w+/);
  expect(JSON.stringify(ended)).not.toContain(password);
});

test('a job of which one file fails to parse is partially successful, one of none failed', async () => {
  const files = [file('good.sql', load), file('bad.sql', 'selec from where (')];
  const submit = (jobName: string, some: typeof files) =>
    client.submitUserJob({ jobName, dbVendor: 'dbvhive', files: some }, signal);
  const partial = await endedJob(client, (await submit('partial', files)).jobId);
  const failed = await endedJob(client, (await submit('failed', files.slice(1))).jobId);
  expect(sqlflowStatus(partial.status)).toBe('partiallySucceeded');
  expect(await lineageOf(partial)).toContain('totals');
  expect(sqlflowStatus(failed.status)).toBe('failed');
  expect(failed.errorMessage).toMatch(/\w+/);
  const refused = await failure(lineageOf(failed), VendorError);
  expect(refused.message).toContain('exportFullLineageAsCsv');
});

test('an unknown dialect is sent all the same, with a warning', async () => {
  const { warnings } = await client.submitUserJob(
    { jobName: 'dialect', dbVendor: 'dbvnone', files: [file('a.sql', 'select 1')] },
    signal,
  );
  expect(warnings.join()).toContain('dbvnone');
});

test('a persist job keeps its id over submits, and its lineage grows', async () => {
  const first = await client.submitPersistJob(
    { jobName: 'persist', dbVendor: 'dbvhive', files: [file('1.sql', load)], firstSubmit: true },
    signal,
  );
  const before = await endedJob(client, first.jobId);
  expect(before).toMatchObject({ persist: true, incremental: true });
  const again = await client.submitPersistJob(
    {
      jobId: first.jobId,
      jobName: 'persist',
      dbVendor: 'dbvhive',
      files: [file('2.sql', 'insert into mart.top select id from mart.totals;')],
    },
    signal,
  );
  expect(again.jobId).toBe(first.jobId);
  const after = await endedJob(client, first.jobId);
  expect(after.sessionId).not.toBe(before.sessionId);
  const csv = await lineageOf(after);
  expect(csv).toContain('totals,total');
  expect(csv).toContain('top');
});

test('a persist job that is not incremental knows only what was sent last', async () => {
  const job = { jobName: 'whole', dbVendor: 'dbvhive', incremental: false } as const;
  const { jobId } = await client.submitPersistJob({ ...job, files: [file('1.sql', load)] }, signal);
  await endedJob(client, jobId);
  const files = [file('2.sql', 'insert into mart.top select id from mart.raw;')];
  await client.submitPersistJob({ ...job, jobId, files }, signal);
  const csv = await lineageOf(await endedJob(client, jobId));
  expect(csv).not.toContain('totals');
  expect(csv).toContain('top');
});

test('a persist job with an id that the service does not know is told as such', async () => {
  const jobId = '0'.repeat(32);
  const files = [file('1.sql', load)];
  const error = await failure(
    client.submitPersistJob({ jobId, jobName: 'lost', dbVendor: 'dbvhive', files }, signal),
    VendorError,
  );
  expect(error).toMatchObject({ kind: 'notFound', sent: 'no' });
});

test('a job is found by its id, by its name, and in the list of all', async () => {
  const { jobId, jobName } = await client.submitUserJob(
    { jobName: 'found me', dbVendor: 'dbvhive', files: [file('a.sql', load)] },
    signal,
  );
  await endedJob(client, jobId);
  const byName = await client.displayUserJobSummary({ jobName }, signal);
  expect(byName.jobId).toBe(jobId);
  const all = await client.displayUserJobsSummary(signal);
  expect(all.jobs.find((job) => job.jobId === jobId)).toMatchObject({ jobName, status: 'success' });
  expect(all.total).toBe(all.jobs.length);
  expect(all.success).toBe(all.jobs.filter(({ status }) => status === 'success').length);
});

test('a summary in the shape of a list is read as well', async () => {
  const older = await LocalSqlFlow.start({
    jobDelayMs: 0,
    behaviour: { summaryShape: 'list', newerFields: false },
  });
  try {
    const own = sqlflowClient(older);
    const { jobId } = await own.submitUserJob(
      { jobName: 'listed', dbVendor: 'dbvhive', files: [file('a.sql', load)] },
      signal,
    );
    expect(await endedJob(own, jobId)).toMatchObject({ jobId, jobName: 'listed' });
  } finally {
    await older.close();
  }
});

test('a rerun gives the job another session', async () => {
  const { jobId, jobName } = await client.submitUserJob(
    { jobName: 'rerun', dbVendor: 'dbvhive', files: [file('a.sql', load)] },
    signal,
  );
  const before = await endedJob(client, jobId);
  expect(await client.rerunJob({ jobId, jobName }, signal)).toEqual({ warnings: [] });
  const after = await endedJob(client, jobId);
  expect(after.sessionId).not.toBe(before.sessionId);
});

test('a deleted job is gone, a running one too', async () => {
  for (const sql of [load, `-- local: delay 60s\n${load}`]) {
    const { jobId } = await client.submitUserJob(
      { jobName: 'delete me', dbVendor: 'dbvhive', files: [file('a.sql', sql)] },
      signal,
    );
    const deleted = await client.deleteUserJob(jobId, signal);
    expect(sqlflowStatus(deleted.status)).toBe('deleted');
    const error = await failure(client.displayUserJobSummary({ jobId }, signal), VendorError);
    expect(error.kind).toBe('notFound');
    expect(await failure(client.deleteUserJob(jobId, signal), VendorError)).toMatchObject({
      kind: 'notFound',
    });
  }
});

test('the anonymous on-premise user needs no token of its own', async () => {
  const onPremise = sqlflowClient(sqlflow, {
    userId: 'gudu|0123456789',
    credential: { token: 'token' },
  });
  const before = calls('generateToken');
  const { jobId } = await onPremise.submitUserJob(
    { jobName: 'anonymous', dbVendor: 'dbvhive', files: [file('a.sql', load)] },
    signal,
  );
  expect((await endedJob(onPremise, jobId)).status).toBe('success');
  expect(calls('generateToken')).toBe(before);
  const foreign = await failure(client.displayUserJobSummary({ jobId }, signal), VendorError);
  expect(foreign.kind).toBe('notFound');
});

test('a token is made once for many calls, and again once it has expired', async () => {
  const brief = await LocalSqlFlow.start({ tokenTtlMs: 3_600_000 });
  try {
    const own = sqlflowClient(brief);
    const tokens = () => brief.service.calls.filter(({ endpoint }) => endpoint === 'generateToken');
    await Promise.all(Array.from({ length: 10 }, () => own.displayUserJobsSummary(signal)));
    expect(tokens()).toHaveLength(1);
    moveClock(2 * 3_600_000);
    await Promise.all(Array.from({ length: 10 }, () => own.displayUserJobsSummary(signal)));
    expect(tokens()).toHaveLength(2);
    expect(await own.generateToken(signal)).toMatch(/\S{16}/);
  } finally {
    await brief.close();
  }
});

test('wrong credentials are told as such, without them', async () => {
  const secretKey = 'canary-wrong-secret';
  const wrongKey = sqlflowClient(sqlflow, { credential: { secretKey } });
  const wrongToken = sqlflowClient(sqlflow, { credential: { token: secretKey } });
  for (const own of [wrongKey, wrongToken]) {
    const error = await failure(own.displayUserJobsSummary(signal), VendorError);
    expect(error).toMatchObject({ kind: 'auth', sent: 'no' });
    expect(error.message).not.toContain(secretKey);
  }
});

test('what would mislead the service is refused before it is sent', async () => {
  const before = sqlflow.service.calls.length;
  const files = [file('a.sql', load)];
  const dbVendor = 'dbvhive';
  const refused: [string, Promise<unknown>][] = [
    ['jobId', client.exportLineageAsJson(' ', {}, signal)],
    ['jobId', client.exportFullLineageAsJson('', {}, signal)],
    ['jobId', client.exportFullLineageAsCsv('', {}, signal)],
    ['jobId', client.exportLineageAsGraphml('', {}, signal)],
    ['jobId', client.deleteUserJob('', signal)],
    ['jobId', client.displayUserJobSummary({ jobId: '' }, signal)],
    ['jobId', client.rerunJob({ jobId: '', jobName: 'a' }, signal)],
    ['jobId', client.submitPersistJob({ jobId: ' ', jobName: 'a', dbVendor, files }, signal)],
    ['jobName', client.submitUserJob({ jobName: ' ', dbVendor, files }, signal)],
    ['files', client.submitUserJob({ jobName: 'a', dbVendor, files: [] }, signal)],
    ['files', client.submitUserJob({ jobName: 'a', dbVendor, files: [file('a.sql', '')] }, signal)],
    [
      'files',
      client.submitUserJob(
        { jobName: 'a', dbVendor, files: [{ ...file('a.zip', 'PK'), sizeBytes: 201 * 2 ** 20 }] },
        signal,
      ),
    ],
  ];
  for (const [field, promise] of refused) {
    expect(await failure(promise, InputError)).toMatchObject({ field, sent: 'no' });
  }
  expect(sqlflow.service.calls.length).toBe(before);
});
