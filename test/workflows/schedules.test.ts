import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { localConnections } from '../../src/cli/local-connections';
import { chainWorkflowId } from '../../src/contracts/chain';
import type { LinkisTaskResult } from '../../src/contracts/linkis';
import type { ScheduleDefinition, ScheduledRun } from '../../src/contracts/schedule';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { cancelJob, requestCancel } from '../../src/starter/cancel';
import { describeJob } from '../../src/starter/describe';
import { awaitOutcome } from '../../src/starter/outcome';
import { backfillSchedule, triggerSchedule } from '../../src/starter/schedule-control';
import {
  describeSchedule,
  listSchedules,
  type ScheduledRunStanding,
} from '../../src/starter/schedule-standing';
import { createSchedule, deleteSchedule } from '../../src/starter/schedules';
import { jobStack, type JobStack } from '../support/job-stack';
import { until } from '../support/until';

const installation = 'scheduled';
const chain = 'asked-by-schedule';
const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;
const endless = '-- local: delay 600s\nselect 1';
/** None is at work by itself. */
const yearly = { cron: ['0 0 1 1 *'] };

let sqlflow: LocalSqlFlow;
let linkis: LocalLinkis;
let stack: JobStack;
let root: string;

beforeAll(async () => {
  [sqlflow, linkis] = await Promise.all([LocalSqlFlow.start(), LocalLinkis.start()]);
  root = await mkdtemp(path.join(tmpdir(), 'scheduled-'));
  const connections = localConnections({ sqlflow: sqlflow.url, linkis: linkis.url });
  stack = await jobStack(connections, { installation, inputs: { roots: [root] } });
});

afterAll(async () => {
  const { client } = stack.temporal;
  // They outlive the worker, and the server is shared.
  for await (const { scheduleId } of listSchedules(client, { installation })) {
    await client.schedule.getHandle(scheduleId).delete();
  }
  const asked = client.workflow.getHandle(chainWorkflowId('sqlflow', chain));
  // There is none where its test was left out.
  await asked.terminate().catch(() => undefined);
  await stack.close();
  await Promise.all([sqlflow.close(), linkis.close()]);
  await rm(root, { recursive: true, force: true });
});

async function schedule(
  name: string,
  run: ScheduledRun,
  more: Partial<ScheduleDefinition> = {},
): Promise<{ readonly installation: string; readonly name: string }> {
  const { client, taskQueue } = stack.temporal;
  const definition = { name, times: yearly, policy: {}, run, ...more };
  await createSchedule(client, definition, { installation, taskQueue });
  return { installation, name };
}

function task(code: string, more: object = {}): ScheduledRun {
  return { type: 'linkisTask', job: { code, ...spark, ...more } };
}

/** Has a run begin, and answers its workflow id. */
async function trigger(target: { installation: string; name: string }): Promise<string> {
  const triggered = await triggerSchedule(stack.temporal.client, target);
  if (triggered.kind !== 'started') throw new Error(`not started, but ${triggered.kind}`);
  return triggered.workflowId;
}

function standing(target: { installation: string; name: string }) {
  return describeSchedule(stack.temporal.client, target);
}

/** The runs, once so many have ended. */
async function endedRuns(
  target: { installation: string; name: string },
  count: number,
): Promise<readonly ScheduledRunStanding[]> {
  let runs: readonly ScheduledRunStanding[] = [];
  await until(async () => {
    ({ runs } = await standing(target));
    return runs.filter(({ outcome }) => outcome !== undefined).length === count;
  });
  return [...runs].reverse();
}

async function untilRunning(workflowId: string): Promise<void> {
  await until(async () => {
    const { progress } = await describeJob(stack.temporal.client, workflowId);
    return progress?.status === 'Running';
  });
}

