import { Readable } from 'node:stream';
import {
  HttpError,
  VendorError,
  WireError,
  type InputError,
  type SqlFlowUserJob,
  type UploadFile,
} from '../../../src/clients/sqlflow/public';
import { failureOf } from '../http/server';
import { answering, closeAll, fixture, scripted } from './service';

afterEach(closeAll);

const signal = new AbortController().signal;
const jobId = 'c359aef4bd9641d697732422debd8055';
const userId = 'google-oauth2|104002923119102769706';
const identity = { userId, token: 'canary-token-1' };
const file = (name: string, text: string): UploadFile => ({
  name,
  sizeBytes: Buffer.byteLength(text),
  open: () => Readable.from([Buffer.from(text)], { objectMode: false }),
});
const files = [file('1.sql', 'select 1'), file('etl/2.zip', 'zip')];

describe('submitUserJob', () => {
  it('sends files as repeated parts, and every setting in the vendor’s spelling', async () => {
    const { client, calls } = await scripted(answering('submitUserJob', fixture('submit.json')));
    const job = await client.submitUserJob(
      {
        jobName: 'job1',
        dbVendor: 'dbvmssql',
        files,
        defaultDatabase: 'db',
        defaultSchema: 'dbo',
        settings: {
          ignoreFunction: false,
          ignoreRecordSet: true,
          showConstantTable: true,
          showTransform: false,
          showRelationType: 'fdd,fdr',
          treatArgumentsInCountFunctionAsDirectDataflow: true,
        },
        parallel: true,
        onTop: false,
        csvFormat: 'name=0',
        objectCodeEncloseChar: '"',
        objectCodeEscapeChar: '\\',
      },
      signal,
    );
    expect(job).toEqual({
      jobId,
      jobName: 'job1',
      status: 'create',
      dbVendor: 'dbvmssql',
      createTime: '2020-12-15 15:14:39',
      fileNames: ['1.sql', '1.zip'],
      subJobs: [],
      warnings: [],
    });
    const [, call] = calls;
    expect(call?.path).toBe('/gspLive_backend/sqlflow/job/submitUserJob');
    expect(call?.contentType).toBe('multipart/form-data');
    expect(call?.fields).toEqual({
      ...identity,
      jobName: 'job1',
      dbvendor: 'dbvmssql',
      defaultDatabase: 'db',
      defaultSchema: 'dbo',
      ignoreFunction: 'false',
      ignoreRecordSet: 'true',
      showConstantTable: 'true',
      showTransform: 'false',
      showRelationType: 'fdd,fdr',
      treatArgumentsInCountFunctionAsDirectDataflow: 'true',
      parallel: 'true',
      onTop: 'false',
      csvFormat: 'name=0',
      objectCodeEncloseChar: '"',
      objectCodeEscapeChar: '\\',
    });
    expect(call?.files).toEqual([
      ['sqlfiles', '1.sql', 'select 1'],
      ['sqlfiles', 'etl/2.zip', 'zip'],
    ]);
  });

  it('sends a database source under hostname and account, and leaves out what isn’t set', async () => {
    const { client, calls } = await scripted(answering('submitUserJob', fixture('submit.json')));
    await client.submitUserJob(
      {
        jobName: 'job1',
        dbVendor: 'dbvoracle',
        database: {
          hostname: 'db.example.com',
          port: 1521,
          account: 'reader',
          password: 'canary-db-password',
          sqlSource: 'oracle',
          extractedDbsSchemas: 'db/*',
        },
      },
      signal,
    );
    expect(calls[1]?.contentType).toBe('multipart/form-data');
    expect(calls[1]?.fields).toEqual({
      ...identity,
      jobName: 'job1',
      dbvendor: 'dbvoracle',
      sqlsource: 'oracle',
      hostname: 'db.example.com',
      port: '1521',
      account: 'reader',
      password: 'canary-db-password',
      extractedDbsSchemas: 'db/*',
    });
  });

  it('warns of a dbvendor that isn’t known, and sends it all the same', async () => {
    const { client, calls } = await scripted(answering('submitUserJob', fixture('submit.json')));
    const job = await client.submitUserJob({ jobName: 'j', dbVendor: 'dbvduck', files }, signal);
    expect(calls[1]?.fields.dbvendor).toBe('dbvduck');
    expect(job.warnings).toEqual([
      'dbvendor dbvduck is none that SQLFlow documents; it was sent as it is',
    ]);
  });

  const big = (name: string, sizeBytes: number): UploadFile => ({ ...file(name, ''), sizeBytes });
  const database = { hostname: 'h', port: 1, account: 'a', password: 'canary-db-password' };
  const mebibyte = 1024 * 1024;
  it.each<[string, Partial<SqlFlowUserJob>, string]>([
    ['a blank jobName', { jobName: ' ' }, 'jobName must not be blank'],
    ['a blank dbVendor', { dbVendor: '' }, 'dbVendor must not be blank'],
    ['no files', { files: [] }, 'files holds nothing to submit: give SQL files, or a database'],
    [
      'files and a database',
      { database },
      'files and database exclude each other: give one of them',
    ],
    ['an empty file', { files: [file('1.sql', '')] }, 'files holds 1.sql, which is empty'],
    ['a nameless file', { files: [file('', 'x')] }, 'files.name must not be blank'],
    [
      'two files of one name',
      { files: [file('1.sql', 'a'), file('1.sql', 'b')] },
      "files holds 1.sql twice, which the service can't tell apart: rename one",
    ],
    [
      'more than 200 MB',
      { files: [big('1.zip', 150 * mebibyte), big('2.zip', 51 * mebibyte)] },
      'files are 201.0 MB together, more than the 200.0 MB that maxUploadBytes allows, as the service does by default: split them over several jobs, or zip them',
    ],
    [
      'a database without a host',
      { files: undefined, database: { ...database, hostname: '' } },
      'database.hostname must not be blank',
    ],
    [
      'an impossible port',
      { files: undefined, database: { ...database, port: 99_999 } },
      'database.port must be 1 to 65535, not 99999',
    ],
  ])('refuses %s before anything is sent', async (_, wrong, message) => {
    const { client, calls } = await scripted(() => fixture('submit.json'));
    const job = { jobName: 'j', dbVendor: 'dbvhive', files, ...wrong };
    const error = await failureOf<InputError>(client.submitUserJob(job, signal));
    expect(error).toMatchObject({ name: 'InputError', message, sent: 'no' });
    expect(calls).toEqual([]);
  });

  it('takes exactly 200 MB, and a limit of the connection’s own', async () => {
    const { client } = await scripted(() => fixture('submit.json'), { maxUploadBytes: 10 });
    await expect(
      client.submitUserJob(
        { jobName: 'j', dbVendor: 'dbvhive', files: [file('1.sql', '12345678901')] },
        signal,
      ),
    ).rejects.toThrow('more than');
    const exact = await scripted(answering('submitUserJob', fixture('submit.json')), {
      maxUploadBytes: 10,
    });
    await exact.client.submitUserJob(
      { jobName: 'j', dbVendor: 'dbvhive', files: [file('1.sql', '1234567890')] },
      signal,
    );
  });

  it.each([
    ['data', '{"code":200}', 'missing'],
    ['data.jobId', '{"code":200,"data":{"jobName":"j","status":"create"}}', 'missing'],
    ['data.jobId', '{"code":200,"data":{"jobId":" ","status":"create"}}', 'a text'],
    ['data.status', '{"code":200,"data":{"jobId":"1","status":null}}', 'null'],
    [
      'data.fileNames',
      '{"code":200,"data":{"jobId":"1","status":"create","fileNames":"a"}}',
      'a text',
    ],
    ['code', '{"data":{}}', 'missing'],
    ['body', '[]', 'a list of 0'],
    ['body', '', 'empty'],
    ['body', '<!DOCTYPE html><title>Login</title>', 'an HTML page; is the base URL right?'],
  ])('says that %s is wrong in %s', async (field, body, found) => {
    const { client } = await scripted(answering('submitUserJob', body));
    const error = await failureOf<WireError>(
      client.submitUserJob({ jobName: 'j', dbVendor: 'dbvhive', files }, signal),
    );
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({
      endpoint: 'POST /sqlflow/job/submitUserJob',
      field,
      found,
      sent: 'maybe',
    });
  });
});

