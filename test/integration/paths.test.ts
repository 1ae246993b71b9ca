import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ArtifactRef } from '../../src/contracts/artifact';
import type { LinkisTaskInput, LinkisTaskResult } from '../../src/contracts/linkis';
import type { SqlFlowJobInput } from '../../src/contracts/sqlflow';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { ResultFolder, type JobResult } from '../../src/cli/result-folder';
import { InvalidInputError, startJob } from '../../src/starter/start';
import { activityStack, type ActivityStack } from '../activities/support';
import { jobStack, type JobStack } from '../support/job-stack';
import { Rewriter } from './rewriter';

let sqlflow: LocalSqlFlow;
let linkis: LocalLinkis;
let rewriter: Rewriter;
let jobs: JobStack;
let activities: ActivityStack;
beforeAll(async () => {
  [sqlflow, linkis] = await Promise.all([LocalSqlFlow.start(), LocalLinkis.start()]);
  rewriter = await Rewriter.start(linkis.url);
  jobs = await jobStack({
    sqlflow: {
      type: 'sqlflow',
      url: sqlflow.url,
      userId: 'demo',
      secretKey: { value: 'demo-secret' },
    },
    linkis: {
      type: 'linkis',
      url: rewriter.url,
      user: 'hadoop',
      token: { value: 'local-token' },
    },
  });
  activities = await activityStack({ sqlflow, linkis });
});
afterEach(() => {
  rewriter.rewrite = () => undefined;
});
afterAll(async () => {
  await Promise.all([jobs.close(), activities.close()]);
  await rewriter.close();
  await Promise.all([sqlflow.close(), linkis.close()]);
});

const { signal } = new AbortController();
const key = '6f0b3f3e-7a5c-4a5e-9d53-0b9a8c1d2e3f';
const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;
let count = 0;

/** A client that checks nothing, unlike `startJob`. */
async function foreignRun<Result>(
  type: 'linkisTask' | 'sqlflowJob',
  input: LinkisTaskInput | SqlFlowJobInput,
  workflowId = `paths-${(count += 1)}-${jobs.temporal.taskQueue}`,
): Promise<Result> {
  const { client, taskQueue } = jobs.temporal;
  return client.workflow.execute(type, { taskQueue, workflowId, args: [input] });
}

async function failureOf(run: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await run.then(
    (result) => new Error(`it did not fail: ${JSON.stringify(result)}`),
    (reason: unknown) => reason,
  );
  let cause = error instanceof WorkflowFailedError ? error.cause : (error as Error);
  while (!(cause instanceof ApplicationFailure) && cause?.cause instanceof Error) {
    cause = cause.cause;
  }
  if (!(cause instanceof ApplicationFailure)) throw error;
  return cause;
}

const hrefs = [
  'http://evil.example/gspLive_backend',
  '//evil.example',
  '../linkis',
  'linkis@evil.example',
];

test.each(hrefs)('an input can name a connection, and not the address %s', async (connection) => {
  const input = { ...spark, connection, code: 'select 1' };
  const refusal = `connection: is "${connection}"; give the name of a configured connection, never an address`;
  await expect(startJob(jobs.temporal.client, 'linkisTask', input)).rejects.toThrow(
    new InvalidInputError([{ field: 'connection', problem: refusal.slice('connection: '.length) }]),
  );
  const failure = await failureOf(foreignRun('linkisTask', input));
  expect(failure).toMatchObject({ type: 'RemoteJob.InvalidInput', message: refusal });
});

const artifact: ArtifactRef = {
  uri: 'artifact:inputs/x',
  format: 'sql',
  sizeBytes: 8,
  sha256: '0'.repeat(64),
};

