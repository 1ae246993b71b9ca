import { setTimeout as sleep } from 'node:timers/promises';
import {
  HttpError,
  InputError,
  isEndpointAbsent,
  isTerminalLinkisStatus,
  linkisStatus,
  VendorError,
  type LinkisClient,
  type LinkisLogPage,
} from '../../src/clients/linkis/public';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import {
  call,
  closeClients,
  failure,
  linkisClient,
  ranTask,
  rowWhen,
  signal,
  spark,
} from './support';

let linkis: LocalLinkis;
/** As Linkis was before 1.5. */
let older: LocalLinkis;
let byToken: LinkisClient;
let byPassword: LinkisClient;
let asOlder: LinkisClient;

beforeAll(async () => {
  [linkis, older] = await Promise.all([
    LocalLinkis.start({ maxConcurrentTasks: 2 }),
    LocalLinkis.start({
      behaviour: { logIndexBase: 0, killMethod: 'POST', listTaskIds: false, linkisNull: false },
    }),
  ]);
  byToken = linkisClient(linkis);
  byPassword = linkisClient(linkis, { credential: { password: 'hadoop' } });
  asOlder = linkisClient(older);
});
afterAll(async () => {
  await closeClients();
  await Promise.all([linkis.close(), older.close()]);
});

const everything = {
  ...spark,
  code: "select '${who}' as who, ${many} as many",
  variables: { who: 'you', many: 3 },
  runtime: { 'wds.linkis.jdbc.driver': 'none', flag: true },
  startup: { 'spark.executor.memory': '1g', cores: 2 },
  source: { scriptPath: '/etl/<daily>.sql', ownKey: 'a "quoted" value & 😀' },
  labels: { executeOnce: true, jobRunningTimeout: 600 },
  creator: 'etl',
} as const;

async function firstRows(client: LinkisClient, location: string | undefined) {
  const [file] = await client.getDirFileTrees(location ?? '', call);
  return (await client.openFile(file?.path ?? '', {}, call)).rows;
}

test.each(['submit', 'execute'] as const)(
  '%s carries everything that a caller may say',
  async (form) => {
    const submitted =
      form === 'submit'
        ? await byToken.submit(everything, call)
        : await byToken.execute(
            { ...everything, executeApplicationName: 'spark', requestApplicationName: 'etl' },
            call,
          );
    expect(submitted.taskId).toMatch(/^\d+$/);
    const row = await rowWhen(byToken, submitted.taskId, (r) => isTerminalLinkisStatus(r.status));
    expect(row).toMatchObject({
      status: 'Succeed',
      execId: submitted.execId,
      umUser: 'hadoop',
      creator: 'etl',
      runType: 'sql',
      progress: 1,
      source: { ...everything.source, requestIP: '127.0.0.1' },
      labels: { engineType: 'spark-2.4.3', userCreator: 'hadoop-etl', executeOnce: 'true' },
      params: {
        variable: { who: 'you', many: '3' },
        configuration: {
          runtime: { flag: 'true' },
          startup: { 'spark.executor.memory': '1g', cores: '2' },
        },
      },
    });
    expect(await firstRows(byToken, row.resultLocation)).toEqual([['you', '3']]);
  },
);

test('a query that fails is told with its code and the words of the engine', async () => {
  const { row } = await ranTask(byToken, 'select * from no_such_table');
  expect(linkisStatus(row.status)).toBe('failed');
  expect(row.errorCode).toMatch(/^\d{5}$/);
  expect(row.errorMessage).toContain('no_such_table');
});

test('a password and a token are worth the same, and a token acts for others', async () => {
  await byPassword.login(signal);
  const { taskId } = await ranTask(byPassword, 'select 1');
  expect((await byToken.getTask(taskId, call)).taskId).toBe(taskId);
  const asAlice = { signal, user: 'alice' };
  const { taskId: others } = await byToken.submit({ ...spark, code: 'select 1' }, asAlice);
  expect((await byToken.getTask(others, asAlice)).umUser).toBe('alice');
  expect(await failure(byToken.getTask(others, call), VendorError)).toMatchObject({
    kind: 'notFound',
    sent: 'no',
  });
  await failure(byPassword.getTask(others, asAlice), InputError);
});

