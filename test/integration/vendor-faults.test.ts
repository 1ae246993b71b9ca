import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  HttpError,
  linkisStatus,
  RemoteServiceError,
  TransportError,
  VendorError,
  type LinkisClient,
} from '../../src/clients/linkis/public';
import { sqlflowStatus, type SqlFlowClient } from '../../src/clients/sqlflow/public';
import type { Fault } from '../../src/local/http/fault';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import {
  call,
  closeClients,
  endedJob,
  failure,
  file,
  linkisClient,
  ranTask,
  rowWhen,
  signal,
  spark,
  sqlflowClient,
} from './support';

afterAll(closeClients);

describe('Linkis', () => {
  let linkis: LocalLinkis;
  let tasks: LinkisClient;
  beforeEach(async () => {
    linkis = await LocalLinkis.start();
    tasks = linkisClient(linkis);
  });
  afterEach(() => linkis.close());

  const script = (...faults: Fault[]) => linkis.service.setFaults({ faults });
  const slow = { ...spark, code: '-- local: delay 1m\nselect 1', source: { key: 'mine' } };
  const running = async () => {
    const submitted = await tasks.submit(slow, call);
    await rowWhen(tasks, submitted.taskId, ({ status }) => status === 'Running');
    return submitted;
  };

  test('a row that goes backwards and an unknown word keep their own meanings', async () => {
    const { taskId } = await ranTask(tasks, 'select 1');
    const words = ['Failed', 'WaitForRetry', 'Running', 'Paused'];
    script({ endpoint: 'jobhistory/get', do: 'showStatus', statuses: words });
    const seen: string[] = [];
    for (let look = 0; look < 5; look += 1) {
      seen.push(linkisStatus((await tasks.getTask(taskId, call)).status));
    }
    expect(seen).toEqual(['failed', 'queued', 'running', 'unknown', 'succeeded']);
  });

  test('a stale row reads as running, in whichever answer it comes', async () => {
    const { taskId } = await ranTask(tasks, 'select no_such_column');
    script({ endpoint: '*', do: 'staleStatus' });
    const rows = [
      await tasks.getTask(taskId, call),
      ...(await tasks.listTasks({ taskId }, call)).tasks,
      ...(await tasks.listTaskIds([taskId], call)),
    ];
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row).toMatchObject({ status: 'Running', progress: 0.5 });
    for (const row of rows) expect(row.errorCode).toBeUndefined();
  });

  test('a task that is missing for a while is absent from lists and refused alone', async () => {
    const { taskId } = await ranTask(tasks, 'select 1');
    script({ endpoint: '*', do: 'missJob' });
    expect(await tasks.listTasks({}, call)).toEqual({ tasks: [], total: 0 });
    expect(await tasks.listTaskIds([taskId], call)).toEqual([]);
    expect(await failure(tasks.getTask(taskId, call), VendorError)).toMatchObject({ sent: 'no' });
  });

  test('after a restart an execID names another task, and only newer rows tell', async () => {
    const old = await running();
    await linkis.restartEntrance();
    const fresh = await running();
    const { tasks: rows } = await tasks.listTasks({}, call);
    expect(rows.map(({ taskId, execId, status }) => [taskId, execId, status])).toEqual([
      [fresh.taskId, old.execId, 'Running'],
      [old.taskId, old.execId, 'Running'],
    ]);
    await tasks.kill(old.execId, { taskId: old.taskId }, call);
    const isOver = ({ status }: { status: string }) => status === 'Cancelled';
    expect((await rowWhen(tasks, fresh.taskId, isOver)).taskId).toBe(fresh.taskId);
    expect((await tasks.getTask(old.taskId, call)).status).toBe('Running');
  });

  test('a forced kill leaves a row that knows neither its key nor its time', async () => {
    const { execId, taskId } = await running();
    script({ endpoint: 'kill', do: 'forgetTask' });
    await tasks.kill(execId, { taskId }, call);
    const row = await tasks.getTask(taskId, call);
    expect(row).toMatchObject({ status: 'Cancelled', source: {} });
    expect(row.costTimeMs).toBeUndefined();
    expect(linkis.tasks()).toMatchObject([{ isBusy: true, source: { key: 'mine' } }]);
  });

  test('a kill that lies is believed by nobody who reads the row', async () => {
    const { execId, taskId } = await running();
    script({ endpoint: 'kill', do: 'pretend' });
    await tasks.kill(execId, { taskId }, call);
    expect((await tasks.getTask(taskId, call)).status).toBe('Running');
  });

  test('a submit that was cut off takes effect after the next one: a twin by its key', async () => {
    script({ endpoint: 'submit', calls: [1], do: 'late', afterCallOf: 'submit' });
    const cut = await failure(tasks.submit(slow, call), TransportError);
    expect(cut).toMatchObject({ code: 'Transport.Reset', sent: 'maybe' });
    expect((await tasks.listTasks({}, call)).total).toBe(0);
    await tasks.submit(slow, call);
    while (linkis.tasks().length < 2) await sleep(10);
    const { tasks: rows } = await tasks.listTasks({}, call);
    expect(rows.map(({ source }) => source.key)).toEqual(['mine', 'mine']);
  });

  test('a log that falls back says so by fromLine, and its pages are whole again', async () => {
    const { execId } = await ranTask(tasks, 'select 1');
    const whole = await tasks.log(execId, { fromLine: 0 }, call);
    script({ endpoint: 'log', calls: [2], do: 'logReset' });
    await tasks.log(execId, { fromLine: 0, size: 3 }, call);
    const reset = await tasks.log(execId, { fromLine: 3 }, call);
    expect([reset.fromLine, reset.lines.length]).toEqual([0, 1]);
    expect(await tasks.log(execId, { fromLine: 0 }, call)).toEqual(whole);
  });

  test('a gap shows in no page, only in the log file', async () => {
    const { execId, row } = await ranTask(tasks, 'select 1');
    const whole = await tasks.log(execId, { fromLine: 0 }, call);
    script({ endpoint: 'log', do: 'logGap', lines: 2 });
    const gap = await tasks.log(execId, { fromLine: 0 }, call);
    expect(gap).toMatchObject({ fromLine: whole.fromLine, lines: whole.lines.slice(2) });
    expect((await tasks.openLog(row.logPath!, call)).lines).toEqual(whole.lines);
  });

  test('a login page is no answer, and a submit that met one may have been taken', async () => {
    script({ endpoint: '*', do: 'loginPage' });
    const error = await failure(tasks.submit(slow, call), RemoteServiceError);
    expect(error).toMatchObject({ code: 'Wire.UnexpectedShape', sent: 'maybe' });
    await failure(tasks.listTasks({}, call), RemoteServiceError);
  });

  test('JSON that calls itself text is read all the same', async () => {
    script({ endpoint: '*', do: 'contentType' });
    const { taskId } = await ranTask(tasks, 'select 1');
    expect((await tasks.getTask(taskId, call)).status).toBe('Succeed');
  });
});

