import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LinkisTaskResult } from '../../src/contracts/linkis';
import type { SqlFlowJobResult } from '../../src/contracts/sqlflow';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { stageFiles } from '../../src/artifacts/staging';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob } from '../../src/starter/start';
import { KillableWorker } from '../support/killable-worker';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';

let temporal: TestTemporal;
let linkis: LocalLinkis;
let sqlflow: LocalSqlFlow;
let folder: string;

const worker = new KillableWorker(() => ({
  address: temporal.address,
  taskQueue: temporal.taskQueue,
  artifacts: path.join(folder, 'artifacts'),
  sqlflowUrl: sqlflow.url,
  linkisUrl: linkis.url,
}));

beforeAll(async () => {
  temporal = await testTemporal();
  linkis = await LocalLinkis.start();
  sqlflow = await LocalSqlFlow.start();
  folder = await mkdtemp(path.join(tmpdir(), 'worker-crash-'));
});
afterEach(async () => {
  linkis.service.setFaults({ faults: [] });
  await worker.stop('SIGKILL');
});
afterAll(async () => {
  await temporal.close();
  await linkis.close();
  await sqlflow.close();
  await rm(folder, { recursive: true, force: true });
});

function startTask(code: string) {
  const input = { code, engine: 'spark-2.4.3', runType: 'sql' };
  return startJob(temporal.client, 'linkisTask', input, { taskQueue: temporal.taskQueue });
}

async function untilStatus(workflowId: string, status: string): Promise<void> {
  await until(async () => {
    return (await describeJob(temporal.client, workflowId)).progress?.status === status;
  });
}

function calls(service: LocalLinkis | LocalSqlFlow, endpoint: string): number {
  return service.service.calls.filter((call) => call.endpoint === endpoint).length;
}

test('a worker killed while jobs wait: the next one brings the results, of one remote job each', async () => {
  await worker.start();
  const tasks = calls(linkis, 'submit');
  const jobs = calls(sqlflow, 'submitUserJob');
  const sql = path.join(folder, 'load.sql');
  await writeFile(sql, '-- local: delay 10m\ninsert into mart.t select a from raw.s;');
  const store = new FolderArtifactStore({ root: path.join(folder, 'artifacts') });
  const files = await stageFiles(store, [sql], { signal: new AbortController().signal });
  const job = await startJob(
    temporal.client,
    'sqlflowJob',
    { jobName: 'crash', dbVendor: 'dbvhive', files },
    { taskQueue: temporal.taskQueue },
  );
  const task = await startTask('-- local: delay 10m\nselect 7 as seven');
  await untilStatus(task.workflowId, 'Running');
  await untilStatus(job.workflowId, 'process');
  await worker.stop('SIGKILL');
  await worker.start();
  linkis.endDelays();
  sqlflow.endDelays();
  const [taskEnd, jobEnd] = await Promise.all([
    awaitOutcome<LinkisTaskResult>(temporal.client, task.workflowId),
    awaitOutcome<SqlFlowJobResult>(temporal.client, job.workflowId),
  ]);
  for (const end of [taskEnd, jobEnd]) {
    if (end.kind !== 'succeeded') throw new Error(JSON.stringify(end));
  }
  expect(taskEnd).toMatchObject({
    kind: 'succeeded',
    result: { decision: 'freshSubmit', results: [{ rows: 1 }], log: { source: 'persisted' } },
  });
  expect(jobEnd).toMatchObject({ kind: 'succeeded', result: { decision: 'freshSubmit' } });
  expect(calls(linkis, 'submit') - tasks).toBe(1);
  expect(calls(sqlflow, 'submitUserJob') - jobs).toBe(1);
}, 240_000);

test('a worker killed between the service taking a task and its record: the task is adopted', async () => {
  await worker.start();
  const before = calls(linkis, 'submit');
  linkis.service.setFaults({
    faults: [{ endpoint: 'submit', calls: [1], when: 'after', delayMs: 3_600_000 }],
  });
  const { workflowId } = await startTask('select 1');
  await until(async () => {
    const list = await fetch(`${linkis.url}/api/rest_j/v1/jobhistory/list?pageSize=1`, {
      headers: { 'Token-Code': 'local-token', 'Token-User': 'hadoop' },
    });
    const { data } = (await list.json()) as { data: { tasks: { sourceJson: string }[] } };
    return (data.tasks[0]?.sourceJson ?? '').includes(workflowId);
  });
  await worker.stop('SIGKILL');
  await worker.start();
  expect(await awaitOutcome(temporal.client, workflowId)).toMatchObject({
    kind: 'succeeded',
    result: { decision: 'adoptedFinished' },
  });
  // The call that was answered to nobody is counted once its answer is given up.
  expect(calls(linkis, 'submit') - before).toBeLessThanOrEqual(1);
}, 240_000);

test('a cancel right after a worker was killed reaches the service as soon as another is there', async () => {
  await worker.start();
  const { workflowId } = await startTask('-- local: delay 600s\nselect 1');
  await untilStatus(workflowId, 'Running');
  await worker.stop('SIGKILL');
  await temporal.client.workflow.getHandle(workflowId).cancel();
  await worker.start();
  expect(await awaitOutcome(temporal.client, workflowId)).toMatchObject({
    kind: 'cancelled',
    kill: { outcome: 'confirmed' },
  });
}, 240_000);

test('a worker that shuts down hands its jobs over and kills none', async () => {
  await worker.start();
  const kills = calls(linkis, 'kill');
  const { workflowId } = await startTask('-- local: delay 10m\nselect 1');
  await untilStatus(workflowId, 'Running');
  await worker.stop('SIGTERM');
  await worker.start();
  linkis.endDelays();
  expect(await awaitOutcome(temporal.client, workflowId)).toMatchObject({ kind: 'succeeded' });
  expect(calls(linkis, 'kill')).toBe(kills);
}, 240_000);