test('wrong credentials are told as such, without them', async () => {
  const canary = 'canary-wrong-credential';
  for (const credential of [{ password: canary }, { token: canary }]) {
    const client = linkisClient(linkis, { credential });
    const error = await failure(client.getTask('1', call), VendorError);
    expect(error).toMatchObject({ kind: 'auth', sent: 'no' });
    expect(error.message).not.toContain(canary);
  }
});

test('a session that has run out is renewed once for all calls at once', async () => {
  const brief = await LocalLinkis.start();
  try {
    const client = linkisClient(brief, { credential: { password: 'hadoop' } });
    const logins = () => brief.service.calls.filter(({ endpoint }) => endpoint === 'login').length;
    const askTenTimes = () =>
      Promise.all(Array.from({ length: 10 }, () => client.listTasks({}, call)));
    await askTenTimes();
    expect(logins()).toBe(1);
    brief.service.setFaults({
      faults: [{ endpoint: 'jobhistory/list', calls: [1], do: 'expireToken' }],
    });
    await askTenTimes();
    expect(logins()).toBe(2);
  } finally {
    await brief.close();
  }
});

test('status, progress and resources tell of a task that runs, and of its end', async () => {
  const code = '-- local: delay 1m\nselect 1;\n-- local: delay 1m\nselect 2';
  const { execId, taskId } = await byToken.submit({ ...spark, code }, call);
  await rowWhen(byToken, taskId, ({ status }) => status === 'Running');
  expect(linkisStatus((await byToken.status(execId, { taskId }, call)).status)).toBe('running');
  const seen = new Set<number>();
  for (;;) {
    const [plain, rich] = await Promise.all([
      byToken.progress(execId, call),
      byToken.progressWithResource(execId, call),
    ]);
    if (plain.progress === 1) break;
    seen.add(plain.progress ?? -1);
    if ((rich.progress ?? 1) < 1) {
      expect(rich.resources?.applications[0]).toMatchObject({ applicationId: expect.any(String) });
      expect(rich.tasks[0]).toMatchObject({ total: 2, running: 1 });
    }
    if (seen.size > 1) linkis.endDelays();
    await sleep(20);
  }
  expect(seen.size).toBeGreaterThan(1);
  expect([...seen].every((progress) => progress >= 0 && progress < 1)).toBe(true);
  await rowWhen(byToken, taskId, ({ status }) => status === 'Succeed');
  expect((await byToken.status(execId, {}, call)).status).toBe('Succeed');
});

/** Reads a live log to its end in pages of a few lines, as the contract's recipe does. */
async function wholeLog(
  client: LinkisClient,
  submitted: { execId: string; taskId: string },
  distinctLevel: boolean,
): Promise<LinkisLogPage[]> {
  const pages: LinkisLogPage[] = [];
  for (let fromLine = 0; ;) {
    const { status } = await client.getTask(submitted.taskId, call);
    const page = await client.log(submitted.execId, { fromLine, size: 4, distinctLevel }, call);
    if (page.lines.length > 0) pages.push(page);
    if (page.fromLine === fromLine && isTerminalLinkisStatus(status)) return pages;
    fromLine = page.fromLine;
  }
}

test.each([
  ['1, as from 1.6 on', true, () => byToken],
  ['1, as from 1.6 on', false, () => byToken],
  ['0, as up to 1.5', true, () => asOlder],
  ['0, as up to 1.5', false, () => asOlder],
])(
  'a live log that counts from %s is read to its end (by level: %s) and is the persisted one',
  async (base, distinctLevel, client) => {
    const code = '-- local: delay 200ms\nselect 1;\nselect 2;\nselect 3';
    const submitted = await client().submit({ ...spark, code }, call);
    const pages = await wholeLog(client(), submitted, distinctLevel);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.every(({ byLevel }) => (byLevel !== undefined) === distinctLevel)).toBe(true);
    const { logPath } = await client().getTask(submitted.taskId, call);
    const { lines: persisted } = await client().openLog(logPath ?? '', call);
    const live = pages.flatMap(({ lines }) => lines);
    // From 1.6 on one line comes twice, at the first page boundary.
    if (base.startsWith('1')) live.splice(pages[0]?.lines.length ?? 0, 1);
    expect(live).toEqual(persisted);
  },
);

