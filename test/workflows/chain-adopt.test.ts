import { adoptJob, forgetChain } from '../../src/starter/chains';
import { SqlFlowCaller } from '../local/sqlflow/sqlflow-caller';
import { ChainStage, connection, type StagedChain } from './chain-stage';

let stage: ChainStage;
let byHand: SqlFlowCaller;

beforeAll(async () => {
  stage = await ChainStage.open();
  const userId = 'demo';
  const { token } = await new SqlFlowCaller(stage.sqlflow, { userId, token: '' }).json(
    '../../user/generateToken',
    { secretKey: 'demo-secret' },
  );
  byHand = new SqlFlowCaller(stage.sqlflow, { userId, token });
});
afterAll(() => stage.close());

const sql = { 'a.sql': 'insert into mart.t (a) select a from raw.s;' };

/** A regular job, as somebody makes it with the vendor's UI; undefined where it hasn't ended. */
async function madeByHand(content = sql): Promise<string> {
  const { data } = await byHand.json(
    'submitPersistJob',
    { jobName: 'by hand', dbvendor: 'dbvhive' },
    content,
  );
  return data.jobId;
}

function adopt(chain: StagedChain, jobId: string, dbVendor = 'dbvhive') {
  const { taskQueue } = stage.stack.temporal;
  const wish = { connection, chain: chain.name, jobId, settings: { dbVendor } };
  return adoptJob(stage.client, wish, { taskQueue });
}

test('a chain takes over a job that somebody made by hand, and its refreshes go to that job', async () => {
  const chain = stage.chain('adopting');
  const jobId = await madeByHand();
  await byHand.ended(jobId);
  expect(await adopt(chain, jobId)).toEqual({ jobId, jobName: 'by hand', generation: 1 });
  expect(await chain.state()).toMatchObject({
    current: { generation: 1, jobId, adopted: true, submits: 0, settings: { dbVendor: 'dbvhive' } },
  });
  // Asked again, as after an answer that was lost.
  expect(await adopt(chain, jobId)).toMatchObject({ generation: 1 });
  const asked = await chain.ask({ waits: true });
  await asked.untilRunning();
  expect(await asked.input()).toMatchObject({ current: { jobId, adopted: true } });
  await asked.tell({ end: 'refreshed' });
  expect(await asked.outcome()).toMatchObject({ result: { jobId } });
});

test('a job is not adopted that is unknown, simple, of another dialect, or at work; nothing stays of the chain', async () => {
  const chain = stage.chain('refusing');
  await expect(adopt(chain, 'no-such-job')).rejects.toMatchObject({
    name: 'ChainRefusedError',
    type: 'RemoteJob.NotFound',
    message: expect.stringContaining('name a job of this account'),
  });
  const simple = await byHand.finish(sql);
  await expect(adopt(chain, simple, 'dbvpostgresql')).rejects.toThrow('is a simple job');
  const regular = await madeByHand();
  await byHand.ended(regular);
  await expect(adopt(chain, regular, 'dbvoracle')).rejects.toThrow('--dbvendor dbvhive');
  const busy = await madeByHand({ 'a.sql': `-- local: delay 600s\n${sql['a.sql']}` });
  await expect(adopt(chain, busy)).rejects.toThrow('adopt it when it has ended');
  await expect(chain.state()).rejects.toThrow('was forgotten');
  await expect(adopt(chain, ' ')).rejects.toThrow('jobId: is blank');
});

test('a chain that has a job adopts no other, and a refresh under way is waited for', async () => {
  const chain = stage.chain('has-a-job');
  const asked = await chain.ask({ waits: true });
  await asked.untilRunning();
  const jobId = await madeByHand();
  await byHand.ended(jobId);
  const wishes = [adopt(chain, jobId), adopt(chain, jobId)];
  // One at a time waits: it takes the place of a refresh, and a pause must always find one.
  await expect(Promise.race(wishes)).rejects.toThrow('an adoption of job');
  await asked.tell({ end: 'refreshed' });
  const words = (await Promise.allSettled(wishes)).map((wish) => String(Object.values(wish)[1]));
  const hasOne =
    'the chain has-a-job has SQLFlow job job-of-has-a-job already; use another name, or forget';
  expect(words).toEqual(expect.arrayContaining([expect.stringContaining(hasOne)]));
  // Once it has a job that is said at once, whatever is under way.
  const next = await chain.ask({ waits: true });
  await next.untilRunning();
  await expect(adopt(chain, jobId)).rejects.toThrow(hasOne);
  await next.tell({ end: 'unchanged' });
});

test('a chain that is being forgotten takes over no job, and leaves nobody without an answer', async () => {
  const chain = stage.chain('forgotten');
  const asked = await chain.ask({ waits: true, stubborn: true });
  await asked.untilRunning();
  const waiting = await chain.ask();
  await waiting.untilQueued();
  const forgotten = forgetChain(stage.client, connection, chain.name, { force: true });
  await waiting.outcome();
  await expect(adopt(chain, 'any')).rejects.toThrow('the chain was forgotten');
  await asked.tell({ end: 'refreshed' });
  await forgotten;
});
