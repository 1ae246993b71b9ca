import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import {
  HttpError,
  RemoteServiceError,
  TransportError,
  VendorError,
  type LinkisClient,
} from '../../src/clients/linkis/public';
import { checkedExport, type SqlFlowClient } from '../../src/clients/sqlflow/public';
import type { Fault } from '../../src/local/http/fault';
import type { LocalService } from '../../src/local/http/service';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { until } from '../support/until';
import {
  call,
  closeClients,
  endedJob,
  failure,
  type ErrorClass,
  file,
  linkisClient,
  ranTask,
  signal,
  spark,
  sqlflowClient,
} from './support';

let sqlflow: LocalSqlFlow;
let linkis: LocalLinkis;
let lineage: SqlFlowClient;
let tasks: LinkisClient;
let loggedIn: LinkisClient;

beforeAll(async () => {
  [sqlflow, linkis] = await Promise.all([
    LocalSqlFlow.start({ jobDelayMs: 0 }),
    LocalLinkis.start(),
  ]);
  lineage = sqlflowClient(sqlflow);
  tasks = linkisClient(linkis);
  loggedIn = linkisClient(linkis, { credential: { password: 'hadoop' } });
  await Promise.all([lineage.generateToken(signal), loggedIn.login(signal)]);
});
afterEach(() => {
  sqlflow.service.setFaults(undefined);
  linkis.service.setFaults(undefined);
});
afterAll(async () => {
  await closeClients();
  await Promise.all([sqlflow.close(), linkis.close()]);
});

let jobs = 0;
function submitJob(client = lineage) {
  const files = [file('a.sql', 'select a from b')];
  return client.submitUserJob({ jobName: `job ${++jobs}`, dbVendor: 'dbvhive', files }, signal);
}

interface Subject {
  readonly name: string;
  readonly endpoint: string;
  service(): LocalService;
  submit(): Promise<unknown>;
  /** How many jobs the service holds. */
  count(): Promise<number>;
}

const subjects: readonly Subject[] = [
  {
    name: 'SQLFlow',
    endpoint: 'submitUserJob',
    service: () => sqlflow.service,
    submit: () => submitJob(),
    count: async () => (await lineage.displayUserJobsSummary(signal)).total,
  },
  {
    name: 'Linkis',
    endpoint: 'submit',
    service: () => linkis.service,
    submit: () => tasks.submit({ ...spark, code: 'select 1' }, call),
    count: async () => (await tasks.listTasks({}, call)).total,
  },
];

type Expected = Readonly<Record<string, unknown>>;

/** What each fault must come to, whichever service it hits. */
const outcomes: readonly (readonly [Partial<Fault>, ErrorClass<RemoteServiceError>, Expected])[] = [
  [{ do: 'status', status: 413 }, HttpError, { code: 'Http.413', sent: 'no' }],
  [
    { do: 'status', status: 429, retryAfter: 5 },
    HttpError,
    { code: 'Http.429', sent: 'no', retryAfterMs: 5000 },
  ],
  [{ do: 'status', status: 500 }, HttpError, { code: 'Http.500', sent: 'maybe' }],
  [{ do: 'status', status: 502 }, HttpError, { code: 'Http.502', sent: 'maybe' }],
  [
    { do: 'status', status: 503, retryAfter: 2 },
    HttpError,
    { code: 'Http.503', sent: 'maybe', retryAfterMs: 2000 },
  ],
  [{ do: 'status', status: 504 }, HttpError, { code: 'Http.504', sent: 'maybe' }],
  [{ do: 'drop' }, TransportError, { code: 'Transport.Reset', sent: 'maybe' }],
  [{ do: 'reset' }, TransportError, { code: 'Transport.Reset', sent: 'maybe' }],
  [{ do: 'truncate' }, TransportError, { code: 'Transport.TruncatedBody', sent: 'maybe' }],
];

