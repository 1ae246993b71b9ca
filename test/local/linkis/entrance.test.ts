import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalLinkis } from '../../../src/local/linkis/local-linkis';
import {
  asAlice,
  call,
  closeAll,
  query,
  rowAtEnd,
  rowsOf,
  rowWhen,
  rowWithStatus,
  run,
  startLinkis,
  submit,
  taskBody,
} from './support';

/** Runs for minutes unless it is interrupted. */
const endless =
  'select count(*) from range(10000000) a cross join range(10000000) b where a.id * b.id % 7 = 3';

let linkis: LocalLinkis;
beforeAll(async () => {
  linkis = await startLinkis();
});
afterAll(closeAll);

const kill = (execID: string, taskID?: number, headers?: Record<string, string>) =>
  call(
    linkis,
    `/entrance/${encodeURIComponent(execID)}/kill${taskID === undefined ? '' : `?taskID=${taskID}`}`,
    { headers },
  );
const ask = (execID: string, what: string, parameters: Record<string, string | number> = {}) =>
  call(linkis, query(`/entrance/${encodeURIComponent(execID)}/${what}`, parameters));

describe('a task that runs', () => {
  test('leaves a result set for each statement that returns rows, and none for the others', async () => {
    const { row } = await run(
      linkis,
      'create table fruit (name string, n int); insert into fruit values ("apple", 1), ("fig", 2); select * from fruit order by n; select count(1) from fruit; drop table fruit',
    );
    expect(row).toMatchObject({ status: 'Succeed', progress: '1.0', errCode: null, errDesc: null });
    expect(await rowsOf(linkis, row.resultLocation, 0)).toEqual([
      ['apple', '1'],
      ['fig', '2'],
    ]);
    expect(await rowsOf(linkis, row.resultLocation, 1)).toEqual([['2']]);
    const tree = await call(
      linkis,
      query('/filesystem/getDirFileTrees', { path: row.resultLocation }),
    );
    expect(tree.data.dirFileTrees.children).toHaveLength(2);
  });

  test('gets its variables', async () => {
    const { row } = await run(linkis, "select '${day}' as d, ${n} as n, '${unknown}' as u", {
      variables: { day: '2026-01-02', n: 7 },
    });
    expect(await rowsOf(linkis, row.resultLocation)).toEqual([['2026-01-02', '7', '${unknown}']]);
  });

  test("fails with an error code and DuckDB's words", async () => {
    const { row } = await run(linkis, 'select 1; select * from nowhere; select 3');
    expect(row).toMatchObject({ status: 'Failed', errCode: 21304 });
    expect(row.errDesc).toContain('Table with name nowhere does not exist');
    const log = await call(linkis, query('/filesystem/openLog', { path: row.logPath }));
    expect(log.data.log[0]).toContain('Table with name nowhere does not exist');
  });

  test.each([
    ['python-python2', 'py'],
    ['spark-2.4.3', 'scala'],
    ['shell-1', 'shell'],
  ])(
    'fails on the engine %s for code of type %s, since only SQL runs here',
    async (engine, runType) => {
      const { row } = await run(linkis, 'print(1)', { engine, runType });
      expect(row.status).toBe('Failed');
      expect(row.errDesc).toContain(`runs SQL only: it can't run code of type ${runType}`);
    },
  );

  test('runs Hive and Presto code in their own dialect', async () => {
    const hive = await run(linkis, "select date_add('2026-01-01', 1)", {
      engine: 'hive-2.3.3',
      runType: 'hql',
    });
    expect(await rowsOf(linkis, hive.row.resultLocation)).toEqual([
      [expect.stringContaining('2026-01-02')],
    ]);
    const presto = await run(linkis, 'select approx_distinct(x) from (values 1, 2) t(x)', {
      engine: 'presto-0.234',
      runType: 'psql',
    });
    expect(await rowsOf(linkis, presto.row.resultLocation)).toEqual([['2']]);
  });

  test('moves its progress and its log while a delay passes, and never says more than 0.99', async () => {
    const { execID, taskID } = await submit(linkis, '-- local: delay 10s\nselect 1; select 2');
    await rowWithStatus(linkis, taskID, 'Running');
    const seen = new Set<number>();
    let fromLine = 0;
    let lines = 0;
    for (;;) {
      const { data } = await ask(execID, 'progressWithResource');
      const log = await ask(execID, 'log', { fromLine, size: 100 });
      fromLine = log.data.fromLine;
      lines = Math.max(lines, fromLine);
      if (data.progress === 1) break;
      seen.add(data.progress);
      expect(data.yarnMetrics.yarnResource[0]).toMatchObject({
        jobStatus: 'RUNNING',
        queue: 'default',
      });
      expect(data.progressInfo[0]).toMatchObject({ totalTasks: 2, runningTasks: 1 });
      if (seen.size > 2) linkis.endDelays();
      await sleep(20);
    }
    expect(seen.size).toBeGreaterThanOrEqual(3);
    expect(Math.max(...seen)).toBeLessThanOrEqual(0.99);
    const row = await rowAtEnd(linkis, taskID);
    // Two reports, 200 ms apart, came before the end.
    expect(row.costTime).toBeGreaterThanOrEqual(300);
    const whole = await call(linkis, query('/filesystem/openLog', { path: row.logPath }));
    expect(whole.data.log[2].match(/statement 1 of 2: \d+%/g).length).toBeGreaterThanOrEqual(2);
  });

  test('of the creator IDE is cut to 5000 rows; only the log says so', async () => {
    const code =
      'select * from range(6000); select * from range(10) limit 3; select * from range(9000) limit 8000';
    const { row, execID } = await run(linkis, code, { creator: 'IDE' });
    expect(await rowsOf(linkis, row.resultLocation, 0)).toHaveLength(5000);
    expect(await rowsOf(linkis, row.resultLocation, 1)).toHaveLength(3);
    expect(await rowsOf(linkis, row.resultLocation, 2)).toHaveLength(5000);
    expect((await ask(execID, 'log')).data.log[1]).toContain('DSS will add limit 5000');
    const list = await call(linkis, `/jobhistory/list?taskID=${row.taskID}`);
    expect(list.data.tasks[0].executionCode).toBe(code);
  });

  test('of another creator returns every row', async () => {
    const { row } = await run(linkis, 'select * from range(6000)');
    const path = `${row.resultLocation}/_0.dolphin`;
    const second = await call(linkis, query('/filesystem/openFile', { path, page: 2 }));
    expect(second.data).toMatchObject({ totalLine: 1000, totalPage: 0, page: 2 });
  });
});

