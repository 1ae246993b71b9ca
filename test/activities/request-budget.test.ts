import { randomUUID } from 'node:crypto';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { activityStack, type ActivityStack } from './support';

let sqlflow: LocalSqlFlow;
let stack: ActivityStack;
beforeAll(async () => {
  sqlflow = await LocalSqlFlow.start({
    jobDelayMs: 0,
    faults: {
      faults: [
        { endpoint: 'displayUserJobSummary', calls: [1], do: 'status', status: 429, retryAfter: 8 },
      ],
    },
  });
  stack = await activityStack({ sqlflow });
});
afterAll(async () => {
  await stack.close();
  await sqlflow.close();
});

test('a Retry-After that any call meets holds the looks of its connection, and no kill', async () => {
  const submit = async (sql: string) => {
    const files = await stack.stage({ 'a.sql': sql });
    const job = { jobName: 'held', dbVendor: 'dbvhive', files };
    return stack.run('sqlflowSubmitJob', { job, key: randomUUID() });
  };
  const [waited, killed] = [
    await submit('select 1;'),
    await submit('-- local: delay 600s\nselect 1;'),
  ];
  await expect(stack.run('sqlflowGetJob', { jobId: waited.remoteId })).rejects.toThrow(/429/);
  const refused = sqlflow.service.calls.at(-1);

  const { connection, remoteId: jobId, submittedAtMs } = waited;
  const deadlineAtMs = Date.now() + 600_000;
  const ended = stack.run('sqlflowAwaitJob', { connection, jobId, submittedAtMs, deadlineAtMs });
  await stack.run('sqlflowKillJob', { connection, jobId: killed.remoteId, policy: 'delete' });
  const { calls } = sqlflow.service;
  const soFar = calls.length;
  expect(calls.map(({ endpoint }) => endpoint)).toContain('deleteUserJob');

  expect(await ended).toMatchObject({ outcome: 'succeeded' });
  const [look] = calls.slice(soFar);
  expect(look?.atMs).toBeGreaterThanOrEqual((refused?.atMs ?? Infinity) + 7900);
});
