import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import type { Fault } from '../../src/local/http/fault';
import { Terminal } from '../cli/terminal';
import { call, query, rowAtEnd, submit, taskBody, type LinkisAddress } from './linkis/support';
import { SqlFlowCaller } from './sqlflow/sqlflow-caller';

const register = path.join(__dirname, '../support/register.js');
const main = path.join(__dirname, '../../src/cli/main.ts');

let folder: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'killed-'));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(killed));
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  readonly port: string;
}

/** `remote-jobs local …` as a process of its own, with its state in the folder. */
async function serve(service: string, port: string, ...faults: Fault[]): Promise<Served> {
  const script = path.join(folder, 'faults.yaml');
  await writeFile(script, stringify({ faults }));
  const given = ['--state', path.join(folder, service), '--port', port, '--faults', script];
  const child = spawn(
    process.execPath,
    ['-r', register, main, 'local', service, ...given, '--output', 'json', '--quiet'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env.PATH } },
  );
  children.push(child);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return { child, url, port: new URL(url).port };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('a local Linkis that is killed in the middle of submits', () => {
  const sendsMany = (linkis: LinkisAddress, count: number) =>
    Array.from({ length: count }, async (_, index) => {
      const body = taskBody(`select ${index}`, { source: { key: String(index) } });
      const { data } = await call(linkis, '/entrance/submit', { body });
      return Number(data.taskID);
    });
  const rows = async (linkis: LinkisAddress): Promise<any[]> =>
    (await call(linkis, '/jobhistory/list?pageSize=0')).data.tasks;

  test('has lost no task that it answered for, on the same port, and goes on', async () => {
    const before = await serve('linkis', '0');
    const { taskID } = await submit(before, 'create table kept as select 42 as a');
    expect(await rowAtEnd(before, taskID)).toMatchObject({ status: 'Succeed' });
    const sent = sendsMany(before, 40);
    const settled = Promise.allSettled(sent);
    await Promise.race(sent);
    await killed(before.child);
    const answered = (await settled).flatMap((one) =>
      one.status === 'fulfilled' ? [one.value] : [],
    );
    expect(answered.length).toBeGreaterThan(0);

    const after = await serve('linkis', before.port);
    const kept = (await rows(after)).map((row) => row.taskID as number);
    expect(kept).toEqual(expect.arrayContaining([taskID, ...answered]));
    expect(new Set(kept).size).toBe(kept.length);
    const next = await submit(after, 'select a from kept');
    expect(next.taskID).toBe(Math.max(...kept) + 1);
    const { resultLocation } = await rowAtEnd(after, next.taskID);
    const page = query('/filesystem/openFile', { path: `${resultLocation}/_0.dolphin` });
    expect((await call(after, page)).data.fileContent).toEqual([['42']]);
  });

  test('has the task whose submit had taken effect, and not the one that had not', async () => {
    const before = await serve(
      'linkis',
      '0',
      { endpoint: 'submit', calls: [1], when: 'after', delayMs: 600_000 },
      { endpoint: 'submit', calls: [2], when: 'before', delayMs: 600_000 },
    );
    const lost = submit(before, 'select 1').catch(() => 'lost');
    for (;;) if ((await rows(before)).length === 1) break;
    // Which of the two comes first is for the sockets to say.
    const next = ['select 2', 'select 3'].map(async (code) => {
      await submit(before, code);
      return code;
    });
    const both = Promise.allSettled(next);
    const answered = await Promise.race(next);
    await killed(before.child);
    expect(await lost).toBe('lost');
    expect((await both).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const after = await serve('linkis', before.port);
    const codes = (await rows(after)).map((row) => row.executionCode as string);
    expect(codes.sort()).toEqual(['select 1', answered]);
  });

  test('reads on over a row that was half written', async () => {
    const before = await serve('linkis', '0');
    const { taskID } = await submit(before, 'select 1');
    await rowAtEnd(before, taskID);
    await killed(before.child);
    await appendFile(path.join(folder, 'linkis/jobhistory.jsonl'), '{"taskID":2,"inst');
    const after = await serve('linkis', before.port);
    expect((await submit(after, 'select 2')).taskID).toBe(taskID + 1);
    expect(await rowAtEnd(after, taskID)).toMatchObject({ status: 'Succeed' });
  });
});

describe('a local SQLFlow that is killed in the middle of submits', () => {
  const files = { 'a.sql': 'insert into o select a from t' };

  test('has lost no job that it answered for, on the same port, and ends them all', async () => {
    const before = await serve('sqlflow', '0');
    const caller = new SqlFlowCaller(before);
    const sent = Array.from({ length: 20 }, (_, index) =>
      caller.submit(files, { jobName: `job ${index}` }),
    );
    const settled = Promise.allSettled(sent);
    await Promise.race(sent);
    await killed(before.child);
    const answered = (await settled).flatMap((one) =>
      one.status === 'fulfilled' ? [one.value] : [],
    );
    expect(answered.length).toBeGreaterThan(0);

    const again = new SqlFlowCaller(await serve('sqlflow', before.port));
    const { data } = await again.json('displayUserJobsSummary');
    expect(data.jobIds).toEqual(expect.arrayContaining(answered));
    expect(new Set(data.jobIds).size).toBe(data.total);
    for (const jobId of data.jobIds) expect((await again.ended(jobId)).status).toBe('success');
  });

  test('forgets uploads that belong to no job, and reads no job that was half written', async () => {
    const before = await serve('sqlflow', '0');
    const jobId = await new SqlFlowCaller(before).finish(files);
    await killed(before.child);
    const jobs = path.join(folder, 'sqlflow/jobs');
    await mkdir(path.join(jobs, 'half'));
    await writeFile(path.join(jobs, 'half/upload'), 'select 1');
    await appendFile(path.join(folder, 'sqlflow/jobs.jsonl'), '{"jobId":"');
    const again = new SqlFlowCaller(await serve('sqlflow', before.port));
    expect((await again.json('displayUserJobsSummary')).data.jobIds).toEqual([jobId]);
    expect(await readdir(jobs)).toEqual([jobId]);
    expect(await again.text('exportFullLineageAsCsv', { jobId })).toContain('t');
  });
});

test.each([
  ['local linkis', ['local', 'linkis', '--faults']],
  ['local sqlflow', ['local', 'sqlflow', '--faults']],
  ['dev, for Linkis', ['dev', '--linkis-faults']],
  ['dev, for SQLFlow', ['dev', '--sqlflow-faults']],
])('%s refuses a fault script that it cannot read', async (_what, flags) => {
  const terminal = new Terminal({ cwd: folder, env: { HOME: folder } });
  expect(await terminal.run(...flags, 'no.yaml')).toBe(2);
  expect(terminal.stderr).toContain("no.yaml can't be read");
});