test.each([
  ['artifact:../../etc/passwd', 'has a "." or ".." segment'],
  ['artifact:/etc/passwd', 'is absolute'],
  ['artifact:inputs/../../x', 'has a "." or ".." segment'],
  ['artifact:inputs\\..\\x', 'holds a backslash'],
  ['artifact:', 'is empty'],
  ['file:///etc/passwd', 'does not begin with "artifact:"'],
  ['/etc/passwd', 'does not begin with "artifact:"'],
  ['http://evil.example/x.sql', 'does not begin with "artifact:"'],
])('an input file can be an artifact, and not %s', async (uri, mistake) => {
  const file = { name: 'x.sql', artifact: { ...artifact, uri } };
  const words = `"${uri}" ${mistake}; give the reference that stageFiles answered`;
  const task = await activities.failure('linkisSubmitTask', {
    task: { ...spark, codeFile: file },
    key,
  });
  expect(task).toMatchObject({
    type: 'RemoteJob.InvalidInput',
    nonRetryable: true,
    message: `codeFile.artifact.uri: ${words}`,
    details: [{ submitted: 'no' }],
  });
  const job = await activities.failure('sqlflowSubmitJob', {
    job: { jobName: 'paths', dbVendor: 'dbvhive', files: [file] },
    key,
  });
  expect(job.message).toBe(`files[0].artifact.uri: ${words}`);
});

test.each([
  ['../x.sql', 'has a "." or ".." segment'],
  ['etl/../../x.sql', 'has a "." or ".." segment'],
  ['/etc/cron.d/x.sql', 'is absolute'],
  ['C:\\x.sql', 'holds a backslash'],
  ['etl//x.sql', 'has an empty segment'],
  ['x\r\nContent-Type: y', 'holds a control character'],
  ['', 'is empty'],
])('the name %j reaches no service', async (name, mistake) => {
  const [staged] = await activities.stage({ 'x.sql': 'select 1' });
  const files = [{ ...(staged as NonNullable<typeof staged>), name }];
  const job = { jobName: 'paths', dbVendor: 'dbvhive', files };
  const failure = await activities.failure('sqlflowSubmitJob', { job, key });
  expect(failure).toMatchObject({ type: 'RemoteJob.InvalidInput', nonRetryable: true });
  expect(failure.message).toMatch(/^files\[0\]\.name: /);
  expect(failure.message).toContain(`${mistake}; give a relative path, such as "etl/orders.sql"`);
  await expect(startJob(jobs.temporal.client, 'sqlflowJob', job)).rejects.toThrow(mistake);
});

test('a link in the artifact folder leads no input out of it', async () => {
  const outside = path.join(activities.store.root, '../outside');
  await mkdir(outside, { recursive: true });
  await writeFile(path.join(outside, 'secret.sql'), 'select secret');
  await mkdir(path.join(activities.store.root, 'inputs'), { recursive: true });
  await symlink(path.join(outside, 'secret.sql'), path.join(activities.store.root, 'inputs/link'));
  await symlink(outside, path.join(activities.store.root, 'inputs/folder'));
  for (const link of ['link', 'folder/secret.sql']) {
    const uri = `artifact:inputs/${link}`;
    const file = { name: 'x.sql', artifact: { ...artifact, uri, sizeBytes: 13 } };
    const task = { task: { ...spark, codeFile: file }, key };
    expect(await activities.failure('linkisSubmitTask', task)).toMatchObject({
      type: 'RemoteJob.InvalidInput',
      message: expect.stringMatching(/leads out of .* by a symbolic link: remove the link/),
      details: [{ submitted: 'no' }],
    });
    const job = { jobName: 'paths', dbVendor: 'dbvhive', files: [file] };
    const failed = await activities.failure('sqlflowSubmitJob', { job, key });
    expect(failed).toMatchObject({ type: 'RemoteJob.InvalidInput', nonRetryable: true });
  }
});

test('a workflow id of any kind keeps its artifacts in a folder of its own', async () => {
  const end = jobs.temporal.taskQueue;
  const ids = [
    `../../../escaped-${end}`,
    `/etc/${end}`,
    `..-${end}`,
    `Größe ☂ \u0001\n${end}`,
    `${'x'.repeat(300)}1-${end}`,
    `${'x'.repeat(300)}2-${end}`,
    `case-${end}`,
    `CASE-${end}`,
  ];
  const input = { ...spark, code: 'select 1 as one' };
  const folders = await Promise.all(
    ids.map(async (workflowId) => {
      const { results, log } = await foreignRun<LinkisTaskResult>('linkisTask', input, workflowId);
      const [set] = results;
      expect(await jobs.read(set)).toBe('one\r\n1\r\n');
      const folder = set?.uri.replace(/\/results\/0\.csv$/, '') ?? '';
      expect(log?.uri).toBe(`${folder}/log.txt`);
      expect(folder).toMatch(/^artifact:jobs\/[A-Za-z0-9._-]{1,125}$/);
      return folder.toLowerCase();
    }),
  );
  expect(new Set(folders).size).toBe(ids.length);
  const around = await readdir(path.dirname(jobs.store.root));
  expect(around.filter((name) => !name.startsWith('inputs-'))).toEqual(['artifacts']);
});

