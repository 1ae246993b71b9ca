import type { Fault } from '../../../src/local/http/fault';
import { LocalSqlFlow } from '../../../src/local/sqlflow/local-sqlflow';
import { SqlFlowCaller, type Answer } from './sqlflow-caller';

describe('scripted faults', () => {
  let sqlflow: LocalSqlFlow;
  let caller: SqlFlowCaller;

  beforeEach(async () => {
    sqlflow = await LocalSqlFlow.start({ jobDelayMs: 10 });
    caller = new SqlFlowCaller(sqlflow);
  });
  afterEach(() => sqlflow.close());

  const script = (...faults: Fault[]) => sqlflow.service.setFaults({ faults });
  const summary = (jobId: string) => caller.json('displayUserJobSummary', { jobId });
  const list = async () => (await caller.json('displayUserJobsSummary')).data;
  const statuses = async (looks: number, look: () => Promise<Answer>) => {
    const seen: string[] = [];
    for (let n = 0; n < looks; n += 1) seen.push((await look())?.status ?? 'none');
    return seen;
  };
  const persist = (more: Record<string, string> = {}) =>
    caller.json(
      'submitPersistJob',
      { jobName: 'chain', dbvendor: 'dbvpostgresql', ...more },
      { 'a.sql': 'insert into o select a from t' },
    );

  it('may lose the reply to a submit that took effect', async () => {
    sqlflow.service.setFaults({
      faults: [{ endpoint: 'submitUserJob', calls: [1], when: 'after', do: 'drop' }],
    });
    await expect(caller.submit({ 'a.sql': 'select 1' })).rejects.toThrow();
    expect(await caller.json('displayUserJobsSummary')).toMatchObject({ data: { total: 1 } });
  });

  it("say an error in the vendor's envelope, inside HTTP 200", async () => {
    sqlflow.service.setFaults({
      faults: [{ endpoint: 'displayUserJobsSummary', do: 'error', code: 426, message: 'premium' }],
    });
    const reply = await caller.send('displayUserJobsSummary');
    expect(reply.status).toBe(200);
    expect(await reply.json()).toEqual({ code: 426, error: 'premium' });
  });

  it('let a token expire for good', async () => {
    const body = new URLSearchParams({ userId: 'demo', secretKey: 'demo-secret' });
    const url = `${sqlflow.url}/user/generateToken`;
    const { token } = (await (await fetch(url, { method: 'POST', body })).json()) as {
      token: string;
    };
    const demo = new SqlFlowCaller(sqlflow, { userId: 'demo', token });
    sqlflow.service.setFaults({
      faults: [{ endpoint: 'displayUserJobsSummary', calls: [1], do: 'expireToken' }],
    });
    const refusal = { code: 401, error: 'Invalid user or token, access deny.' };
    expect(await demo.json('displayUserJobsSummary')).toEqual(refusal);
    expect(await demo.json('displayUserJobsSummary')).toEqual(refusal);
  });

  it('show a job that ended as running for so many looks, in either summary', async () => {
    const jobId = await caller.finish({ 'a.sql': 'select 1' });
    script({ endpoint: 'displayUserJobSummary', do: 'staleStatus', looks: 2 });
    expect((await summary(jobId)).data).toMatchObject({ status: 'process', executeTimeMillis: 0 });
    expect(await statuses(2, async () => (await summary(jobId)).data)).toEqual([
      'process',
      'success',
    ]);
    script({ endpoint: 'displayUserJobsSummary', do: 'staleStatus', looks: 1 });
    expect(await list()).toMatchObject({ total: 1, success: 0, jobDetails: [{ jobId }] });
    expect(await list()).toMatchObject({ total: 1, success: 1 });
  });

  it('show a word that nobody knows, and a status that goes backwards', async () => {
    const jobId = await caller.finish({ 'a.sql': 'select 1' });
    script({ endpoint: '*', do: 'showStatus', status: 'archived', looks: 1 });
    expect(await statuses(2, async () => (await summary(jobId)).data)).toEqual([
      'archived',
      'success',
    ]);
    const words = ['fail', 'create', 'process'];
    script({ endpoint: '*', do: 'showStatus', statuses: words });
    expect(await statuses(4, async () => (await list()).jobDetails[0])).toEqual([
      ...words,
      'success',
    ]);
  });

  it('miss a job for so many looks: the list counts it not, a summary says there is none', async () => {
    const jobId = await caller.finish({ 'a.sql': 'select 1' });
    script({ endpoint: 'displayUserJobsSummary', do: 'missJob', looks: 1 });
    expect(await list()).toMatchObject({ total: 0, success: 0, jobIds: [], jobDetails: [] });
    expect(await list()).toMatchObject({ total: 1, success: 1, jobIds: [jobId] });
    script({ endpoint: 'displayUserJobSummary', do: 'missJob', looks: 1 });
    expect(await summary(jobId)).toMatchObject({ code: 500, error: 'The job does not exist.' });
    expect(await summary(jobId)).toMatchObject({ code: 200, data: { jobId } });
  });

  it('show the previous success for so many looks after each resubmit, and export its lineage', async () => {
    const { jobId } = (await persist()).data;
    const before = await caller.ended(jobId);
    script({ endpoint: '*', do: 'staleSuccess', looks: 2 });
    expect((await summary(jobId)).data).toEqual(before);
    for (const revision of [2, 3]) {
      await caller.json(
        'submitPersistJob',
        { jobId, dbvendor: 'dbvpostgresql' },
        { 'b.sql': `-- local: delay 10m\ninsert into o${revision} select b from t` },
      );
      expect(sqlflow.jobs()).toMatchObject([{ jobId, revision, isBusy: true }]);
      const stale = (await summary(jobId)).data;
      expect(stale.status).toBe('success');
      expect(stale.subJobs).toHaveLength(revision - 1);
      expect(await caller.text('exportFullLineageAsCsv', { jobId })).not.toContain(`o${revision}`);
      expect((await list()).jobDetails[0].sessionId).toBe(stale.sessionId);
      sqlflow.endDelays();
      const fresh = await caller.ended(jobId);
      expect(fresh.sessionId).not.toBe(stale.sessionId);
      expect(fresh.subJobs).toHaveLength(revision);
      expect(await caller.text('exportFullLineageAsCsv', { jobId })).toContain(`o${revision}`);
    }
  });

  it('answer a resubmit with another jobId, under which the job goes on', async () => {
    const { jobId } = (await persist()).data;
    await caller.ended(jobId);
    script({ endpoint: 'submitPersistJob', do: 'newJobId' });
    const { data } = await persist({ jobId });
    expect(data.jobId).not.toBe(jobId);
    expect((await caller.ended(data.jobId)).status).toBe('success');
    expect(await summary(jobId)).toMatchObject({ code: 500 });
    expect(sqlflow.jobs()).toMatchObject([{ jobId: data.jobId, revision: 2 }]);
    expect(await persist({ jobId: 'unknown' })).toMatchObject({ code: 500 });
  });

  it('lie about a delete: the job is still there, and runs', async () => {
    const jobId = await caller.submit({ 'a.sql': '-- local: delay 1m\nselect 1' });
    script({ endpoint: 'deleteUserJob', calls: [1], do: 'pretend' });
    const answer = { code: 200, data: { jobId, status: 'delete' } };
    expect(await caller.json('deleteUserJob', { jobId })).toMatchObject(answer);
    expect(sqlflow.jobs()).toMatchObject([{ jobId, isBusy: true }]);
    expect(await caller.json('deleteUserJob', { jobId })).toMatchObject(answer);
    expect(sqlflow.jobs()).toEqual([]);
  });

  it("refuse calls beyond a quota with HTTP 429 and Retry-After, or with the plan's code", async () => {
    script({ endpoint: '*', do: 'quota', allowed: 2, periodMs: 60_000 });
    await list();
    await list();
    const refused = await caller.send('displayUserJobsSummary');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(await refused.json()).toMatchObject({ code: 429, error: 'rate_limit_exceeded' });
    script({ endpoint: 'displayUserJobsSummary', do: 'quota', allowed: 1, code: 426 });
    await list();
    expect(await caller.json('displayUserJobsSummary')).toMatchObject({ code: 426 });
  });

  it('begin a new period of a quota when the old one is over', async () => {
    script({ endpoint: '*', do: 'quota', allowed: 1, periodMs: 500 });
    const ask = async () => (await caller.send('displayUserJobsSummary')).status;
    while ((await ask()) !== 429);
    while ((await ask()) !== 200);
  });

  it('tell which call made which job, also where its reply was lost', async () => {
    script({ endpoint: 'submitUserJob', calls: [2], when: 'after', do: 'reset' });
    await caller.finish({ 'a.sql': 'select 1' }, { jobName: 'key-1' });
    await caller
      .submit({ 'a.sql': 'select 1', 'b.sql': 'select 2' }, { jobName: 'key-2' })
      .catch(() => undefined);
    await caller.json('submitUserJob', { jobName: 'no files' });
    const jobs = sqlflow.jobs();
    expect(jobs).toMatchObject([
      { jobName: 'key-1', persist: false, revision: 1, status: 'success' },
      { jobName: 'key-2', fileNames: ['a.sql', 'b.sql'] },
    ]);
    const submits = sqlflow.service.calls.filter(({ endpoint }) => endpoint === 'submitUserJob');
    expect(submits.map(({ madeJob }) => madeJob)).toEqual([
      jobs[0]?.jobId,
      jobs[1]?.jobId,
      undefined,
    ]);
  });

  it('let an upload take effect though its client was cut off at once', async () => {
    const sql = `-- ${'x'.repeat(300_000)}\nselect b from t`;
    script({ endpoint: 'submitUserJob', calls: [1], do: 'late', afterCallOf: 'submitUserJob' });
    await expect(caller.submit({ 'a.sql': sql }, { jobName: 'twin' })).rejects.toThrow();
    expect(await list()).toMatchObject({ total: 0 });
    const again = await caller.submit({ 'a.sql': sql }, { jobName: 'twin' });
    while (sqlflow.jobs().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    const [one, other] = sqlflow.jobs();
    expect(one?.jobId).toBe(again);
    expect(other).toMatchObject({ jobName: 'twin', fileNames: ['a.sql'] });
    expect((await caller.ended(other!.jobId)).status).toBe('success');
    expect(sqlflow.service.calls.map(({ madeJob }) => madeJob).filter(Boolean)).toEqual([
      other!.jobId,
      one!.jobId,
    ]);
  });

  it('let an upload take effect after a delay, though its client gave up meanwhile', async () => {
    script({ endpoint: 'submitUserJob', delayMs: 300 });
    const body = new FormData();
    const fields = { ...caller.user, jobName: 'left', dbvendor: 'dbvhive' };
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append('sqlfiles', new Blob(['select a from t']), 'a.sql');
    const url = `${sqlflow.url}/sqlflow/job/submitUserJob`;
    // On a busy machine a client may give up before all of its upload has arrived.
    while (sqlflow.jobs().length === 0) {
      const signal = AbortSignal.timeout(100);
      await expect(fetch(url, { method: 'POST', body, signal })).rejects.toThrow();
    }
    expect((await caller.ended(sqlflow.jobs()[0]!.jobId)).status).toBe('success');
  });

  it.each<[Fault, string]>([
    [{ endpoint: 'submitUserJob', do: 'newJobId' }, 'submitPersistJob'],
    [{ endpoint: 'rerunJob', do: 'pretend' }, 'deleteUserJob'],
    [{ endpoint: '*', do: 'quota' }, 'needs `allowed`'],
    [{ endpoint: '*', do: 'staleSuccess', status: 'success' }, 'an unknown key `status`'],
    [{ endpoint: '*', do: 'restartEntrance' }, 'faults[0].do must be one of'],
  ])('that cannot be followed are refused: %j', (fault, message) => {
    expect(() => script(fault)).toThrow(message);
  });

  it('are checked against the endpoints that there are', () => {
    expect(() =>
      sqlflow.service.setFaults({ faults: [{ endpoint: 'submitUserJobs', do: 'drop' }] }),
    ).toThrow(/submitUserJob/);
  });
});
