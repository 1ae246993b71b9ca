import fc from 'fast-check';
import { ListSplitter } from '../../../src/clients/sqlflow/list-splitter';
import type { IncompleteError, SqlFlowJobFilter } from '../../../src/clients/sqlflow/public';
import { answering, closeAll, fixture, scripted, type Reply } from './service';

afterEach(closeAll);

const signal = new AbortController().signal;
const fixtureList = fixture('jobs-summary.json');

function byId(...ids: string[]): SqlFlowJobFilter {
  return { field: 'jobId', wants: (id) => ids.includes(id) };
}

const everyId: SqlFlowJobFilter = { field: 'jobId', wants: () => true };

async function listing(reply: Reply | string, maxBodyBytes?: number) {
  const { client, calls } = await scripted(answering('displayUserJobsSummary', reply), {
    maxBodyBytes,
  });
  return { client, calls };
}

function listOf(jobDetails: readonly unknown[], more = {}): string {
  const jobIds = jobDetails.map((_, index) => String(index));
  return JSON.stringify({ code: 200, data: { total: 1, jobIds, jobDetails }, ...more });
}

const failureOf = async (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a selection of jobs', () => {
  it('holds those that are wanted, in the order of the list, without the names of their files', async () => {
    const text = fixtureList.replaceAll('"jobId":', '"fileNames": ["a.sql"], "jobId":');
    const { client } = await listing(text);
    const selected = await client.selectUserJobs(byId('a4', 'a2', 'none'), signal);
    expect(selected.jobs).toMatchObject([
      { jobId: 'a2', jobName: 'two', status: 'partial_success' },
      { jobId: 'a4', jobName: 'four', status: 'create' },
    ]);
    expect(selected.jobs[0]).not.toHaveProperty('fileNames');
    expect(selected).toMatchObject({ listed: 4, sizeBytes: text.length, warnings: [] });
  });

  it.each(['jobName', 'status'] as const)('goes by %s too', async (field) => {
    const { client } = await listing(fixtureList);
    const wants = (value: string) => value === 'three' || value === 'fail';
    const { jobs } = await client.selectUserJobs({ field, wants }, signal);
    expect(jobs.map((job) => job.jobId)).toEqual(['a3']);
  });

  it('keeps an object as it was while the service shows the job as it was, however long its row', async () => {
    const long = { jobId: 'b', status: 'create', fileNames: Array(1000).fill('some/file.sql') };
    let status = 'create';
    const { client } = await scripted((call) =>
      call.endpoint === 'generateToken'
        ? fixture('generate-token.json')
        : listOf([{ jobId: 'a', status }, long]),
    );
    const first = await client.selectUserJobs(everyId, signal);
    const same = await client.selectUserJobs(everyId, signal, { since: first });
    expect(same.jobs[0]).toBe(first.jobs[0]);
    expect(same.jobs[1]).toBe(first.jobs[1]);
    status = 'process';
    const moved = await client.selectUserJobs(everyId, signal, { since: same });
    expect(moved.jobs[0]).toMatchObject({ jobId: 'a', status: 'process' });
    expect(moved.jobs[1]).toBe(first.jobs[1]);
  });

  it('passes over rows that can’t be read, and says so', async () => {
    const rows = [null, 'a', 7, ['b'], { jobId: null, status: 'create' }, { status: 'create' }];
    const { client } = await listing(listOf([...rows, { jobId: 'c', status: 'create' }]));
    const selected = await client.selectUserJobs(byId('c'), signal);
    expect(selected.jobs).toMatchObject([{ jobId: 'c' }]);
    expect(selected.listed).toBe(7);
    expect(selected.warnings).toHaveLength(6);
    expect(selected.warnings.join()).toContain('data.jobDetails[4].jobId should be a text');
    const all = await listing(listOf(rows));
    expect(await failureOf(all.client.selectUserJobs(byId('c'), signal))).toMatchObject({
      code: 'Wire.UnexpectedShape',
      field: 'data.jobDetails[0]',
    });
  });

  it('takes an account without jobs, but no list that lacks the jobs it counts', async () => {
    const { client } = await listing('{"code":200,"data":{"total":0,"jobDetails":null}}');
    expect(await client.selectUserJobs(byId('a'), signal)).toMatchObject({ jobs: [], listed: 0 });
    const lacking = await listing('{"code":200,"data":{"total":7,"jobDetails":[]}}');
    expect(await failureOf(lacking.client.selectUserJobs(byId('a'), signal))).toMatchObject({
      field: 'data.jobDetails',
      expected: 'a list of the 7 jobs',
    });
  });

  it('heeds a code that stands behind the jobs', async () => {
    const jobDetails = [{ jobId: 'a1', status: 'success' }];
    const refused = (code: number) => JSON.stringify({ data: { jobDetails }, error: 'no', code });
    const { client } = await listing(refused(500));
    expect(await failureOf(client.selectUserJobs(byId('a1'), signal))).toMatchObject({
      kind: 'server',
      serviceMessage: 'no',
    });
    const expired = await listing(refused(401));
    expect(await failureOf(expired.client.selectUserJobs(byId('a1'), signal))).toMatchObject({
      kind: 'auth',
    });
    expect(expired.calls.map((call) => call.endpoint)).toEqual([
      'generateToken',
      'displayUserJobsSummary',
      'generateToken',
      'displayUserJobsSummary',
    ]);
    const warned = await listing(JSON.stringify({ data: { jobDetails }, error: 'but', code: 203 }));
    expect(await warned.client.selectUserJobs(byId('a1'), signal)).toMatchObject({
      jobs: [{ jobId: 'a1' }],
      warnings: ['but'],
    });
  });

  it('is not limited by the length of the list, but by that of one job and of all the rest', async () => {
    const jobDetails = Array.from({ length: 500 }, (_, index) => ({
      jobId: `j${index}`,
      status: 'success',
      fileNames: ['a.sql'],
    }));
    const { client } = await listing(listOf(jobDetails), 1000);
    const selected = await client.selectUserJobs(byId('j7', 'j499'), signal);
    expect(selected.jobs.map((job) => job.jobId)).toEqual(['j7', 'j499']);
    expect((await client.displayUserJobsSummary(signal)).jobs).toHaveLength(500);
    const long = { jobId: 'long', status: 'success', fileNames: Array(500).fill('file.sql') };
    const longRow = await listing(listOf([{ jobId: 'a', status: 'success' }, long]), 1000);
    expect((await longRow.client.selectUserJobs(byId('a'), signal)).jobs).toHaveLength(1);
    const kept = await failureOf(longRow.client.selectUserJobs(byId('long'), signal));
    expect(kept as IncompleteError).toMatchObject({ reason: 'Http.BodyTooLarge' });
    const longRest = await listing(listOf([], { message: 'm'.repeat(2000) }), 1000);
    const rest = await failureOf(longRest.client.selectUserJobs(byId('a'), signal));
    expect(rest as IncompleteError).toMatchObject({ reason: 'Http.BodyTooLarge' });
  });

  it.each([
    ['<html>Sign in</html>', { field: 'body', found: /an HTML page/ }],
    ['Sorry, the service is busy. Please try again later.', { kind: 'busy' }],
    [listOf([{ jobId: 'a1', status: 'create' }]).slice(0, -2), { field: 'body', found: /broken/ }],
    [listOf([{ jobId: 'a1', status: 'create' }]).slice(0, -9), { field: 'body', found: /broken/ }],
    [`${listOf([])} and more`, { field: 'body', found: /broken/ }],
    ['{"code":200,"data":{"jobDetails":[{"jobId":"a1"]}}}', { field: 'body', found: /broken/ }],
    ['[]', { field: 'body', found: /a list/ }],
    ['{"code":200,"data":{"jobDetails":{"a":1}}}', { field: 'data.jobDetails' }],
    [{ status: 502, text: '<html>Bad gateway</html>' }, { code: 'Http.502' }],
  ])('of an answer such as %j fails as any call does', async (reply, expected) => {
    const { client } = await listing(reply);
    const error = await failureOf(client.selectUserJobs(byId('a1'), signal));
    const { found, ...exact } = expected as { found?: RegExp };
    expect(error).toMatchObject(exact);
    if (found !== undefined) expect(error).toMatchObject({ found: expect.stringMatching(found) });
  });

  it('breaks off where the answer does', async () => {
    const { client } = await scripted((call, response) => {
      if (call.endpoint === 'generateToken') return fixture('generate-token.json');
      response.writeHead(200, { 'content-length': '9999' });
      response.write(fixtureList, () => response.destroy());
      return undefined;
    });
    expect(await failureOf(client.selectUserJobs(byId('a1'), signal))).toMatchObject({
      code: 'Transport.TruncatedBody',
    });
  });
});

