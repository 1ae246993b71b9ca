import {
  HttpError,
  InputError,
  VendorError,
  WireError,
  isEndpointAbsent,
  linkisStatus,
} from '../../../src/clients/linkis/public';
import { Gateway, call, execId, failure, fixture, says, saysData, saysText } from './gateway';

describe('Linkis jobhistory', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await Gateway.start();
  });
  afterAll(() => gateway.close());

  const row = () => JSON.parse(fixture('jobhistory-get')).data.task as Record<string, unknown>;
  const getTask = (taskId = '1946923') => gateway.client().getTask(taskId, call);
  const readRow = (more: Record<string, unknown>) => {
    gateway.answer(saysData({ task: { ...row(), ...more } }));
    return getTask();
  };

  it("reads a real server's row", async () => {
    gateway.answer(says('jobhistory-get'));
    expect(await getTask()).toEqual({
      taskId: '1946923',
      execId,
      strongerExecId: execId,
      status: 'Succeed',
      progress: 1,
      umUser: 'hadoop',
      executeUser: 'hadoop',
      engineType: 'spark',
      runType: 'sql',
      creator: 'remotejobs',
      executeApplicationName: 'spark',
      requestApplicationName: 'remotejobs',
      createdAtMs: 1786442400123,
      updatedAtMs: 1786442461456,
      costTimeMs: 61333,
      logPath: 'hdfs:///tmp/linkis/log/2026-08-11/remotejobs/hadoop/1946923.log',
      resultLocation: 'hdfs:///tmp/hadoop/linkis/2026-08-11/100000/remotejobs/1946923',
      source: {
        requestIP: '10.0.9.9',
        remoteJobsKey: 'prod/3f2a',
        scriptPath: 'file:///tmp/a<b.sql',
      },
      labels: {
        engineType: 'spark-2.4.3',
        userCreator: 'hadoop-remotejobs',
        codeType: 'sql',
      },
      params: {
        variable: { day: '2026-08-10' },
        configuration: {
          runtime: { 'jdbc.url': 'jdbc:mysql://db/x', 'jdbc.password': '[redacted]' },
          startup: {},
        },
      },
      canRetry: false,
      instance: '10.0.4.17:9104',
      engineInstance: '10.0.4.21:40012',
    });
    expect(gateway.last.path).toBe('/api/rest_j/v1/jobhistory/1946923/get');
  });

  it("reads the public page's row: other spellings, percent, text dates taken for UTC", async () => {
    gateway.answer(says('jobhistory-get-as-on-the-public-page'));
    const task = await getTask('1');
    expect(task).toMatchObject({
      taskId: '1',
      status: 'FAILED',
      progress: 0.1,
      createdAtMs: Date.UTC(2019, 0, 1, 0, 0, 0),
      updatedAtMs: Date.UTC(2019, 0, 1, 1, 0, 0),
      errorCode: '100',
      errorMessage: 'Task Failed with error code 100',
      params: { xxx: 'xxx' },
      source: { xxx: 'xxx' },
      labels: {},
    });
    expect(linkisStatus(task.status)).toBe('failed');
  });

  it('has neither exec id nor paths while the task is queued', async () => {
    gateway.answer(says('jobhistory-get-queued'));
    const task = await getTask('1946924');
    expect(task).toMatchObject({ taskId: '1946924', status: 'Inited', progress: 0 });
    expect(task.execId).toBeUndefined();
    expect(task.logPath).toBeUndefined();
    expect(task.resultLocation).toBeUndefined();
    expect(task.updatedAtMs).toBeUndefined();
  });

  it('names a task by the long exec id, which submit answered, and not by the short one', async () => {
    const short = 'remotejobs_hadoop_spark_21';
    expect((await readRow({ execId: short, strongerExecId: execId })).execId).toBe(execId);
    expect((await readRow({ execId: short, strongerExecId: null })).execId).toBe(short);
  });

  it('has an empty source after a forced kill, and where the text is broken or no object', async () => {
    gateway.answer(says('jobhistory-get-after-a-forced-kill'));
    expect(await getTask('1946925')).toMatchObject({ status: 'Cancelled', source: {} });
    for (const sourceJson of ['{"a":', '[1]', '"x"', '', 7]) {
      expect((await readRow({ sourceJson })).source).toEqual({});
    }
  });

  it('keeps values of source that are no text as JSON, and leaves nulls out', async () => {
    const sourceJson = '{"a":"x","n":3,"o":{"b":true},"none":null}';
    expect((await readRow({ sourceJson })).source).toEqual({ a: 'x', n: '3', o: '{"b":true}' });
  });

  it.each([
    [1786442400123, 1786442400123],
    ['1786442400123', 1786442400123],
    ['2026-08-11 10:00:00', Date.UTC(2026, 7, 11, 10)],
    ['2026-08-11T10:00:00.5', Date.UTC(2026, 7, 11, 10, 0, 0, 500)],
    ['2026-08-11T10:00:00+08:00', Date.UTC(2026, 7, 11, 2)],
    ['2026-08-11T10:00:00.000+0000', Date.UTC(2026, 7, 11, 10)],
    ['', undefined],
    [null, undefined],
    ['yesterday', undefined],
  ])('reads the time %j as %j', async (sent, read) => {
    expect((await readRow({ createdTime: sent })).createdAtMs).toBe(read);
  });

  it('finds the creator in the labels where the row has no application name', async () => {
    expect((await readRow({ requestApplicationName: null })).creator).toBe('remotejobs');
    expect((await readRow({ requestApplicationName: null, labels: null })).creator).toBe(undefined);
  });

  it('takes an error code of 0 for none', async () => {
    expect((await readRow({ errCode: 0 })).errorCode).toBeUndefined();
    expect((await readRow({ errCode: '' })).errorCode).toBeUndefined();
    expect((await readRow({ errCode: 21304 })).errorCode).toBe('21304');
  });

  it('says notFound for a task that is missing, in any of the ways a server has for it', async () => {
    gateway.answer(says('jobhistory-get-missing', 400));
    expect(await failure(getTask(), VendorError)).toMatchObject({ kind: 'notFound' });
    gateway.answer(saysData({ task: null }));
    expect(await failure(getTask(), VendorError)).toMatchObject({ kind: 'notFound' });
  });

  it("doesn't take another task's row for the one that was asked for", async () => {
    const error = await failure(readRow({ taskID: 1946924, status: 'Succeed' }), WireError);
    expect(error).toMatchObject({ field: 'data.task.taskID', expected: '1946923' });
    expect(await readRow({ taskID: '1946923' })).toMatchObject({ taskId: '1946923' });
  });

  it('refuses a row whose task id could never be asked for', async () => {
    for (const taskID of ['Succeed', '', 1.5, -1, 2 ** 70]) {
      const error = await failure(readRow({ taskID }), WireError);
      expect(error).toMatchObject({ field: 'data.task.taskID' });
    }
  });

  it('reads parameters that are nested too deep for any walk as none', async () => {
    const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const row = await readRow({ paramsJson: deep, sourceJson: deep });
    expect(row).toMatchObject({ params: undefined, source: {} });
  });

  it('names the field of a row that is wrong', async () => {
    const error = await failure(readRow({ status: null }), WireError);
    expect(error).toMatchObject({ field: 'data.task.status', found: 'null' });
  });

  it.each(['', 'abc', '1/../2', '-1'])('refuses "%s" for a task id', async (wrong) => {
    gateway.answer(says('jobhistory-get'));
    expect(await failure(gateway.client().getTask(wrong, call), InputError)).toMatchObject({
      field: 'taskId',
    });
    expect(gateway.received).toEqual([]);
  });

  it('lists a window of tasks, and their whole number from the field called totalPage', async () => {
    gateway.answer(says('jobhistory-list'));
    const page = await gateway.client().listTasks(
      {
        startDateMs: 1786442000000,
        endDateMs: 1786443000000,
        status: ['Running', 'Inited'],
        creator: 'remotejobs',
        isAdminView: false,
        pageNow: 2,
        pageSize: 2,
      },
      call,
    );
    expect(page.total).toBe(43);
    expect(page.tasks).toMatchObject([
      { taskId: '1946925', status: 'Failed', errorCode: '21304' },
      { taskId: '1946923', status: 'Succeed' },
    ]);
    expect(gateway.last.path).toBe('/api/rest_j/v1/jobhistory/list');
    expect(gateway.last.query).toEqual({
      startDate: '1786442000000',
      endDate: '1786443000000',
      status: 'Running,Inited',
      creator: 'remotejobs',
      isAdminView: 'false',
      pageNow: '2',
      pageSize: '2',
    });
  });

  it('never asks for pageSize 0, which would answer every row', async () => {
    gateway.answer(says('jobhistory-list'));
    const client = gateway.client();
    expect(await failure(client.listTasks({ pageSize: 0 }, call), InputError)).toMatchObject({
      field: 'pageSize',
    });
    await client.listTasks({}, call);
    expect(gateway.last.query).toEqual({ pageNow: '1', pageSize: '20' });
  });

  it('asks for up to 30 tasks at once', async () => {
    gateway.answer(says('list-taskids'));
    const client = gateway.client();
    const tasks = await client.listTaskIds(['1946925', '1946923', '999'], call);
    expect(gateway.last).toMatchObject({
      path: '/api/rest_j/v1/jobhistory/list-taskids',
      query: { taskID: '1946925,1946923,999' },
    });
    expect(tasks).toMatchObject([
      { taskId: '1946925', status: 'Running', progress: 0.5 },
      { taskId: '1946923', status: 'Succeed' },
    ]);
    const tooMany = Array.from({ length: 31 }, (_, id) => String(id));
    const error = await failure(client.listTaskIds(tooMany, call), InputError);
    expect(error.message).toBe('taskIds has 31 ids; give at most 30');
    expect(await client.listTaskIds([], call)).toEqual([]);
    expect(gateway.received).toHaveLength(1);
  });

  it('tells that a server before 1.7 has no list-taskids', async () => {
    gateway.answer(says('spring-404', 404));
    const error = await failure(gateway.client().listTaskIds(['1'], call), HttpError);
    expect(error).toMatchObject({ status: 404, serviceMessage: 'Not Found' });
    expect(isEndpointAbsent(error)).toBe(true);
    gateway.answer(saysText('{"status":1,"message":"nope","data":null}', 400));
    const refused = await failure(gateway.client().listTaskIds(['1'], call), VendorError);
    expect(isEndpointAbsent(refused)).toBe(false);
  });
});
