import {
  HttpError,
  InputError,
  TransportError,
  VendorError,
  WireError,
  creatorWarning,
} from '../../../src/clients/linkis/public';
import { Gateway, call, failure, saysData, saysText, says } from './gateway';

describe('submitting a Linkis task', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await Gateway.start();
  });
  afterAll(() => gateway.close());

  const task = { code: 'show tables', engine: 'spark-2.4.3', runType: 'sql' };

  it('sends everything that the public page lets a caller say, in the form of 1.x', async () => {
    gateway.answer(says('submit'));
    const submitted = await gateway.client().submit(
      {
        ...task,
        creator: 'etl',
        variables: { testvar: 'hello', n: 3 },
        runtime: { 'jdbc.url': 'XX', strict: true },
        startup: { 'spark.executor.cores': '4' },
        source: { scriptPath: 'file:///tmp/hadoop/test.sql' },
        labels: { jobRunningTimeout: 60 },
      },
      call,
    );
    expect(submitted).toEqual({
      execId: expect.stringContaining('remotejobs_hadoop_spark_21'),
      taskId: '1946923',
    });
    expect(gateway.last).toMatchObject({ method: 'POST', path: '/api/rest_j/v1/entrance/submit' });
    expect(JSON.parse(gateway.last.body)).toEqual({
      executionContent: { code: 'show tables', runType: 'sql' },
      params: {
        variable: { testvar: 'hello', n: '3' },
        configuration: {
          runtime: { 'jdbc.url': 'XX', strict: 'true' },
          startup: { 'spark.executor.cores': '4' },
        },
      },
      source: { scriptPath: 'file:///tmp/hadoop/test.sql' },
      labels: { engineType: 'spark-2.4.3', userCreator: 'hadoop-etl', jobRunningTimeout: '60' },
    });
  });

  it('sends the form of 0.x to execute, with application names by default or as given', async () => {
    gateway.answer(says('execute-as-on-the-public-page'));
    const client = gateway.client();
    const submitted = await client.execute({ ...task, creator: 'etl' }, call);
    expect(submitted).toEqual({
      execId: '030418IDEhivebdpdwc010004:10087IDE_hadoop_21',
      taskId: '123',
    });
    expect(gateway.last.path).toBe('/api/rest_j/v1/entrance/execute');
    expect(JSON.parse(gateway.last.body)).toEqual({
      executeApplicationName: 'spark',
      requestApplicationName: 'etl',
      executionCode: 'show tables',
      runType: 'sql',
      params: { variable: {}, configuration: { runtime: {}, startup: {} } },
      source: {},
      labels: { engineType: 'spark-2.4.3', userCreator: 'hadoop-etl' },
    });
    await client.execute(
      { ...task, executeApplicationName: 'hive', requestApplicationName: 'dss' },
      call,
    );
    expect(JSON.parse(gateway.last.body)).toMatchObject({
      executeApplicationName: 'hive',
      requestApplicationName: 'dss',
    });
  });

  it('never takes IDE for the creator by default, and says what IDE does', async () => {
    gateway.answer(says('submit'));
    await gateway.client().submit(task, call);
    expect(JSON.parse(gateway.last.body).labels.userCreator).toBe('hadoop-remotejobs');
    expect(creatorWarning('IDE')).toContain('limit 5000');
    expect(creatorWarning('etl')).toBeUndefined();
  });

  it('acts for another user in the header and in the label', async () => {
    gateway.answer(says('submit'));
    await gateway.client().submit(task, { ...call, user: 'alice' });
    expect(gateway.last.headers['token-user']).toBe('alice');
    expect(JSON.parse(gateway.last.body).labels.userCreator).toBe('alice-remotejobs');
  });

  it.each([
    ['code', { code: ' \n' }, 'code is blank'],
    ['engine', { engine: '' }, 'engine is blank'],
    ['runType', { runType: '' }, 'runType is blank'],
    ['creator', { creator: 'a-b' }, '"a-b" holds a "-"'],
    ['creator', { creator: 'LinkisCli' }, 'not asked for 30 seconds'],
    ['creator', { creator: 'BdpClient' }, 'not asked for 30 seconds'],
    ['source.retries', { source: { retries: 3 as never } }, 'is a number; give a text'],
    ['source.tags', { source: { tags: ['a'] as never } }, 'is a list of 1; give a text'],
    ['labels.userCreator', { labels: { userCreator: 'x-y' } }, 'use "creator"'],
    ['labels.engineType', { labels: { engineType: 'x' } }, 'use "engine"'],
    ['variables.n', { variables: { n: NaN } }, 'is NaN'],
    ['runtime.x', { runtime: { x: null as never } }, 'is null'],
    ['requestApplicationName', { requestApplicationName: '' }, 'is blank'],
  ])('refuses a wrong %s before anything is sent', async (field, wrong, words) => {
    gateway.answer(says('submit'));
    const error = await failure(gateway.client().submit({ ...task, ...wrong }, call), InputError);
    expect(error).toMatchObject({ field, sent: 'no' });
    expect(error.message).toContain(words);
    expect(gateway.received).toEqual([]);
  });

  it('waits longer for a submit than for other answers', async () => {
    const client = gateway.client({ headersTimeoutMs: 200, submitTimeoutMs: 20_000 });
    // undici looks at its time-outs about once a second.
    gateway.answer(
      (response, received) => {
        setTimeout(() => says('submit')(response, received), 1500);
      },
      () => undefined,
    );
    await expect(client.submit(task, call)).resolves.toMatchObject({ taskId: '1946923' });
    const timeout = await failure(client.status('e', {}, call), TransportError);
    expect(timeout).toMatchObject({ code: 'Transport.Timeout', sent: 'maybe' });
  });

  it('never takes an empty answer with HTTP 200 for a success', async () => {
    gateway.answer(saysText('', 200, { 'content-length': '0' }));
    const error = await failure(gateway.client().submit(task, call), WireError);
    expect(error).toMatchObject({ field: 'body', found: 'empty', sent: 'maybe' });
  });

  it('names the field that an answer lacks', async () => {
    gateway.answer(saysData({ execID: 'e' }));
    const error = await failure(gateway.client().submit(task, call), WireError);
    expect(error.message).toContain('POST /api/rest_j/v1/entrance/submit');
    expect(error).toMatchObject({ field: 'data.taskID', found: 'missing' });
  });

  it('tells a full queue from a refusal, and both from a failing service', async () => {
    const submit = () => gateway.client().submit(task, call);
    gateway.answer(says('submit-queue-full', 400));
    expect(await failure(submit(), VendorError)).toMatchObject({
      kind: 'busy',
      vendorCode: 12001,
      httpStatus: 400,
    });
    gateway.answer(says('submit-as-on-the-public-page-failed'));
    expect(await failure(submit(), VendorError)).toMatchObject({
      kind: 'refused',
      vendorCode: 20007,
      httpStatus: 200,
      sent: 'no',
    });
    gateway.answer(says('gateway-no-route'));
    expect(await failure(submit(), VendorError)).toMatchObject({
      kind: 'server',
      vendorCode: 1,
      httpStatus: 200,
    });
    gateway.answer(says('spring-500', 500));
    expect(await failure(submit(), HttpError)).toMatchObject({
      status: 500,
      serviceMessage: 'Internal Server Error',
      sent: 'maybe',
    });
  });

  it('keeps a password among the parameters out of an error that echoes it', async () => {
    const echo = '{"status":1,"message":"bad params: jdbc.password -> hunter2-secret","data":null}';
    gateway.answer(saysText(echo, 400));
    const submitted = gateway
      .client()
      .submit({ ...task, runtime: { 'jdbc.password': 'hunter2-secret' } }, call);
    const error = await failure(submitted, VendorError);
    expect(error.message).toContain('bad params');
    expect(error.message).not.toContain('hunter2');
  });
});