test('each run of a backfill has its own day, in paths, values and code, also where clocks change', async () => {
  for (const day of ['27', '28', '29']) {
    await writeFile(
      path.join(root, `load-2026-03-${day}.sql`),
      `select 'file of ${day}' as file, '\${at}' as at`,
    );
  }
  const target = await schedule(
    'days',
    {
      type: 'linkisTask',
      codeFile: path.join(root, 'load-{{scheduledDate-1d}}.sql'),
      job: { ...spark, variables: { at: '{{scheduledTime}}' } },
    },
    { times: { cron: ['30 2 * * *'], timeZone: 'Europe/Vienna' } },
  );
  const days = {
    from: new Date('2026-03-28T00:00:00+01:00'),
    to: new Date('2026-03-31T00:00:00+02:00'),
  };
  const times = await backfillSchedule(stack.temporal.client, target, days, 'allow-all');
  // There is no 02:30 on the 29th, and the server leaves the day out.
  expect(times).toEqual([new Date('2026-03-28T01:30:00Z'), new Date('2026-03-30T00:30:00Z')]);
  const runs = await endedRuns(target, 2);
  const rows = await Promise.all(
    runs.map(async ({ outcome }) => {
      const { result } = outcome as { result: LinkisTaskResult };
      return (await stack.read(result.results[0])).split('\r\n')[1];
    }),
  );
  expect(rows).toEqual([
    'file of 27,2026-03-28T02:30:00+01:00',
    'file of 29,2026-03-30T02:30:00+02:00',
  ]);
});

test('an interval runs by itself, each run for its own second', async () => {
  const { client } = stack.temporal;
  const target = await schedule('seconds', task("select '{{scheduledTime | x}}' as at"), {
    times: { everyMs: 2000 },
    policy: { overlap: 'allow-all' },
  });
  await until(async () => (await standing(target)).runs.length >= 2);
  const { runs } = await standing(target);
  await deleteSchedule(client, target);
  const [first, second] = runs.slice(-2);
  expect(first?.workflowId).not.toBe(second?.workflowId);
  for (const workflowId of [first?.workflowId ?? '', second?.workflowId ?? '']) {
    const outcome = await awaitOutcome<LinkisTaskResult>(client, workflowId);
    const { result } = outcome as { result: LinkisTaskResult };
    const [, at] = (await stack.read(result.results[0])).split('\r\n');
    expect(workflowId.endsWith(new Date(Number(at)).toISOString().replace('.000Z', 'Z'))).toBe(
      true,
    );
  }
});

test('a failed run pauses the schedule where that is wanted, and carries its own words', async () => {
  const policy = { pauseOnFailure: true };
  const target = await schedule('fails', task('select * from no_such_table'), { policy });
  const workflowId = await trigger(target);
  const outcome = await awaitOutcome(stack.temporal.client, workflowId);
  expect(outcome).toMatchObject({
    kind: 'failed',
    type: 'RemoteJob.Failed',
    message: expect.stringContaining('no_such_table'),
    report: { vendor: 'linkis', connection: 'linkis', status: 'Failed' },
  });
  await until(async () => (await standing(target)).paused);
  const { pauseNote } = await standing(target);
  expect(pauseNote).toContain('paused due to workflow failure');
  expect(pauseNote).toContain('no_such_table');
});

test('while a run is under way others are left out, and its cancel kills its task and pauses nothing', async () => {
  const { client } = stack.temporal;
  const policy = { pauseOnFailure: true };
  const target = await schedule('busy', task(endless), { policy });
  const workflowId = await trigger(target);
  await untilRunning(workflowId);
  expect(await triggerSchedule(client, target)).toEqual({ kind: 'skipped' });
  // Described as any job is.
  const listed = await describeJob(client, workflowId);
  expect(listed).toMatchObject({
    workflowType: 'remoteJobsScheduledRun',
    job: { vendor: 'linkis', connection: 'linkis', remoteId: expect.any(String) },
  });
  const cancelled = await cancelJob(client, workflowId);
  expect(cancelled).toMatchObject({ kind: 'cancelled', kill: { outcome: 'confirmed' } });
  await endedRuns(target, 1);
  const { paused, counts } = await standing(target);
  expect({ paused, counts }).toEqual({
    paused: false,
    counts: { taken: 1, skipped: 1, missed: 0 },
  });
});

