import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocalLinkis } from '../../../src/local/linkis/local-linkis';
import {
  call,
  closeAll,
  query,
  rowAtEnd,
  rowsOf,
  rowWithStatus,
  run,
  startLinkis,
  submit,
} from './support';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'linkis-state-'));
});
afterEach(async () => {
  await closeAll();
  await rm(folder, { recursive: true });
});

const statusOf = async (linkis: LocalLinkis, taskID: number) =>
  (await call(linkis, `/jobhistory/${taskID}/get`)).data.task.status;

test('tables, rows, results and logs outlive a restart', async () => {
  const before = await LocalLinkis.start({ stateDir: folder });
  const { taskID } = await run(before, 'create table kept as select 42 as a; select a from kept');
  await before.close();
  const after = await startLinkis({ stateDir: folder });
  const row = await rowAtEnd(after, taskID);
  expect(await rowsOf(after, row.resultLocation)).toEqual([['42']]);
  const log = await call(after, query('/filesystem/openLog', { path: row.logPath }));
  expect(log.data.log[3]).toContain('Congratulations');
  const next = await run(after, 'select a from kept');
  expect(next.taskID).toBe(taskID + 1);
  expect(await rowsOf(after, next.row.resultLocation)).toEqual([['42']]);
});

test('a close leaves the running row Running for ever and cancels the waiting ones', async () => {
  const before = await LocalLinkis.start({ stateDir: folder, maxConcurrentTasks: 1 });
  const running = await submit(before, '-- local: delay 1m\nselect 1');
  await rowWithStatus(before, running.taskID, 'Running');
  const waiting = await submit(before, 'select 2');
  await before.close();
  const after = await startLinkis({ stateDir: folder });
  expect(await statusOf(after, running.taskID)).toBe('Running');
  expect(await statusOf(after, waiting.taskID)).toBe('Cancelled');
  expect(await call(after, `/entrance/${running.execID}/log`)).toMatchObject({
    http: 400,
    status: 1,
  });
});

test('what a SIGKILL leaves is Running and Inited for ever', async () => {
  const before = await startLinkis({ stateDir: folder, maxConcurrentTasks: 1 });
  const running = await submit(before, '-- local: delay 1m\nselect 1');
  await rowWithStatus(before, running.taskID, 'Running');
  const waiting = await submit(before, 'select 2');
  const left = path.join(folder, 'left');
  await cp(path.join(folder, 'jobhistory.jsonl'), path.join(left, 'jobhistory.jsonl'));
  const after = await startLinkis({ stateDir: left });
  expect(await statusOf(after, running.taskID)).toBe('Running');
  expect(await statusOf(after, waiting.taskID)).toBe('Inited');
});

test('a restarted entrance gives old execIDs to new tasks, and a kill of the old task kills the new', async () => {
  const before = await LocalLinkis.start({ stateDir: folder });
  const old = await submit(before, '-- local: delay 1m\nselect 1');
  await rowWithStatus(before, old.taskID, 'Running');
  await before.close();
  const after = await startLinkis({ stateDir: folder });
  const fresh = await submit(after, '-- local: delay 1m\nselect 2');
  const row = await rowWithStatus(after, fresh.taskID, 'Running');
  expect(fresh.execID).toBe(old.execID);
  const { data } = await call(after, `/jobhistory/${old.taskID}/get`);
  expect(data.task.strongerExecId).toBe(row.strongerExecId);
  const answer = await call(after, `/entrance/${old.execID}/kill?taskID=${old.taskID}`);
  expect(answer).toMatchObject({ http: 200, status: 0 });
  expect(await statusOf(after, old.taskID)).toBe('Running');
  expect((await rowAtEnd(after, fresh.taskID)).status).toBe('Cancelled');
});

test('without a state folder nothing is left behind', async () => {
  const linkis = await LocalLinkis.start();
  const { row } = await run(linkis, 'select 1');
  await linkis.close();
  await linkis.close();
  const next = await startLinkis();
  expect((await call(next, '/jobhistory/list')).data.totalPage).toBe(0);
  expect(
    (await call(next, query('/filesystem/getDirFileTrees', { path: row.resultLocation }))).data,
  ).toEqual({ dirFileTrees: null });
});