describe('what submit refuses', () => {
  const refused = async (body: unknown) => {
    const answer = await call(linkis, '/entrance/submit', { body });
    expect(answer).toMatchObject({ http: 400, status: 1 });
    expect(answer.data.taskID).toBeUndefined();
    return answer.data.errorMsg.errCode as number;
  };

  test('empty code gets 20007 and leaves a Failed row', async () => {
    expect(await refused(taskBody('-- nothing\n'))).toBe(20007);
    const list = await call(linkis, '/jobhistory/list?pageSize=1');
    expect(list.data.tasks[0]).toMatchObject({ status: 'Failed', errCode: 20007, execId: null });
  });

  test('missing code gets 20010, missing labels 20008, an unknown engine 20009', async () => {
    expect(await refused({ ...taskBody(''), executionContent: { runType: 'sql' } })).toBe(20010);
    expect(await refused({ ...taskBody('select 1'), labels: undefined })).toBe(20008);
    expect(await refused({ ...taskBody('select 1'), labels: {} })).toBe(20009);
    expect(await refused(taskBody('select 1', { engine: 'sparkle-1' }))).toBe(20009);
  });

  test('a foreign user in the label gets 50080, a label without a creator 50079', async () => {
    expect(await refused(taskBody('select 1', { user: 'alice' }))).toBe(50080);
    expect(await refused(taskBody('select 1', { labels: { userCreator: 'hadoop' } }))).toBe(50079);
  });

  test('a source value that is not text gets 20011', async () => {
    expect(await refused(taskBody('select 1', { source: { key: 7 } }))).toBe(20011);
  });

  test('a POST without a body is answered with nothing and does nothing', async () => {
    const before = (await call(linkis, '/jobhistory/list')).data.totalPage;
    const answer = await call(linkis, '/entrance/submit', { method: 'POST' });
    expect(answer).toMatchObject({ http: 200, text: '' });
    expect(answer.headers.get('content-length')).toBe('0');
    expect((await call(linkis, '/jobhistory/list')).data.totalPage).toBe(before);
  });

  test('runType may come as the label codeType, and userCreator defaults to <user>-IDE', async () => {
    const answer = await call(linkis, '/entrance/submit', {
      body: {
        executionContent: { code: 'select 1' },
        labels: { engineType: 'spark-2.4.3', codeType: 'sql' },
      },
    });
    const row = await rowAtEnd(linkis, answer.data.taskID);
    expect(row).toMatchObject({ status: 'Succeed', runType: 'sql', requestApplicationName: 'IDE' });
  });
});

