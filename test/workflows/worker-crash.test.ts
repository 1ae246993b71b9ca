import type { LinkisTaskResult } from '../../src/contracts/linkis';
import type { SqlFlowJobResult } from '../../src/contracts/sqlflow';
import { writeManifest } from '../../src/artifacts/manifest';
import type { RefreshOutcome } from '../../src/contracts/chain';
import { chainState, forgetChain, requestRefresh } from '../../src/starter/chains';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { startJob } from '../../src/starter/start';
import { sideBySide } from '../support/side-by-side';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';
import { CrashStage } from './crash-stage';

let temporal: TestTemporal;
// What a dead worker held is given to another one only once its heartbeats are missed.
const stories = sideBySide(300_000);

beforeAll(async () => {
  temporal = await testTemporal();
  stories.begin();
});
afterAll(() => temporal.close());

function test(title: string, story: (stage: CrashStage) => Promise<void>): void {
  stories.test(title, () => CrashStage.with(temporal, story));
}

function startTask({ taskQueue }: CrashStage, code: string) {
  const input = { code, engine: 'spark-2.4.3', runType: 'sql' };
  return startJob(temporal.client, 'linkisTask', input, { taskQueue });
}

async function untilStatus(workflowId: string, status: string): Promise<void> {
  await until(async () => {
    return (await describeJob(temporal.client, workflowId)).progress?.status === status;
  });
}

test('a worker killed while jobs wait: the next one brings the results, of one remote job each', async (stage) => {
  const { worker, linkis, sqlflow, taskQueue } = stage;
  const files = await stage.stageFile(
    '-- local: delay 10m\ninsert into mart.t select a from raw.s;',
  );
  const input = { jobName: 'crash', dbVendor: 'dbvhive', files };
  const job = await startJob(temporal.client, 'sqlflowJob', input, { taskQueue });
  const task = await startTask(stage, '-- local: delay 10m\nselect 7 as seven');
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
  expect(stage.calls(linkis, 'submit')).toBe(1);
  expect(stage.calls(sqlflow, 'submitUserJob')).toBe(1);
});

test('a worker killed between the service taking a task and its record: the task is adopted', async (stage) => {
  const { worker, linkis } = stage;
  linkis.service.setFaults({
    faults: [{ endpoint: 'submit', calls: [1], when: 'after', delayMs: 3_600_000 }],
  });
  const { workflowId } = await startTask(stage, 'select 1');
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
  expect(stage.calls(linkis, 'submit')).toBeLessThanOrEqual(1);
});

test('a cancel right after a worker was killed reaches the service as soon as another is there', async (stage) => {
  const { workflowId } = await startTask(stage, '-- local: delay 600s\nselect 1');
  await untilStatus(workflowId, 'Running');
  await stage.worker.stop('SIGKILL');
  await temporal.client.workflow.getHandle(workflowId).cancel();
  await stage.worker.start();
  expect(await awaitOutcome(temporal.client, workflowId)).toMatchObject({
    kind: 'cancelled',
    kill: { outcome: 'confirmed' },
  });
});

test('a worker that shuts down hands its jobs over and kills none', async (stage) => {
  const { workflowId } = await startTask(stage, '-- local: delay 10m\nselect 1');
  await untilStatus(workflowId, 'Running');
  await stage.worker.stop('SIGTERM');
  await stage.worker.start();
  stage.linkis.endDelays();
  expect(await awaitOutcome(temporal.client, workflowId)).toMatchObject({ kind: 'succeeded' });
  expect(stage.calls(stage.linkis, 'kill')).toBe(0);
});

test('a worker killed while refreshes run, wait and are taken back: each ends once, as it should', async (stage) => {
  const { worker, sqlflow, taskQueue } = stage;
  const { client } = temporal;
  const connection = 'sqlflow';
  const chain = 'crash';
  const ask = async (sql: string) => {
    const { signal } = new AbortController();
    const inputs = await writeManifest(stage.store, await stage.stageFile(sql), signal);
    const request = { connection, chain, dbVendor: 'dbvhive', inputs };
    return requestRefresh(client, request, { taskQueue });
  };
  const outcome = (id: string) => awaitOutcome<RefreshOutcome>(client, id);
  const load = 'insert into mart.t (a) select a from raw.s;';
  const running = await ask(`-- local: delay 10m\n${load}`);
  await until(async () => sqlflow.jobs().some(({ status }) => status === 'process'));
  const waiting = await ask(`-- changed\n${load}`);
  const withdrawn = await ask(`-- unwanted\n${load}`);
  await until(async () => (await chainState(client, connection, chain)).queue.length === 2);
  await worker.stop('SIGKILL');
  // Nobody hears it yet.
  await withdrawn.cancel();
  await worker.start();
  sqlflow.endDelays();
  const [first, second, third] = await Promise.all([
    outcome(running.workflowId),
    outcome(waiting.workflowId),
    outcome(withdrawn.workflowId),
  ]);
  expect(first).toMatchObject({ kind: 'succeeded', result: { end: 'refreshed', revision: 1 } });
  expect(second).toMatchObject({ kind: 'succeeded', result: { end: 'refreshed', revision: 2 } });
  expect(third).toMatchObject({ kind: 'cancelled', kill: { outcome: 'nothingToKill' } });
  expect(stage.calls(sqlflow, 'submitPersistJob')).toBe(2);
  expect(sqlflow.jobs()).toHaveLength(1);
  const { refreshes } = await chainState(client, connection, chain);
  expect(refreshes).toHaveLength(3);
  await forgetChain(client, connection, chain);
});