test('errors stand in the part of a log that is theirs', async () => {
  const { execId, row } = await ranTask(byToken, 'select * from no_such_table');
  const page = await byToken.log(execId, { fromLine: 0, size: -1 }, call);
  const persisted = await byToken.openLog(row.logPath ?? '', call);
  for (const { byLevel, lines } of [page, persisted]) {
    expect(byLevel?.error.join()).toContain('no_such_table');
    expect(byLevel?.info.length).toBeGreaterThan(0);
    expect(lines.length).toBeGreaterThanOrEqual(byLevel?.info.length ?? Infinity);
  }
});

test('what an entrance does not hold has neither log nor progress', async () => {
  const gone = 'exec_id018016linkis-cg-entrance127.0.0.1:9104etl_hadoop_spark_4711';
  for (const asked of [
    byToken.log(gone, { fromLine: 0 }, call),
    byToken.progress(gone, call),
    byToken.progressWithResource(gone, call),
    byToken.status(gone, {}, call),
    byToken.kill(gone, {}, call),
  ]) {
    expect(await failure(asked, VendorError)).toMatchObject({ sent: 'no' });
  }
  // A trap of the service: jobhistory decides, not this.
  expect((await byToken.status(gone, { taskId: '999999' }, call)).status).toBe('Cancelled');
});

const long = { ...spark, code: '-- local: delay 600s\nselect 1' };

test.each([
  ['GET', () => byToken],
  ['POST, after GET was refused', () => asOlder],
])('a running task is killed by %s', async (_method, client) => {
  const { execId, taskId } = await client().submit(long, call);
  await rowWhen(client(), taskId, ({ status }) => status === 'Running');
  await client().kill(execId, { taskId }, call);
  expect(linkisStatus((await client().getTask(taskId, call)).status)).toBe('cancelled');
});

test('kills by POST are a second try, and by GET the only one', () => {
  const methods = ({ service }: LocalLinkis) =>
    service.calls.filter(({ path }) => path.endsWith('/kill')).map(({ method }) => method);
  expect(new Set(methods(linkis))).toEqual(new Set(['GET']));
  expect(methods(older)).toEqual(['GET', 'POST']);
});

test('a queued task has no execId in its row, and is killed by the one that submit answered', async () => {
  const running = await Promise.all([byToken.submit(long, call), byToken.submit(long, call)]);
  const queued = await byToken.submit(long, call);
  const row = await byToken.getTask(queued.taskId, call);
  expect(linkisStatus(row.status)).toBe('queued');
  expect(row.execId).toBeUndefined();
  await byToken.kill(queued.execId, { taskId: queued.taskId }, call);
  expect((await byToken.getTask(queued.taskId, call)).status).toBe('Cancelled');
  for (const { execId, taskId } of running) await byToken.kill(execId, { taskId }, call);
});

test('a finished task refuses a kill, a cancelled one takes it once more', async () => {
  const finished = await ranTask(byToken, 'select 1');
  const refused = await failure(
    byToken.kill(finished.execId, { taskId: finished.taskId }, call),
    VendorError,
  );
  expect(refused).toMatchObject({ sent: 'no', httpStatus: 400 });
  const cancelled = await byToken.submit(long, call);
  const hint = { taskId: cancelled.taskId };
  await byToken.kill(cancelled.execId, hint, call);
  await byToken.kill(cancelled.execId, hint, call);
  expect((await byToken.getTask(cancelled.taskId, call)).status).toBe('Cancelled');
});