describe('kill', () => {
  test('interrupts the running query, and jobhistory says Cancelled at once', async () => {
    const { execID, taskID } = await submit(linkis, endless);
    await rowWhen(linkis, taskID, (row) => row.status === 'Running' && Number(row.progress) > 0);
    expect(await kill(execID, taskID)).toMatchObject({ http: 200, status: 0, data: { execID } });
    const { data } = await call(linkis, `/jobhistory/${taskID}/get`);
    expect(data.task.status).toBe('Cancelled');
    for (;;) if ((await ask(execID, 'status')).data.status === 'Cancelled') break;
  });

  test('ends a delay, and the statements after it never run', async () => {
    const { execID, taskID } = await submit(
      linkis,
      '-- local: delay 1m\nselect 1; create table late as select 1 as a',
    );
    await rowWithStatus(linkis, taskID, 'Running');
    await kill(execID);
    for (;;) if ((await ask(execID, 'status')).data.status === 'Cancelled') break;
    const { row } = await run(linkis, "show tables like 'late'");
    expect(await rowsOf(linkis, row.resultLocation)).toEqual([]);
  });

  test('of a finished task is refused, of a cancelled one accepted again', async () => {
    const done = await run(linkis, 'select 1');
    expect(await kill(done.execID)).toMatchObject({ http: 400, status: 1 });
    expect(await kill(done.execID, done.taskID)).toMatchObject({ http: 400, status: 1 });
    const { execID, taskID } = await submit(linkis, '-- local: delay 1m\nselect 1');
    await rowWithStatus(linkis, taskID, 'Running');
    await kill(execID);
    expect(await kill(execID)).toMatchObject({ http: 200, status: 0 });
  });

  test("of another user's task is refused for want of permission", async () => {
    const { execID, taskID } = await submit(linkis, '-- local: delay 1m\nselect 1');
    await rowWithStatus(linkis, taskID, 'Running');
    const answer = await kill(execID, taskID, asAlice);
    expect(answer).toMatchObject({ http: 400, status: 1 });
    expect(answer.message).toContain('no permission');
    await kill(execID, taskID);
  });

  test('is a GET; a POST gets 405 in the shape of Spring', async () => {
    const answer = await call(linkis, '/entrance/x/kill', { method: 'POST' });
    expect(answer.http).toBe(405);
    expect(JSON.parse(answer.text)).toMatchObject({
      status: 405,
      error: 'Method Not Allowed',
      path: '/api/rest_j/v1/entrance/x/kill',
    });
    expect(answer.data).toBeUndefined();
  });

  test('can be a POST only', async () => {
    const other = await startLinkis({ behaviour: { killMethod: 'POST' } });
    const { execID, taskID } = await submit(other, '-- local: delay 1m\nselect 1');
    await rowWithStatus(other, taskID, 'Running');
    const path = `/entrance/${execID}/kill`;
    expect((await call(other, path)).http).toBe(405);
    expect(await call(other, path, { method: 'POST' })).toMatchObject({ http: 200, status: 0 });
    expect((await rowAtEnd(other, taskID)).status).toBe('Cancelled');
  });

  test('of an execID that nobody holds is a forced kill: 200, and the row loses what it knew', async () => {
    const { execID, taskID } = await submit(linkis, '-- local: delay 1m\nselect 1', {
      source: { key: 'k' },
    });
    await rowWithStatus(linkis, taskID, 'Running');
    const answer = await kill(`${execID}999`, taskID, asAlice);
    expect(answer).toMatchObject({
      http: 200,
      status: 0,
      message: expect.stringContaining('Forced Kill'),
    });
    const { data } = await call(linkis, `/jobhistory/${taskID}/get`);
    expect(data.task).toMatchObject({
      status: 'Cancelled',
      sourceJson: null,
      metrics: null,
      costTime: null,
    });
    expect((await ask(execID, 'status')).data.status).toBe('Running'); // the engine runs on
    await kill(execID);
  });

  test('of something that never was is answered with 200 when it has a taskID, else refused', async () => {
    expect(await kill('exec_id_unknown', 999_999)).toMatchObject({ http: 200, status: 0 });
    expect(await kill('exec_id_unknown')).toMatchObject({ http: 400, status: 1 });
  });

  test('ignores taskID when the execID is in memory', async () => {
    const other = await run(linkis, 'select 1');
    const { execID, taskID } = await submit(linkis, '-- local: delay 1m\nselect 1');
    await rowWithStatus(linkis, taskID, 'Running');
    await kill(execID, other.taskID);
    expect((await rowAtEnd(linkis, taskID)).status).toBe('Cancelled');
    expect((await rowAtEnd(linkis, other.taskID)).status).toBe('Succeed');
  });

  test('takes several tasks at once, each with an answer of its own', async () => {
    const done = await run(linkis, 'select 1');
    const { execID, taskID } = await submit(linkis, '-- local: delay 1m\nselect 1');
    await rowWithStatus(linkis, taskID, 'Running');
    const answer = await call(linkis, `/entrance/${execID}/killJobs`, {
      body: { idList: [execID, done.execID], taskIDList: [taskID, done.taskID] },
    });
    expect(answer.data.messages.map(({ status }: { status: number }) => status)).toEqual([0, 1]);
    expect((await rowAtEnd(linkis, taskID)).status).toBe('Cancelled');
  });
});