describe('submitPersistJob', () => {
  it('begins a job without a jobId, incremental unless told otherwise', async () => {
    const { client, calls } = await scripted(answering('submitPersistJob', fixture('submit.json')));
    const job = await client.submitPersistJob(
      { jobName: 'job1', dbVendor: 'dbvmssql', files },
      signal,
    );
    expect(job.jobId).toBe(jobId);
    expect(calls[1]?.fields).toEqual({
      ...identity,
      jobName: 'job1',
      dbvendor: 'dbvmssql',
      incremental: 'true',
    });
  });

  it('adds to a job by its jobId', async () => {
    const { client, calls } = await scripted(answering('submitPersistJob', fixture('submit.json')));
    await client.submitPersistJob(
      {
        jobName: 'job1',
        dbVendor: 'dbvmssql',
        files,
        jobId,
        incremental: false,
        firstSubmit: false,
        schedulable: true,
        cronExpression: '0 1 * * *',
        onTop: true,
        extra: 'x',
      },
      signal,
    );
    expect(calls[1]?.fields).toEqual({
      ...identity,
      jobName: 'job1',
      dbvendor: 'dbvmssql',
      jobId,
      incremental: 'false',
      firstSubmit: 'false',
      schedulable: 'true',
      cronExpression: '0 1 * * *',
      onTop: 'true',
      extra: 'x',
    });
  });

  it('refuses a blank jobId: the server would take it for a first submit', async () => {
    const { client, calls } = await scripted(() => fixture('submit.json'));
    await expect(
      client.submitPersistJob({ jobName: 'j', dbVendor: 'dbvhive', files, jobId: '' }, signal),
    ).rejects.toThrow('jobId must not be blank');
    expect(calls).toEqual([]);
  });
});

