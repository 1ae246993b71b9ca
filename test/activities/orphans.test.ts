import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createOrphanActivities } from '../../activities/orphans/create';
import { keyedJobName } from '../../activities/sqlflow/job-name';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { openSettings } from '../../src/config/options';
import {
  fitReport,
  type JobUnderWay,
  type OrphansInput,
  type OrphansReport,
} from '../../src/contracts/orphans';
import { testTemporal, type TestTemporal } from '../support/temporal';

/** A spec provokes what the SDK warns of. */
const silent = new DefaultLogger('ERROR', () => undefined);
const foreign = 10_000;
const installation = 'prod';
const namespace = 'default';
const workflowId = 'orphans-test/never-started';
/** Of this spec alone: an open workflow of another one may follow a task 1 of a connection "linkis". */
const sqlflow = 'crowded-sqlflow';
const linkis = 'crowded-linkis';

let temporal: TestTemporal;
let service: Server;
let url: string;
/** What was asked of the services besides lists. */
let touched: string[];

/** Both services in one: accounts that hold 10,000 jobs under way of somebody else's, and one of ours. */
beforeAll(async () => {
  temporal = await testTemporal();
  service = createServer((request, response) => {
    const asked = new URL(request.url ?? '', 'http://local');
    const answer = answerTo(asked);
    if (answer === undefined) touched.push(asked.pathname);
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    request.resume().on('end', () => response.end(JSON.stringify(answer ?? {})));
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});

beforeEach(() => {
  touched = [];
});

afterAll(async () => {
  await temporal.close();
  await new Promise((resolve) => service.close(resolve));
});

function answerTo(asked: URL) {
  if (asked.pathname.endsWith('/displayUserJobsSummary')) {
    const jobDetails = Array.from({ length: foreign }, (_, index) => ({
      jobId: String(index).padStart(32, '0'),
      jobName: `somebody-${index}--staging-0123456789ab0123456789ab`,
      status: 'process',
    }));
    const key = '1f0c2d3e-4a5b-4c6d-8e7f-901234567890';
    const owner = { installation, namespace, workflowId: 'standalone', key, persist: false };
    const ours = { jobId: 'f'.repeat(32), jobName: keyedJobName('ours', owner), status: 'create' };
    return { code: 200, data: { total: foreign + 1, jobDetails: [...jobDetails, ours] } };
  }
  if (asked.pathname.endsWith('/jobhistory/list')) {
    const pageSize = Number(asked.searchParams.get('pageSize'));
    const from = (Number(asked.searchParams.get('pageNow')) - 1) * pageSize;
    // Newest first, so ours is on the last page.
    const tasks = Array.from({ length: foreign + 1 }, (_, at) => rowOf(foreign + 1 - at));
    return {
      method: null,
      status: 0,
      message: 'OK',
      data: { tasks: tasks.slice(from, from + pageSize), totalPage: tasks.length },
    };
  }
  return undefined;
}

function rowOf(taskID: number) {
  const ours = taskID === 1;
  const marks = {
    remoteJobsKey: 'k',
    remoteJobsInstallation: ours ? installation : 'staging',
    remoteJobsNamespace: namespace,
    remoteJobsWorkflowId: ours ? workflowId : 'theirs',
  };
  return { taskID, status: 'Running', umUser: 'hadoop', sourceJson: JSON.stringify(marks) };
}

async function find(client: Client): Promise<OrphansReport> {
  const opened = openSettings({
    installation,
    connections: {
      [sqlflow]: { type: 'sqlflow', url, userId: 'demo', token: { value: 'token' } },
      [linkis]: { type: 'linkis', url, user: 'hadoop', token: { value: 'local-token' } },
    },
  });
  const artifacts = new FolderArtifactStore({ root: '/nothing/is/stored/here' });
  const { main } = createOrphanActivities({ ...opened, artifacts });
  const environment = new MockActivityEnvironment({ namespace }, { client, logger: silent });
  try {
    return await environment.run<[OrphansInput], OrphansReport, typeof main.remoteJobsFindOrphans>(
      main.remoteJobsFindOrphans,
      {},
    );
  } finally {
    await opened.connections.close();
  }
}

test('ten thousand jobs of others in each account hide none of ours, and are not asked about', async () => {
  const report = await find(temporal.client);
  expect(report.looks).toEqual([
    { vendor: 'sqlflow', connection: sqlflow, underWay: foreign + 1, own: 1 },
    { vendor: 'linkis', connection: linkis, user: 'hadoop', underWay: foreign + 1, own: 1 },
  ]);
  expect(report.orphans).toMatchObject([{ vendor: 'linkis', remoteId: '1', workflowId }]);
  // Its activity ran without a workflow, so there is none that could be closed.
  expect(report.unjudged).toMatchObject([{ vendor: 'sqlflow', remoteId: 'f'.repeat(32) }]);
  expect(touched).toEqual([]);
});

test('while Temporal answers anything but the state of a workflow, no job is judged', async () => {
  const nobody = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
  const unasked = find(new Client({ connection: nobody }));
  await expect(unasked).rejects.toMatchObject({
    type: 'Temporal.Unavailable',
    nonRetryable: false,
  });
  await expect(unasked).rejects.toThrow('no job was judged and none killed');
  await nobody.close();

  // A wrong namespace answers NOT_FOUND too: that is no word on any workflow.
  const lost = find(new Client({ connection: temporal.client.connection, namespace: 'nowhere' }));
  await expect(lost).rejects.toMatchObject({ type: 'Temporal.Unavailable' });
  expect(touched).toEqual([]);
});

test('a report that would not fit into history keeps the orphans, and counts what it leaves out', () => {
  const job = (remoteId: number): JobUnderWay => ({
    vendor: 'linkis',
    connection: 'linkis',
    remoteId: String(remoteId),
    name: 'é'.repeat(200),
    status: 'Running',
    shortKey: 'k',
    reason: 'r'.repeat(500),
  });
  const many = Array.from({ length: 3000 }, (_, index) => job(index));
  const { orphans, abandoned, unjudged, leftOut } = fitReport({
    installation,
    namespace,
    looks: [],
    orphans: many.slice(0, 100),
    abandoned: many,
    unjudged: many,
  });
  expect(orphans).toHaveLength(100);
  expect(leftOut).toBe(6100 - 100 - abandoned.length - unjudged.length);
  expect(Buffer.byteLength(JSON.stringify({ orphans, abandoned, unjudged }))).toBeLessThan(2 ** 20);
});