describe('the queue', () => {
  test('keeps waiting tasks Inited without an execID, and kills them at once', async () => {
    const narrow = await startLinkis({ maxConcurrentTasks: 1 });
    const first = await submit(narrow, '-- local: delay 1m\nselect 1');
    await rowWithStatus(narrow, first.taskID, 'Running');
    const second = await submit(narrow, 'select 2');
    const third = await submit(narrow, 'select 3');
    const waiting = (await call(narrow, `/jobhistory/${second.taskID}/get`)).data.task;
    expect(waiting).toMatchObject({
      status: 'Inited',
      execId: null,
      logPath: null,
      resultLocation: null,
    });
    expect(waiting.strongerExecId).toMatch(/127\.0\.0\.1:9104null$/);
    await call(narrow, `/entrance/${second.execID}/kill?taskID=${second.taskID}`);
    expect((await call(narrow, `/jobhistory/${second.taskID}/get`)).data.task.status).toBe(
      'Cancelled',
    );
    expect((await call(narrow, `/entrance/${second.execID}/status`)).data.status).toBe('Cancelled');
    await call(narrow, `/entrance/${first.execID}/kill`);
    expect((await rowAtEnd(narrow, third.taskID)).status).toBe('Succeed');
  });

  test('refuses one task too many with 12001', async () => {
    const narrow = await startLinkis({ maxConcurrentTasks: 1, behaviour: { queueCapacity: 1 } });
    const first = await submit(narrow, '-- local: delay 1m\nselect 1');
    await rowWithStatus(narrow, first.taskID, 'Running');
    await submit(narrow, 'select 1');
    const answer = await call(narrow, '/entrance/submit', { body: taskBody('select 1') });
    expect(answer).toMatchObject({ http: 400, data: { errorMsg: { errCode: 12001 } } });
  });

  test('cancels a task that waits or runs longer than its labels allow', async () => {
    const narrow = await startLinkis({ maxConcurrentTasks: 1 });
    const slow = '-- local: delay 10m\nselect 1';
    const first = await submit(narrow, slow);
    const second = await submit(narrow, 'select 1', { labels: { jobQueuingTimeout: 0.1 } });
    expect((await rowAtEnd(narrow, second.taskID)).status).toBe('Cancelled');
    await call(narrow, `/entrance/${first.execID}/kill`);
    const third = await submit(narrow, slow, { labels: { jobRunningTimeout: 0.1 } });
    expect((await rowAtEnd(narrow, third.taskID)).status).toBe('Cancelled');
  });

  test('kills a task of LINKISCLI whose status nobody asks for', async () => {
    const other = await startLinkis({ behaviour: { clientHeartbeatMs: 100 } });
    const { taskID } = await submit(other, '-- local: delay 1m\nselect 1', {
      creator: 'LINKISCLI',
    });
    expect((await rowAtEnd(other, taskID)).status).toBe('Cancelled');
  });

  test('numbers the tasks of each creator, user and engine from 0', async () => {
    const other = await startLinkis();
    const ids = [];
    for (const engine of ['spark-2.4.3', 'spark-2.4.3', 'hive-2.3.3']) {
      ids.push((await submit(other, 'select 1', { engine, creator: 'mine' })).execID);
    }
    expect(ids).toEqual([
      'exec_id018014linkis-cg-entrance127.0.0.1:9104mine_hadoop_spark_0',
      'exec_id018014linkis-cg-entrance127.0.0.1:9104mine_hadoop_spark_1',
      'exec_id018014linkis-cg-entrance127.0.0.1:9104mine_hadoop_hive_0',
    ]);
  });

  test('reuses execIDs after an idle time, and forgets the old ones', async () => {
    const other = await startLinkis({ behaviour: { consumerIdleMs: 30 } });
    const old = await run(other, 'select 1');
    await sleep(50);
    const { execID, taskID } = await submit(other, '-- local: delay 1m\nselect 1');
    expect(execID).toBe(old.execID);
    await rowWithStatus(other, taskID, 'Running');
    await call(other, `/entrance/${old.execID}/kill?taskID=${old.taskID}`);
    expect((await rowAtEnd(other, taskID)).status).toBe('Cancelled'); // the trap of the contract
  });

  test('remembers so many finished tasks and no more', async () => {
    const other = await startLinkis({ behaviour: { finishedRing: 1 } });
    const first = await run(other, 'select 1');
    const second = await run(other, 'select 2');
    expect(await call(other, `/entrance/${first.execID}/log`)).toMatchObject({
      http: 400,
      status: 1,
      message: expect.stringContaining('has ended'),
    });
    expect(await call(other, `/entrance/${first.execID}/progress`)).toMatchObject({
      http: 400,
      status: 1,
    });
    expect(await call(other, `/entrance/${second.execID}/log`)).toMatchObject({
      http: 200,
      status: 0,
    });
  });
});