describe('displayUserJobSummary', () => {
  it('reads a whole job', async () => {
    const { client, calls } = await scripted(
      answering('displayUserJobSummary', fixture('summary.json')),
    );
    expect(await client.displayUserJobSummary({ jobId }, signal)).toEqual({
      jobId,
      jobName: 'job1',
      status: 'success',
      dbVendor: 'dbvmssql',
      createTime: '2020-12-15 15:14:39',
      sessionId: 'fe5898d4e1b1a7782352b50a8203ca24c04f5513446e9fb059fc4d584fab4dbf_1608045280033',
      executeTime: '0min 1sec',
      lastExecuteTime: '2020-12-15 15:14:40',
      persist: true,
      incremental: true,
      fileNames: ['1.sql', '1.zip'],
      subJobs: [{ jobId: 'd1', status: 'success' }],
      warnings: [],
    });
    expect(calls[1]?.contentType).toBe('application/x-www-form-urlencoded');
    expect(calls[1]?.fields).toEqual({ ...identity, jobId });
  });

  it('reads an older server’s: a code as text, dbvendor, nulls', async () => {
    const { client } = await scripted(
      answering('displayUserJobSummary', fixture('summary-old.json')),
    );
    const job = await client.displayUserJobSummary({ jobId }, signal);
    expect(job).toMatchObject({ status: 'process', dbVendor: 'dbvmssql', fileNames: [] });
    expect(job.sessionId).toBeUndefined();
  });

  it('keeps the service’s words for a failed job', async () => {
    const { client } = await scripted(
      answering('displayUserJobSummary', fixture('summary-failed.json')),
    );
    expect(await client.displayUserJobSummary({ jobId }, signal)).toMatchObject({
      status: 'fail',
      errorMessage: 'no sql file could be parsed',
    });
  });

  it('takes a password out of a failed job’s words', async () => {
    const words = 'login failed: jdbc:x?user=a&password=hunter2&ssl=true';
    const { client } = await scripted(
      answering(
        'displayUserJobSummary',
        fixture('summary-failed.json').replace('no sql file could be parsed', words),
      ),
    );
    expect((await client.displayUserJobSummary({ jobId }, signal)).errorMessage).toBe(
      'login failed: jdbc:x?user=a&password=[redacted]&ssl=true',
    );
  });

  it('finds the job in an answer of the list’s shape, by id or by name the latest', async () => {
    const { client, calls } = await scripted(
      answering('displayUserJobSummary', fixture('summary-list-shaped.json')),
    );
    expect(await client.displayUserJobSummary({ jobId }, signal)).toMatchObject({
      jobId,
      status: 'process',
    });
    expect(await client.displayUserJobSummary({ jobName: 'job1' }, signal)).toMatchObject({
      jobId,
    });
    expect(calls[2]?.fields).toEqual({ ...identity, jobName: 'job1' });
  });

  it.each([
    ['a list without it', fixture('jobs-summary.json')],
    ['another job', fixture('summary.json').replaceAll(jobId, 'f'.repeat(32))],
    ['no data', '{"code":200,"data":null}'],
    ['an empty job', '{"code":200,"data":{}}'],
    ['words', '{"code":500,"error":"The job does not exist."}'],
    ['code 404', '{"code":404,"error":"?"}'],
  ])('knows by %s that there is no such job', async (_, body) => {
    const { client } = await scripted(answering('displayUserJobSummary', body));
    const error = await failureOf<VendorError>(client.displayUserJobSummary({ jobId }, signal));
    expect(error).toBeInstanceOf(VendorError);
    expect(error).toMatchObject({ kind: 'notFound', code: 'Vendor.NotFound' });
  });

  it('takes warnings beside code 203 and 200', async () => {
    const words = "1.sql: syntax error near 'FORM' at line 3";
    for (const body of [
      fixture('warnings-203.json'),
      fixture('warnings-203.json').replace('203', '200'),
    ]) {
      const { client } = await scripted(answering('displayUserJobSummary', body));
      const job = await client.displayUserJobSummary({ jobId }, signal);
      expect(job).toMatchObject({ status: 'partial_success', warnings: [words] });
    }
  });

  it.each([{ jobId: '' }, { jobId: '\t ' }, { jobName: '' }])(
    'refuses %j before it is sent',
    async (selector) => {
      const { client, calls } = await scripted(() => fixture('summary.json'));
      await expect(client.displayUserJobSummary(selector, signal)).rejects.toThrow(
        'must not be blank',
      );
      expect(calls).toEqual([]);
    },
  );
});