describe.each(subjects)('$name', ({ endpoint, service, submit, count }) => {
  test.each(outcomes)('a submit that meets %j is told so', async (fault, type, expected) => {
    service().setFaults({ faults: [{ endpoint, ...fault }] });
    const error = await failure(submit(), type);
    expect(error).toMatchObject(expected);
    expect(error.message).toContain(endpoint);
  });

  test.each(['drop', 'reset', 'truncate', 'status'])(
    'a submit that took effect and then met %s is never said to be unsent',
    async (action) => {
      const before = await count();
      service().setFaults({ faults: [{ endpoint, when: 'after', do: action }] });
      const error = await failure(submit(), RemoteServiceError);
      expect(error.sent).toBe('maybe');
      expect(await count()).toBe(before + 1);
    },
  );

  test("an error inside HTTP 200 is the service's own, with its code and words", async () => {
    const faults = [{ endpoint, do: 'error', code: 500, message: 'the disk is full' }];
    service().setFaults({ faults });
    const error = await failure(submit(), VendorError);
    expect(error).toMatchObject({
      kind: 'server',
      vendorCode: 500,
      httpStatus: 200,
      sent: 'maybe',
      serviceMessage: 'the disk is full',
    });
  });

  test('an answer that is neither JSON nor an error is unexpected, and may hide a job', async () => {
    for (const words of ['', '<html><title>Welcome</title></html>', '{"status":"fine"}']) {
      service().setFaults({
        faults: [{ endpoint, do: 'status', status: 200, text: words }],
      });
      const error = await failure(submit(), RemoteServiceError);
      expect(error).toMatchObject({ code: 'Wire.UnexpectedShape', sent: 'maybe' });
    }
  });
});

test('SQLFlow that is too busy says so in words, and its limit by a code', async () => {
  const busy = 'Sorry, the service is busy. Please try again later.';
  for (const fault of [
    { do: 'status', status: 200, text: busy },
    { do: 'error', code: 429, message: 'rate_limit_exceeded' },
  ]) {
    sqlflow.service.setFaults({ faults: [{ endpoint: 'submitUserJob', ...fault }] });
    expect(await failure(submitJob(), VendorError)).toMatchObject({ kind: 'busy' });
  }
});

test.each([
  [403, 'auth'],
  [410, 'refused'],
  [411, 'licence'],
  [417, 'licence'],
  [426, 'licence'],
])('SQLFlow code %d means %s', async (code, kind) => {
  sqlflow.service.setFaults({
    faults: [{ endpoint: 'displayUserJobsSummary', do: 'error', code, message: 'no' }],
  });
  const error = await failure(lineage.displayUserJobsSummary(signal), VendorError);
  expect(error).toMatchObject({ kind, vendorCode: code, sent: 'no' });
});

test.each([
  [12001, 'busy', 'maybe'],
  [20052, 'server', 'maybe'],
  [11002, 'auth', 'no'],
  [20007, 'refused', 'no'],
])('Linkis errCode %d means %s', async (errCode, kind, sent) => {
  const text = JSON.stringify({
    method: '/api/rest_j/v1/entrance/submit',
    status: 1,
    message: `errCode: ${errCode} ,desc: no ,ip: 10.0.0.1 ,port: 9104 ,serviceKind: entrance`,
    data: {},
  });
  linkis.service.setFaults({ faults: [{ endpoint: 'submit', do: 'status', status: 400, text }] });
  const error = await failure(tasks.submit({ ...spark, code: 'select 1' }, call), VendorError);
  expect(error).toMatchObject({ kind, vendorCode: errCode, httpStatus: 400, sent });
});

test('a token that expires in the middle of a job is renewed, once for each time', async () => {
  const made = () =>
    sqlflow.service.calls.filter(({ endpoint }) => endpoint === 'generateToken').length;
  const before = made();
  const { jobId } = await submitJob();
  await endedJob(lineage, jobId);
  const steps: Record<string, () => Promise<unknown>> = {
    submitUserJob: () => submitJob(),
    displayUserJobSummary: () => lineage.displayUserJobSummary({ jobId }, signal),
    exportLineageAsGraphml: async () =>
      text((await lineage.exportLineageAsGraphml(jobId, {}, signal)).body),
  };
  for (const [endpoint, step] of Object.entries(steps)) {
    sqlflow.service.setFaults({ faults: [{ endpoint, calls: [1], do: 'expireToken' }] });
    await step();
  }
  expect(made()).toBe(before + Object.keys(steps).length);
});

test('a session that expires in the middle of a task is renewed, once for each time', async () => {
  const made = () => linkis.service.calls.filter(({ endpoint }) => endpoint === 'login').length;
  const before = made();
  const { row, taskId } = await ranTask(loggedIn, 'select 1');
  const result = `${row.resultLocation}/_0.dolphin`;
  const steps: Record<string, () => Promise<unknown>> = {
    submit: () => loggedIn.submit({ ...spark, code: 'select 1' }, call),
    'jobhistory/get': () => loggedIn.getTask(taskId, call),
    resultsetToExcel: async () =>
      text(await loggedIn.resultsetToExcel(result, { type: 'csv' }, call)),
  };
  for (const [endpoint, step] of Object.entries(steps)) {
    linkis.service.setFaults({ faults: [{ endpoint, calls: [1], do: 'expireToken' }] });
    await step();
  }
  expect(made()).toBe(before + Object.keys(steps).length);
});