test.each(['../../x.dolphin', '/etc/x.dolphin', 'a/b.dolphin', 'x\u0000.dolphin', '_0.dolphin/..'])(
  "a result file that the service calls %j is stored under the job's own names",
  async (name) => {
    rewriter.rewrite = (url, text) =>
      url.includes('getDirFileTrees')
        ? text.replaceAll('"name":"_0.dolphin"', `"name":${JSON.stringify(name)}`)
        : undefined;
    const input = { ...spark, code: 'select 1 as one' };
    const { results } = await foreignRun<LinkisTaskResult>('linkisTask', input);
    expect(results.map(({ uri }) => uri.replace(/^artifact:jobs\/[^/]+\//, ''))).toEqual([
      'results/0.csv',
    ]);
  },
);

test("a path with '..' is asked of no service, whether an input or the service itself named it", async () => {
  for (const name of ['linkisListResultSets', 'linkisGetPersistedLog'] as const) {
    const failure = await activities.failure(name, { path: 'hdfs:///tmp/../etc/shadow' });
    expect(failure).toMatchObject({ type: 'RemoteJob.InvalidInput', nonRetryable: true });
    expect(failure.message).toContain('holds ".."');
  }
  const before = rewriter.asked.length;
  rewriter.rewrite = (url, text) =>
    url.includes('getDirFileTrees')
      ? text.replaceAll('/_0.dolphin', '/../../_0.dolphin')
      : undefined;
  const failure = await failureOf(foreignRun('linkisTask', { ...spark, code: 'select 1 as one' }));
  expect(failure).toMatchObject({ type: 'RemoteJob.InvalidInput' });
  expect(failure.message).toContain('holds ".."');
  const opened = rewriter.asked.slice(before).filter((url) => url.includes('openFile'));
  expect(opened).toEqual([]);
});

test.each([
  ['../../x', 'csv', /^name "\.\.\/\.\.\/x" has a "\." or "\.\." segment; give a relative path/],
  ['/etc/x', 'csv', /^name "\/etc\/x" is absolute/],
  ['', 'csv', /^name "" is empty/],
  ['x', '../../x', /^format is "\.\.\/\.\.\/x"; give csv or xlsx/],
])('an export is stored neither as %j nor in the format %j', async (name, format, words) => {
  const input = { path: 'file:///tmp/x', name, format: format as 'csv' };
  const before = linkis.service.calls.length;
  const failure = await activities.failure('linkisExportResultSet', input);
  expect(failure).toMatchObject({ type: 'RemoteJob.InvalidInput', nonRetryable: true });
  expect(failure.message).toMatch(words);
  expect(linkis.service.calls).toHaveLength(before);
});

test('a lineage format that is none names no file', async () => {
  for (const format of ['../x', '__proto__', 'toString']) {
    const input = { connection: 'sqlflow', jobId: 'x', format: format as 'csv' };
    const failure = await activities.failure('sqlflowExportLineage', input);
    expect(failure).toMatchObject({ type: 'RemoteJob.InvalidInput', nonRetryable: true });
  }
});

test("what a workflow's result names is written inside --out, or nothing is", async () => {
  const folder = path.join(activities.store.root, '../out/deep');
  const stored = await activities.store.putByHash(bytes('evil'), { format: 'text', signal });
  const result = {
    vendor: 'linkis',
    results: [{ ...stored, index: '../../../evil', kind: 'text' }],
  };
  const lineage = { vendor: 'sqlflow', lineage: { '/../../../evil': stored } };
  for (const foreign of [result, lineage]) {
    const out = await ResultFolder.prepare(folder);
    await expect(
      out.writeResult(foreign as unknown as JobResult, activities.store, signal),
    ).rejects.toThrow(/^The result names the file ".*evil.*", which has a "\." or "\.\." segment/);
    expect(await readdir(folder)).toEqual([]);
  }
  expect(await readdir(path.join(activities.store.root, '..'))).not.toContain('evil');
});

async function* bytes(text: string) {
  yield text;
}