describe('displayUserJobsSummary', () => {
  it('lists every job of the account', async () => {
    const { client, calls } = await scripted(
      answering('displayUserJobsSummary', fixture('jobs-summary.json')),
    );
    const list = await client.displayUserJobsSummary(signal);
    expect(list).toMatchObject({ total: 4, success: 1, partialSuccess: 1, fail: 1, warnings: [] });
    expect(list.jobs.map((job) => [job.jobId, job.status])).toEqual([
      ['a1', 'success'],
      ['a2', 'partial_success'],
      ['a3', 'fail'],
      ['a4', 'create'],
    ]);
    expect(calls[1]?.fields).toEqual(identity);
  });

  it('counts by itself where the service gives no counts, and takes an empty account', async () => {
    const { jobDetails } = JSON.parse(fixture('jobs-summary.json')).data;
    const counted = await scripted(
      answering('displayUserJobsSummary', JSON.stringify({ code: 200, data: { jobDetails } })),
    );
    expect(await counted.client.displayUserJobsSummary(signal)).toMatchObject({
      total: 4,
      success: 1,
      partialSuccess: 1,
      fail: 1,
    });
    const empty = await scripted(
      answering('displayUserJobsSummary', '{"code":200,"data":{"total":0,"jobDetails":null}}'),
    );
    expect(await empty.client.displayUserJobsSummary(signal)).toMatchObject({ total: 0, jobs: [] });
  });

  it('leaves out an entry that it can’t read, and says so, but fails where all are such', async () => {
    const one = fixture('jobs-summary.json').replace('"a2", "jobName"', 'null, "jobName"');
    const { client } = await scripted(answering('displayUserJobsSummary', one));
    const list = await client.displayUserJobsSummary(signal);
    expect(list.jobs.map((job) => job.jobId)).toEqual(['a1', 'a3', 'a4']);
    expect(list.warnings).toEqual([
      'POST /sqlflow/job/displayUserJobsSummary answered with an unexpected shape: data.jobDetails[1].jobId should be a text, but is null',
    ]);
    const all = fixture('jobs-summary.json').replaceAll('"jobId":', '"id":');
    const other = await scripted(answering('displayUserJobsSummary', all));
    expect(await failureOf<WireError>(other.client.displayUserJobsSummary(signal))).toMatchObject({
      field: 'data.jobDetails[0].jobId',
    });
  });

  it('never takes a list that lacks its jobs for an empty account', async () => {
    const { client } = await scripted(
      answering('displayUserJobsSummary', '{"code":200,"data":{"total":7}}'),
    );
    expect(await failureOf<WireError>(client.displayUserJobsSummary(signal))).toMatchObject({
      field: 'data.jobDetails',
      expected: 'a list of the 7 jobs',
    });
  });
});

