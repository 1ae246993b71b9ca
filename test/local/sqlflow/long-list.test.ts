import { LocalSqlFlow, type LocalSqlFlowOptions } from '../../../src/local/sqlflow/local-sqlflow';
import { SqlFlowCaller, type Answer } from './sqlflow-caller';

let sqlflow: LocalSqlFlow;
let caller: SqlFlowCaller;

async function start(options: LocalSqlFlowOptions): Promise<void> {
  sqlflow = await LocalSqlFlow.start({ jobDelayMs: 0, ...options });
  const body = new URLSearchParams({ userId: 'demo', secretKey: 'demo-secret' });
  const reply = await fetch(`${sqlflow.url}/user/generateToken`, { method: 'POST', body });
  const { token } = (await reply.json()) as Answer;
  caller = new SqlFlowCaller(sqlflow, { userId: 'demo', token });
}

afterEach(() => sqlflow.close());

const list = async () => (await caller.json('displayUserJobsSummary')).data;
const sql = { 'a.sql': '-- nothing but a comment' };

describe('an account with many finished jobs', () => {
  it('lists them after what was submitted since, and agrees with each job by itself', async () => {
    await start({ finishedJobs: 1000 });
    const first = await caller.finish(sql);
    const second = await caller.finish(sql);
    const { total, success, jobIds, jobDetails } = await list();
    expect([total, success, jobIds.length, new Set(jobIds).size]).toEqual([1002, 1002, 1002, 1002]);
    expect(jobIds.slice(0, 2)).toEqual([second, first]);
    expect(jobDetails.map(({ jobId }: Answer) => jobId)).toEqual(jobIds);
    for (const job of [jobDetails[0], jobDetails[2], jobDetails[1001]]) {
      const { data } = await caller.json('displayUserJobSummary', { jobId: job.jobId });
      expect(data).toEqual(job);
    }
    const { data } = await caller.json('displayUserJobSummary', { jobName: 'nightly 7' });
    expect(data).toMatchObject({ jobName: 'nightly 7', status: 'success' });
  });

  it('shows every change in the next list, wherever in it the job stands', async () => {
    await start({ finishedJobs: 600 });
    const { jobIds } = await list();
    const [, , third] = jobIds;
    await caller.json('deleteUserJob', { jobId: jobIds[300] });
    await caller.json('setJobOnTop', { jobId: third });
    const changed = await list();
    expect(changed.jobIds).toEqual(jobIds.filter((id: string) => id !== jobIds[300]));
    expect(changed.jobDetails[2]).toMatchObject({ jobId: third, onTop: true });
    await caller.json('rerunJob', { jobId: third });
    expect((await caller.ended(third)).status).toBe('fail'); // there are no files to read again
    const rerun = await list();
    expect(rerun.jobIds[0]).toBe(third);
    expect(rerun).toMatchObject({ total: 599, success: 598, fail: 1 });
  });

  it('can be made to list many file names for each job', async () => {
    await start({ finishedJobs: 3, behaviour: { listedFiles: 5000 } });
    await caller.finish(sql);
    const { jobDetails } = await list();
    for (const { fileNames } of jobDetails) expect(new Set(fileNames).size).toBe(5000);
    expect(jobDetails[0].fileNames[0]).toBe('a.sql');
  });
});

it('finds no lineage in files of nothing but comments, and keeps what else they ask for', async () => {
  await start({});
  const before = Date.now();
  const jobId = await caller.finish({ 'a.sql': '/* passes time */\n-- local: delay 300ms' });
  const { data } = await caller.json('exportFullLineageAsJson', { jobId });
  expect(data.sqlflow).toMatchObject({ relationships: [], dbobjs: [] });
  expect(sqlflow.jobs()[0]!.endedAtMs).toBeGreaterThanOrEqual(before + 300);
});