describe('status', () => {
  test('comes from jobhistory when the execID is unknown, and is Cancelled for an unknown task', async () => {
    const done = await run(linkis, 'select 1');
    expect((await ask('unknown', 'status', { taskID: done.taskID })).data.status).toBe('Succeed');
    expect((await ask('unknown', 'status', { taskID: 999_999 })).data.status).toBe('Cancelled');
    expect(await ask('unknown', 'status')).toMatchObject({ http: 400, status: 1 });
  });
});

describe('the log', () => {
  test.each([
    [0, 0],
    [1, 1],
  ] as const)(
    'with lines counted from %i repeats %i line at the first page boundary',
    async (logIndexBase, repeats) => {
      const other = await startLinkis({ behaviour: { logIndexBase } });
      const { execID } = await run(other, 'select 1; select 2');
      const whole = (await call(other, `/entrance/${execID}/log?size=-1`)).data.log[3].split('\n');
      const read: string[] = [];
      for (let fromLine = 0; ;) {
        const { data } = await call(other, `/entrance/${execID}/log?fromLine=${fromLine}&size=4`);
        if (data.fromLine === fromLine) {
          expect(data.log).toEqual(['', '', '', '']);
          break;
        }
        read.push(...data.log[3].split('\n'));
        fromLine = data.fromLine;
      }
      expect(read).toHaveLength(whole.length + repeats);
      expect([...new Set(read)]).toEqual([...new Set(whole)]);
    },
  );

  test('is one text without levels when distinctLevel is false', async () => {
    const { execID, row } = await run(linkis, 'select 1');
    const parts = (await ask(execID, 'log')).data.log;
    const one = (await ask(execID, 'log', { distinctLevel: 'false' })).data.log;
    expect(one).toBe(parts[3]);
    const kept = await call(linkis, query('/filesystem/openLog', { path: row.logPath }));
    expect(kept.data.log).toEqual(parts);
  });
});

test('waits for nobody: a row that still runs shows a growing costTime', async () => {
  const { execID, taskID } = await submit(linkis, '-- local: delay 1m\nselect 1');
  const first = await rowWithStatus(linkis, taskID, 'Running');
  await rowWhen(linkis, taskID, (row) => row.costTime > first.costTime);
  await kill(execID);
});