describe('deleteUserJob and rerunJob', () => {
  it('delete, and tell the job’s last state', async () => {
    const { client, calls } = await scripted(answering('deleteUserJob', fixture('deleted.json')));
    expect(await client.deleteUserJob(jobId, signal)).toMatchObject({ jobId, status: 'delete' });
    expect(calls[1]?.fields).toEqual({ ...identity, jobId });
  });

  it('take a plain 200 for a deletion', async () => {
    const { client } = await scripted(answering('deleteUserJob', '{"code":200}'));
    expect(await client.deleteUserJob(jobId, signal)).toMatchObject({ jobId, status: 'delete' });
  });

  it('run a job again by id and name', async () => {
    const { client, calls } = await scripted(answering('rerunJob', fixture('rerun.json')));
    expect(await client.rerunJob({ jobId, jobName: 'job1' }, signal)).toEqual({ warnings: [] });
    expect(calls[1]?.fields).toEqual({ ...identity, jobId, jobName: 'job1' });
  });

  it('refuse a blank id or name before it is sent', async () => {
    const { client, calls } = await scripted(() => '{}');
    await expect(client.deleteUserJob(' ', signal)).rejects.toThrow('jobId must not be blank');
    await expect(client.rerunJob({ jobId: '', jobName: 'x' }, signal)).rejects.toThrow('jobId');
    await expect(client.rerunJob({ jobId, jobName: '' }, signal)).rejects.toThrow('jobName');
    expect(calls).toEqual([]);
  });
});

describe('a refusal', () => {
  it.each([
    [403, 'auth', 'no', 'the account or its login has expired'],
    [410, 'refused', 'no', 'another version of the server made this job: call rerunJob'],
    [413, 'licence', 'no', "the server's licence doesn't allow it"],
    [426, 'licence', 'no', 'it needs a premium account'],
    [429, 'busy', 'maybe', undefined],
    [400, 'refused', 'no', undefined],
    [500, 'server', 'maybe', undefined],
  ])('with code %i is of kind %s', async (code, kind, sent, advice) => {
    for (const spelled of [code, `"${code}"`]) {
      const body = `{"code":${spelled},"error":"its words"}`;
      const { client } = await scripted(answering('displayUserJobsSummary', body));
      const error = await failureOf<VendorError>(client.displayUserJobsSummary(signal));
      expect(error).toMatchObject({
        kind,
        sent,
        vendorCode: code,
        serviceMessage: 'its words',
        httpStatus: 200,
        message: `POST /sqlflow/job/displayUserJobsSummary was refused with code ${code}: its words${advice === undefined ? '' : ` (${advice})`}`,
      });
    }
  });

  it.each([
    ['Sorry, the service is busy. Please try again later.'],
    ['{"code":500,"error":"Sorry, the service is busy. Please try again later."}'],
  ])('that reads %s is busy', async (body) => {
    const { client } = await scripted(answering('displayUserJobsSummary', body));
    expect(await failureOf(client.displayUserJobsSummary(signal))).toMatchObject({
      kind: 'busy',
      serviceMessage: 'Sorry, the service is busy. Please try again later.',
    });
  });

  it('by a rate limit carries the wait', async () => {
    const { client } = await scripted(
      answering('displayUserJobsSummary', {
        status: 429,
        headers: { 'retry-after': '30' },
        text: fixture('rate-limited.json'),
      }),
    );
    const error = await failureOf<HttpError>(client.displayUserJobsSummary(signal));
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({
      status: 429,
      retryAfterMs: 30_000,
      serviceMessage: 'rate_limit_exceeded: You have used all 10000 calls of this month.',
    });
  });

  it.each([
    [400, 'no', 'bad request', 'bad request'],
    [
      413,
      'no',
      '<html><head><title>413 Request Entity Too Large</title></head></html>',
      '413 Request Entity Too Large (the upload is larger than the server takes, 200 MB by default)',
    ],
    [
      404,
      'no',
      '',
      '(is the base URL right? SQLFlow answers under /gspLive_backend or /api/gspLive_backend)',
    ],
    [502, 'maybe', fixture('bad-gateway.html'), '502 Bad Gateway'],
    [
      504,
      'maybe',
      '<html><head><title>504 Gateway Time-out</title></head></html>',
      '504 Gateway Time-out',
    ],
  ])(
    'by HTTP %i says so, and whether the call may have taken effect',
    async (status, sent, text, words) => {
      const { client, url } = await scripted(
        answering('submitUserJob', { status, text, headers: { 'content-type': 'text/html' } }),
      );
      const error = await failureOf<HttpError>(
        client.submitUserJob({ jobName: 'j', dbVendor: 'dbvhive', files }, signal),
      );
      expect(error).toMatchObject({ status, sent, code: `Http.${status}` });
      expect(error.message).toContain(
        `POST ${url}/sqlflow/job/submitUserJob answered HTTP ${status}`,
      );
      expect(error.message).toContain(words);
    },
  );
});
