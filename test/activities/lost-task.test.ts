import { Entrances } from '../../activities/linkis/entrances';
import { LostTaskWatch } from '../../activities/linkis/lost-task';
import { Gateway, saysData } from '../clients/linkis/gateway';

const { signal } = new AbortController();
const lostAfterMs = 600_000;
const lookEveryMs = 20_000;

let gateway: Gateway;
beforeEach(async () => {
  gateway = await Gateway.start();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await gateway.close();
});

function task(taskId: string, createdAtMs: number) {
  const instance = 'host:9104';
  return {
    ...{ taskId, status: 'Running', execId: `exec-${taskId}`, instance, createdAtMs },
    ...{ source: {}, labels: {} },
  };
}

/** An entrance that works on task 1, and remembers task 2 as ended, which jobhistory has as running. */
function answer(): void {
  gateway.answer((response, { path }) => {
    const say = (data: unknown) => saysData(data)(response, undefined as never);
    const isWorkedOn = path.includes('exec-1');
    if (path.endsWith('/status')) return say({ status: isWorkedOn ? 'Running' : 'Succeed' });
    const line = 'Your job is accepted, jobID is x and taskID is 1 in host:9104';
    if (path.endsWith('/log')) return say({ log: [line], fromLine: 1 });
    return say({ task: { taskID: 2, status: 'Running', execId: 'x', strongerExecId: 'exec-2' } });
  });
}

test.each([
  ['alone', false],
  ['while an older one runs on', true],
])('a task that its entrance remembers as ended is found lost, %s', async (_title, besideOlder) => {
  answer();
  let nowMs = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => nowMs);
  const entrances = new Entrances();
  const client = gateway.client();
  const watch = (taskId: string) => {
    const target = { connection: 'linkis', user: 'hadoop', taskId };
    return new LostTaskWatch(client, entrances, target, lostAfterMs, undefined);
  };
  const [older, stuck] = [task('1', nowMs - 60_000), task('2', nowMs)];
  const [olderWatch, stuckWatch] = [watch('1'), watch('2')];
  const sinceMs = nowMs;
  let evidence: string | undefined;
  let lookedForMs = 0;
  while (evidence === undefined && lookedForMs < 24 * 3_600_000) {
    if (besideOlder) expect(await olderWatch.evidence(older, signal)).toBeUndefined();
    evidence = await stuckWatch.evidence(stuck, signal);
    nowMs += lookEveryMs;
    lookedForMs = nowMs - sinceMs;
  }
  expect(evidence).toMatch(/looks in a row found that the entrance remembers its execID as ended/);
  // Its first look waits for as long as the older one's word may stand for it.
  expect(lookedForMs).toBeLessThan((besideOlder ? 80 : 15) * 60_000);
});