describe('SQLFlow', () => {
  let sqlflow: LocalSqlFlow;
  let lineage: SqlFlowClient;
  beforeEach(async () => {
    sqlflow = await LocalSqlFlow.start({ jobDelayMs: 0 });
    lineage = sqlflowClient(sqlflow);
    await lineage.generateToken(signal);
  });
  afterEach(() => sqlflow.close());

  const script = (...faults: Fault[]) => sqlflow.service.setFaults({ faults });
  const sent = (sql: string) => ({
    dbVendor: 'dbvhive',
    jobName: 'key-1',
    files: [file('a.sql', sql)],
  });
  const ended = async () => {
    const { jobId } = await lineage.submitUserJob(sent('select a from b'), signal);
    return endedJob(lineage, jobId);
  };

  test('an older status, an unknown word and a missing job are told apart', async () => {
    const { jobId } = await ended();
    script({ endpoint: 'displayUserJobSummary', do: 'staleStatus', looks: 1 });
    const look = async () => (await lineage.displayUserJobSummary({ jobId }, signal)).status;
    expect([await look(), await look()]).toEqual(['process', 'success']);
    script({ endpoint: '*', do: 'showStatus', status: 'archived' });
    expect(sqlflowStatus(await look())).toBe('unknown');
    script({ endpoint: '*', do: 'missJob' });
    expect(await lineage.displayUserJobsSummary(signal)).toMatchObject({ total: 0, jobs: [] });
    await failure(look(), VendorError);
  });

  test('a resubmit whose reply is lost, and whose job still shows its last success', async () => {
    const chain = sent('-- local: delay 200ms\ninsert into o select a from t');
    const { jobId } = await lineage.submitPersistJob(chain, signal);
    const before = await endedJob(lineage, jobId);
    script(
      { endpoint: 'submitPersistJob', calls: [1], when: 'after', do: 'reset' },
      { endpoint: '*', do: 'staleSuccess', looks: 2 },
    );
    await failure(lineage.submitPersistJob({ ...chain, jobId }, signal), TransportError);
    expect(sqlflow.jobs()).toMatchObject([{ jobId, revision: 2 }]);
    const stale = await lineage.displayUserJobSummary({ jobId }, signal);
    expect(stale).toEqual(before);
    await lineage.displayUserJobsSummary(signal);
    const fresh = await endedJob(lineage, jobId);
    expect(fresh.sessionId).not.toBe(before.sessionId);
    expect(fresh.subJobs).toHaveLength(2);
  });

  test('a resubmit may answer another jobId', async () => {
    const { jobId } = await lineage.submitPersistJob(sent('select a from b'), signal);
    await endedJob(lineage, jobId);
    script({ endpoint: 'submitPersistJob', do: 'newJobId' });
    const next = await lineage.submitPersistJob({ ...sent('select 1'), jobId }, signal);
    expect(next.jobId).not.toBe(jobId);
    expect((await endedJob(lineage, next.jobId)).jobName).toBe('key-1');
  });

  test('a delete that lies leaves the job in the list', async () => {
    const { jobId } = await ended();
    script({ endpoint: 'deleteUserJob', do: 'pretend' });
    expect(await lineage.deleteUserJob(jobId, signal)).toMatchObject({ status: 'delete' });
    expect((await lineage.displayUserJobsSummary(signal)).jobs).toMatchObject([{ jobId }]);
  });

  test("a quota is HTTP 429 with the time to wait, and the plan's is a licence matter", async () => {
    script({ endpoint: '*', do: 'quota', allowed: 1, periodMs: 60_000 });
    await lineage.displayUserJobsSummary(signal);
    const limited = await failure(lineage.displayUserJobsSummary(signal), HttpError);
    expect(limited).toMatchObject({ code: 'Http.429', sent: 'no' });
    expect(limited.retryAfterMs).toBeGreaterThan(30_000);
    script({ endpoint: '*', do: 'quota', allowed: 1, code: 426 });
    await lineage.displayUserJobsSummary(signal);
    const refused = await failure(lineage.displayUserJobsSummary(signal), VendorError);
    expect(refused).toMatchObject({ kind: 'licence', vendorCode: 426 });
  });

  test('an upload that was cut off takes effect after the next one: a twin by its name', async () => {
    script({ endpoint: 'submitUserJob', calls: [1], do: 'late', afterCallOf: 'submitUserJob' });
    const cut = await failure(
      lineage.submitUserJob(sent('select a from b'), signal),
      TransportError,
    );
    expect(cut.sent).toBe('maybe');
    expect((await lineage.displayUserJobsSummary(signal)).total).toBe(0);
    await lineage.submitUserJob(sent('select a from b'), signal);
    while (sqlflow.jobs().length < 2) await sleep(10);
    const { jobs } = await lineage.displayUserJobsSummary(signal);
    expect(jobs.map(({ jobName }) => jobName)).toEqual(['key-1', 'key-1']);
    for (const { jobId } of jobs) await endedJob(lineage, jobId);
    expect(
      await text((await lineage.exportFullLineageAsCsv(jobs[0]!.jobId, {}, signal)).body),
    ).toMatch(/source_db/);
  });

  test('a login page in place of a list is an error, not an empty list', async () => {
    script({ endpoint: 'displayUserJobsSummary', do: 'loginPage' });
    const error = await failure(lineage.displayUserJobsSummary(signal), RemoteServiceError);
    expect(error).toMatchObject({ code: 'Wire.UnexpectedShape' });
  });
});
