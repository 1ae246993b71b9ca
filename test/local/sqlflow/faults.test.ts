import { LocalSqlFlow } from '../../../src/local/sqlflow/local-sqlflow';
import { SqlFlowCaller } from './sqlflow-caller';

describe('scripted faults', () => {
  let sqlflow: LocalSqlFlow;
  let caller: SqlFlowCaller;

  beforeEach(async () => {
    sqlflow = await LocalSqlFlow.start({ jobDelayMs: 10 });
    caller = new SqlFlowCaller(sqlflow);
  });
  afterEach(() => sqlflow.close());

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

  it('are checked against the endpoints that there are', () => {
    expect(() =>
      sqlflow.service.setFaults({ faults: [{ endpoint: 'submitUserJobs', do: 'drop' }] }),
    ).toThrow(/submitUserJob/);
  });
});