/** Texts that look like the structure around them. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('"', '\\', '\\"', '"},{"jobId":"w"', ']}', '[', '{"', '\\\\"', '\u20ac"]'),
);
const row = fc.record(
  {
    note: text,
    subJobs: fc.array(fc.oneof(text, fc.record({ jobId: text })), { maxLength: 3 }),
    jobId: fc.oneof(fc.constant('w'), text),
    status: text,
    fileNames: fc.array(text, { maxLength: 4 }),
  },
  { requiredKeys: ['jobId', 'status'] },
);

test('however an answer is cut into chunks, the wanted rows and the rest are what JSON has', () => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 6 }),
      fc.record({ message: text, error: fc.array(text, { maxLength: 2 }) }),
      fc.constantFrom(undefined, 1, 2),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
      (jobDetails, envelope, space, lengths) => {
        const answer = { data: { jobIds: ['w'], total: 1, jobDetails }, ...envelope };
        const rows: unknown[] = [];
        const splitter = new ListSplitter({
          endpoint: 'list',
          maxKeptBytes: 100_000,
          choice: { field: 'jobId', wants: (id) => id === 'w' },
          onRow: (bytes) => rows.push(JSON.parse(bytes.toString())),
        });
        const bytes = Buffer.from(JSON.stringify(answer, undefined, space));
        for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
          const length = lengths[turn % lengths.length] ?? 1;
          splitter.push(Buffer.from(bytes.subarray(from, from + length)));
          from += length;
        }
        const sound = JSON.parse(JSON.stringify(answer));
        expect(rows).toEqual(sound.data.jobDetails.filter((job: any) => job.jobId === 'w'));
        sound.data = { ...sound.data, jobIds: [], jobDetails: [] };
        expect(JSON.parse(splitter.rest())).toEqual(sound);
        expect(splitter.rows).toBe(jobDetails.length);
        expect(splitter.sizeBytes).toBe(bytes.length);
      },
    ),
    { numRuns: 300 },
  );
});