test('a credential that stays refused is tried twice and no more', async () => {
  const asked = (service: LocalService, name: string) =>
    service.calls.filter(({ endpoint }) => endpoint === name).length;
  const beforeJobs = asked(sqlflow.service, 'displayUserJobsSummary');
  sqlflow.service.setFaults({
    faults: [{ endpoint: 'displayUserJobsSummary', do: 'expireToken' }],
  });
  const noToken = await failure(lineage.displayUserJobsSummary(signal), VendorError);
  expect(noToken).toMatchObject({ kind: 'auth', sent: 'no' });
  expect(asked(sqlflow.service, 'displayUserJobsSummary')).toBe(beforeJobs + 2);

  linkis.service.setFaults({ faults: [{ endpoint: 'jobhistory/list', do: 'expireToken' }] });
  for (const [client, tries] of [
    [loggedIn, 2],
    [tasks, 1],
  ] as const) {
    const before = asked(linkis.service, 'jobhistory/list');
    const refused = await failure(client.listTasks({}, call), VendorError);
    expect(refused).toMatchObject({ kind: 'auth', sent: 'no' });
    expect(asked(linkis.service, 'jobhistory/list')).toBe(before + tries);
  }
});

test('a service that is down has got nothing', async () => {
  const gone = await LocalSqlFlow.start();
  await gone.close();
  const client = sqlflowClient(gone, { credential: { token: 'any' } });
  const error = await failure(submitJob(client), TransportError);
  expect(error).toMatchObject({ code: 'Transport.Connect', sent: 'no', reason: 'ECONNREFUSED' });
});

test('a service that hangs is given up in time, and may have taken the job', async () => {
  const token = await lineage.generateToken(signal);
  const hurried = sqlflowClient(sqlflow, { headersTimeoutMs: 300, credential: { token } });
  sqlflow.service.setFaults({ faults: [{ endpoint: 'submitUserJob', delayMs: 3_600_000 }] });
  const error = await failure(submitJob(hurried), TransportError);
  expect(error).toMatchObject({ code: 'Transport.Timeout', phase: 'headers', sent: 'maybe' });
});

test('an abort ends a call at once with its own reason', async () => {
  const reason = new Error('the user left');
  const controller = new AbortController();
  linkis.service.setFaults({ faults: [{ endpoint: 'submit', delayMs: 3_600_000 }] });
  const submitted = tasks.submit({ ...spark, code: 'select 1' }, { signal: controller.signal });
  await until(async () => linkis.service.heldCalls === 1);
  controller.abort(reason);
  await expect(submitted).rejects.toBe(reason);
});

test('an export whose error comes after its first bytes is never taken for whole', async () => {
  const { jobId } = await submitJob();
  await endedJob(lineage, jobId);
  const cut = '{"jobId":"1","code":200,"data":{"mode":"global","sqlflow":{"relationships":[';
  sqlflow.service.setFaults({
    faults: [{ endpoint: 'exportLineageAsJson', do: 'status', status: 200, text: cut }],
  });
  const read = async () => {
    for await (const _ of checkedExport(await lineage.exportLineageAsJson(jobId, {}, signal)));
  };
  await failure(read(), RemoteServiceError);
});

test('no error of any fault shows a credential, however it is printed', async () => {
  const canary = 'canary/secret+key&1';
  const own = sqlflowClient(sqlflow, { credential: { secretKey: canary } });
  const ours = linkisClient(linkis, { credential: { password: canary } });
  const spellings = [canary, encodeURIComponent(canary), JSON.stringify(canary).slice(1, -1)];
  const echo = `refused: ${spellings.join(' ')}`;
  const actions = [
    { do: 'status', status: 500, text: echo },
    { do: 'error', code: 500, message: echo },
    { do: 'expireToken' },
    { do: 'drop' },
    { do: 'truncate' },
  ];
  for (const action of actions) {
    for (const { service } of subjects) {
      service().setFaults({ faults: [{ endpoint: '*', ...action }] });
    }
    for (const ask of [() => own.displayUserJobsSummary(signal), () => ours.login(signal)]) {
      const error = await failure(ask(), RemoteServiceError);
      const printed = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
      for (const spelling of spellings) expect(printed).not.toContain(spelling);
    }
  }
});
