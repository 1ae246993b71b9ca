import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { activityStack, type ActivityStack } from './support';

const canary = 'canary-5up3r-s3cr3t';

let linkis: LocalLinkis;
let stack: ActivityStack;

beforeAll(async () => {
  linkis = await LocalLinkis.start();
  stack = await activityStack({ linkis }, { secrets: { KNOWN: { value: canary } } });
});
afterAll(async () => {
  await stack.close();
  await linkis.close();
});

test('a secret that a task was given stands in no answer of a single call, and in no log', async () => {
  const {
    remoteId: taskId,
    execId = '',
    ...submitted
  } = await stack.run('linkisSubmitTask', {
    task: {
      engine: 'spark-2.4.3',
      runType: 'sql',
      code: "select * from missing_table where a = '${known}'",
      variables: { known: { secret: 'KNOWN' } },
    },
    key: 'key',
  });
  const target = { connection: submitted.connection, user: submitted.user, taskId, execId };
  const { submittedAtMs } = submitted;
  const deadlineAtMs = Date.now() + 600_000;
  await stack.run('linkisAwaitTask', { ...target, submittedAtMs, deadlineAtMs });
  const row = await stack.run('linkisGetTask', { taskId });
  const persisted = await stack.run('linkisGetPersistedLog', { path: row.logPath ?? '' });
  const outputs = await stack.run('linkisCollectOutputs', {
    ...target,
    results: false,
    format: 'csv',
  });
  const answers = {
    row,
    ofMany: await stack.run('linkisListTaskIds', { taskIds: [taskId] }),
    listed: await stack.run('linkisListTasks', { filter: { taskId } }),
    live: await stack.run('linkisGetLog', { execId, fromLine: 0, size: -1 }),
    persisted: await stack.read(persisted),
    collected: await stack.read(outputs.log!),
  };
  for (const [name, answer] of Object.entries(answers)) {
    const said = JSON.stringify(answer);
    // What was taken out was there.
    expect({ name, isCleaned: said.includes('[redacted]') }).toEqual({ name, isCleaned: true });
    expect({ name, holdsIt: said.includes(canary) }).toEqual({ name, holdsIt: false });
  }
});