test("somebody else's task can't be killed", async () => {
  const { execId, taskId } = await byToken.submit(long, call);
  const asAlice = { signal, user: 'alice' };
  const refused = await failure(byToken.kill(execId, { taskId }, asAlice), VendorError);
  expect(refused.serviceMessage).toContain('permission');
  expect((await byToken.getTask(taskId, call)).status).not.toBe('Cancelled');
  await byToken.kill(execId, { taskId }, call);
});

test('jobhistory lists what a filter asks for, newest first, in pages with the count of all', async () => {
  const startDateMs = Date.now();
  const creator = 'listing';
  const taskIds: string[] = [];
  for (let i = 0; i < 5; i++) {
    const code = i === 2 ? 'select * from no_such_table' : `select ${i}`;
    taskIds.push((await ranTask(byToken, code, { creator })).taskId);
  }
  const window = { startDateMs, endDateMs: Date.now() + 1000, creator };
  const page = async (pageNow: number) =>
    byToken.listTasks({ ...window, pageNow, pageSize: 2 }, call);
  const [first, last, beyond] = [await page(1), await page(3), await page(9)];
  const newestFirst = taskIds.toReversed();
  expect(first).toMatchObject({ total: 5 });
  expect(first.tasks.map((task) => task.taskId)).toEqual(newestFirst.slice(0, 2));
  expect(last.tasks.map((task) => task.taskId)).toEqual(newestFirst.slice(4));
  // The trap that makes the count the only end.
  expect(beyond.tasks.map((task) => task.taskId)).toEqual(newestFirst.slice(4));
  const failed = await byToken.listTasks({ ...window, status: ['Failed', 'Timeout'] }, call);
  expect(failed.tasks.map((task) => task.taskId)).toEqual([taskIds[2]]);
  const one = await byToken.listTasks({ taskId: taskIds[1] }, call);
  expect(one.tasks.map((task) => task.taskId)).toEqual([taskIds[1]]);
  expect((await byToken.listTasks({ ...window, endDateMs: startDateMs - 1 }, call)).total).toBe(0);
});

test('rows by their ids leave out missing ones; a server without that says so', async () => {
  const { taskId } = await ranTask(byToken, 'select 1');
  const rows = await byToken.listTaskIds([taskId, '999999'], call);
  expect(rows.map((row) => [row.taskId, row.status])).toEqual([[taskId, 'Succeed']]);
  const tooMany = Array.from({ length: 31 }, (_, index) => String(index + 1));
  await failure(byToken.listTaskIds(tooMany, call), InputError);
  const absent = await failure(asOlder.listTaskIds(['1'], call), HttpError);
  expect(isEndpointAbsent(absent)).toBe(true);
});

test('a row that is missing is told as such', async () => {
  const missing = await failure(byToken.getTask('999999', call), VendorError);
  expect(missing).toMatchObject({ kind: 'notFound', sent: 'no' });
  expect(isEndpointAbsent(missing)).toBe(false);
});

test('what the service refuses is told in its words; what would stall it is not sent', async () => {
  const unknown = await failure(
    byToken.submit({ ...spark, engine: 'flunk-1.0', code: 'select 1' }, call),
    VendorError,
  );
  expect(unknown).toMatchObject({ kind: 'refused', sent: 'no' });
  const onlyComment = await failure(
    byToken.submit({ ...spark, code: '-- nothing' }, call),
    VendorError,
  );
  expect(onlyComment).toMatchObject({ vendorCode: 20007 });
  const before = linkis.service.calls.length;
  const wrong = [
    { ...spark, code: ' ' },
    { ...spark, code: 'select 1', source: { number: 1 as unknown as string } },
    { ...spark, code: 'select 1', creator: 'LINKISCLI' },
    { ...spark, code: 'select 1', variables: { n: Number.NaN } },
  ];
  for (const task of wrong) await failure(byToken.submit(task, call), InputError);
  expect(linkis.service.calls.length).toBe(before);
});