test('by policy one run waits for the one before it, or has it cancelled first', async () => {
  const { client } = stack.temporal;
  const target = await schedule('waits', task(endless), { policy: { overlap: 'buffer-one' } });
  const first = await triggerSchedule(client, target);
  if (first.kind !== 'started') throw new Error(first.kind);
  await untilRunning(first.workflowId);
  expect(await triggerSchedule(client, target, { withinMs: 500 })).toEqual({ kind: 'waiting' });
  await requestCancel(client, first.workflowId, first.runId);
  let second = { workflowId: '', runId: '' };
  await until(async () => {
    const { runs } = await standing(target);
    const next = runs.find(({ status, runId }) => status === 'RUNNING' && runId !== first.runId);
    if (next !== undefined) second = next;
    return next !== undefined;
  });
  await untilRunning(second.workflowId);
  const third = await triggerSchedule(client, target, { overlap: 'cancel-other' });
  expect(await awaitOutcome(client, second.workflowId, second.runId)).toMatchObject({
    kind: 'cancelled',
    kill: { outcome: 'confirmed' },
  });
  if (third.kind !== 'started') throw new Error(third.kind);
  await cancelJob(client, third.workflowId, third.runId);
});

test('a run reads its files anew, below the folders that the worker may read', async () => {
  await writeFile(path.join(root, 'orders.sql'), 'create view v as select a from t;');
  const job = { jobName: 'orders {{scheduledDate | yyyyMMdd}}', dbVendor: 'dbvhive' };
  const files = { folder: root, paths: ['orders*.sql'] };
  const target = await schedule('files', { type: 'sqlflowJob', files, job }, {});
  const today = () => new Date().toISOString().slice(0, 10).replaceAll('-', '');
  // Midnight may come meanwhile.
  const dayBefore = today();
  const outcome = await awaitOutcome<{ jobName: string }>(
    stack.temporal.client,
    await trigger(target),
  );
  expect(outcome).toMatchObject({
    kind: 'succeeded',
    result: {
      vendor: 'sqlflow',
      jobName: expect.stringMatching(`orders (${dayBefore}|${today()})`),
    },
  });
});

test('a run whose files lie elsewhere, or are none, is refused in words, and sends nothing', async () => {
  const sent = sqlflow.service.calls.length;
  const job = { jobName: 'orders', dbVendor: 'dbvhive' };
  const refused = async (name: string, folder: string, file: string) => {
    const files = { folder, paths: [file] };
    const target = await schedule(name, { type: 'sqlflowPersistJob', files, job });
    return awaitOutcome(stack.temporal.client, await trigger(target));
  };
  const [outside, missing] = await Promise.all([
    refused('outside', __dirname, path.basename(__filename)),
    refused('missing', root, '{{scheduledDate-9999d}}.sql'),
  ]);
  expect(outside).toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining('inputs.roots'),
  });
  expect(missing).toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining("doesn't exist"),
  });
  expect(sqlflow.service.calls.length).toBe(sent);
});

test('without a worker a run begins and waits for one', async () => {
  const { client } = stack.temporal;
  const definition = { name: 'alone', times: yearly, policy: {}, run: task('select 1') };
  await createSchedule(client, definition, { installation, taskQueue: 'nobody-works-here' });
  const workflowId = await trigger({ installation, name: 'alone' });
  expect(await describeJob(client, workflowId)).toMatchObject({
    status: 'RUNNING',
    waitsForWorker: true,
    job: { vendor: 'linkis' },
  });
  await client.workflow.getHandle(workflowId).terminate();
});

test('a scheduled refresh asks its chain, for its own time, and ends as the refresh does', async () => {
  await writeFile(path.join(root, 'chain.sql'), 'create view w as select a from t;');
  const refresh = { chain, connection: 'sqlflow', dbVendor: 'dbvhive' };
  const files = { folder: root, paths: ['chain.sql'] };
  const target = await schedule('chain', { type: 'chainRefresh', files, refresh });
  const days = { from: new Date('2024-01-01'), to: new Date('2025-06-01') };
  await backfillSchedule(stack.temporal.client, target, days);
  const outcomes = (await endedRuns(target, 2)).map(({ outcome }) => outcome);
  expect(outcomes).toMatchObject([
    { kind: 'succeeded', result: { end: 'refreshed', scheduledAtMs: Date.parse('2024-01-01') } },
    { kind: 'succeeded', result: { end: 'unchanged', scheduledAtMs: Date.parse('2025-01-01') } },
  ]);
});
