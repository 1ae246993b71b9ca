import type { Fault } from '../../../src/local/http/fault';
import type { LocalLinkis } from '../../../src/local/linkis/local-linkis';
import { asAlice, call, closeAll, rowAtEnd, rowWithStatus, startLinkis, submit } from './support';

let linkis: LocalLinkis;
beforeEach(async () => {
  linkis = await startLinkis({ maxConcurrentTasks: 1 });
});
afterEach(closeAll);

const slow = '-- local: delay 1m\nselect 1';
const script = (...faults: Fault[]) => linkis.service.setFaults({ faults });
const kill = (execID: string, taskID?: number) =>
  call(linkis, `/entrance/${execID}/kill${taskID === undefined ? '' : `?taskID=${taskID}`}`);
const rowOf = async (taskID: number) => (await call(linkis, `/jobhistory/${taskID}/get`)).data.task;

async function running(code = slow) {
  const submitted = await submit(linkis, code, { source: { key: 'mine' } });
  await rowWithStatus(linkis, submitted.taskID, 'Running');
  return submitted;
}

describe('an entrance that restarts on its port', () => {
  test('leaves the running row Running for ever, cancels waiting ones and counts from 0 again', async () => {
    const old = await running();
    const waiting = await submit(linkis, 'select 2');
    await linkis.restartEntrance();
    const fresh = await running();
    expect(fresh.execID).toBe(old.execID);
    expect((await rowOf(waiting.taskID)).status).toBe('Cancelled');
    const [oldRow, freshRow] = [await rowOf(old.taskID), await rowOf(fresh.taskID)];
    expect(oldRow.status).toBe('Running');
    expect(oldRow.strongerExecId).toBe(freshRow.strongerExecId);
    expect(linkis.tasks().map(({ isBusy }) => isBusy)).toEqual([false, false, true]);
  });

  test('kills the new task when the old one is asked for by its execID', async () => {
    const old = await running();
    await linkis.restartEntrance();
    const fresh = await running();
    expect(await kill(old.execID, old.taskID)).toMatchObject({ http: 200, status: 0 });
    expect((await rowAtEnd(linkis, fresh.taskID)).status).toBe('Cancelled');
    expect((await rowOf(old.taskID)).status).toBe('Running');
  });

  test('restarts by script before the call that it names, which the new one answers', async () => {
    const old = await running();
    script({ endpoint: 'log', calls: [2], do: 'restartEntrance' });
    expect((await call(linkis, `/entrance/${old.execID}/log`)).http).toBe(200);
    expect((await call(linkis, `/entrance/${old.execID}/log`)).http).toBe(400);
    expect((await rowOf(old.taskID)).status).toBe('Running');
  });

  test('restarts by script after a submit whose answer it gives: that task is gone', async () => {
    script({ endpoint: 'submit', calls: [1], when: 'after', do: 'restartEntrance' });
    const { taskID } = await submit(linkis, slow);
    expect((await rowOf(taskID)).status).toBe('Cancelled');
    expect((await running()).taskID).toBe(taskID + 1);
  });
});

test('a row is left Running, only that one: nobody holds it, and the next task runs', async () => {
  script({ endpoint: 'submit', calls: [1], do: 'leaveRunning' });
  const lost = await running('select 1');
  const next = await submit(linkis, 'select 2');
  expect((await rowAtEnd(linkis, next.taskID)).status).toBe('Succeed');
  expect((await rowOf(lost.taskID)).status).toBe('Running');
  expect((await call(linkis, `/entrance/${lost.execID}/log`)).http).toBe(400);
  expect(linkis.tasks()[0]).toMatchObject({ status: 'Running', isBusy: false });
});

test('a forgotten task is killed by force: the row is wiped, and the engine goes on', async () => {
  const { execID, taskID } = await running();
  script({ endpoint: 'kill', calls: [1], do: 'forgetTask' });
  expect(await kill(execID, taskID)).toMatchObject({ http: 200, status: 0 });
  expect(await rowOf(taskID)).toMatchObject({
    status: 'Cancelled',
    sourceJson: null,
    metrics: null,
    costTime: null,
  });
  expect(linkis.tasks()).toMatchObject([
    { taskId: taskID, status: 'Cancelled', isBusy: true, source: { key: 'mine' } },
  ]);
});

test('a forgotten task goes on, and jobhistory alone tells of its end', async () => {
  const { execID, taskID } = await running('-- local: delay 10m\nselect 1');
  script({ endpoint: 'progress', do: 'forgetTask' });
  expect((await call(linkis, `/entrance/${execID}/progress`)).http).toBe(400);
  expect((await call(linkis, `/entrance/${execID}/log`)).http).toBe(400);
  linkis.endDelays();
  expect((await rowAtEnd(linkis, taskID)).status).toBe('Succeed');
});

test('a kill that lies answers success, and nothing happens', async () => {
  const { execID, taskID } = await running();
  script({ endpoint: '*', do: 'pretend' });
  expect(await kill(execID, taskID)).toMatchObject({ http: 200, status: 0, data: { execID } });
  const many = await call(linkis, `/entrance/${execID}/killJobs`, {
    body: { idList: [execID], taskIDList: [taskID] },
  });
  expect(many.data.messages).toMatchObject([{ status: 0, data: { execID } }]);
  expect(await rowOf(taskID)).toMatchObject({ status: 'Running' });
  expect(linkis.tasks()).toMatchObject([{ isBusy: true }]);
});

test('tells all tasks, refused and foreign ones too, and which call made which', async () => {
  script({ endpoint: 'submit', calls: [2], when: 'after', do: 'reset' });
  const first = await submit(linkis, slow, { source: { key: 'a' }, creator: 'mine' });
  await expect(submit(linkis, 'select 2', { source: { key: 'b' } })).rejects.toThrow();
  await call(linkis, '/entrance/submit', { body: {} });
  await submit(linkis, 'select 3', { user: 'alice', headers: asAlice });
  expect(linkis.tasks()).toMatchObject([
    { taskId: first.taskID, source: { key: 'a' }, user: 'hadoop', creator: 'mine', code: slow },
    { taskId: first.taskID + 1, source: { key: 'b' }, code: 'select 2' },
    { taskId: first.taskID + 2, source: {}, user: 'alice' },
  ]);
  expect(linkis.service.calls.map(({ madeJob }) => madeJob)).toEqual(['1', '2', undefined, '3']);
});

test.each<[string, Fault, string]>([
  ['an endpoint that it cannot hit', { endpoint: 'submit', do: 'pretend' }, 'kill, killJobs'],
  [
    'another action’s field',
    { endpoint: 'kill', do: 'pretend', looks: 1 },
    'has an unknown key `looks`',
  ],
])('refuses %s', (_what, fault, message) => {
  expect(() => script(fault)).toThrow(message);
});
