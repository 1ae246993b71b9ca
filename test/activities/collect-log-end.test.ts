import { LogChunks } from '../../src/artifacts/log-chunks';
import type { Limits } from '../../src/contracts/limits';
import { jobFolder, logChunksFolder } from '../../src/contracts/names';
import { Gateway, saysData, saysText } from '../clients/linkis/gateway';
import { activityStack, Attempt, type ActivityStack } from './support';

const numbered = (from: number, to: number, word = 'line') =>
  Array.from({ length: to - from }, (_, index) => `${word} ${from + index}`);

const input = {
  connection: 'linkis',
  user: 'hadoop',
  taskId: '7',
  execId: 'exec-7',
  format: 'csv' as const,
};
const signal = new AbortController().signal;

let gateway: Gateway;
let stack: ActivityStack;
/** The service's log file; undefined where it can't be had. */
let file: string[] | undefined;
/** What the entrance holds; undefined where it is away. */
let live: string[] | undefined;
/** The gateway itself is away. */
let isAway: boolean;
/** The answer with the log file is no JSON. */
let isBroken: boolean;

beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(() => gateway.close());
beforeEach(() => {
  file = undefined;
  live = [];
  isAway = false;
  isBroken = false;
  const unavailable = saysText('{}', 500);
  gateway.answer((response, received) => {
    const { path, query } = received;
    const answer = () => {
      if (isAway) return unavailable;
      if (path.endsWith('/get')) return saysData({ task: row });
      if (path.includes('/jobhistory/')) return saysData({ tasks: [row], totalPage: 1 });
      if (path.endsWith('/openLog') && isBroken) return saysText('{"status":0,"da', 200);
      if (path.endsWith('/openLog')) {
        return file === undefined ? saysText('{}', 404) : saysData({ log: file.join('\n') });
      }
      if (live === undefined) return unavailable;
      if (path.endsWith('/status')) return saysData({ execId: 'exec-7', status: 'Succeed' });
      const from = Number(query.fromLine);
      const lines = live.slice(from, from + Number(query.size));
      return saysData({ log: lines.join('\n'), fromLine: from + lines.length });
    };
    answer()(response, received);
  });
});
afterEach(() => stack.close());

const row = {
  taskID: 7,
  status: 'Succeed',
  execId: 'short_7',
  strongerExecId: 'exec-7',
  logPath: 'file:///logs/7.log',
  createdTime: 1,
};

/** A worker, and what was kept of the log while the task ran. */
async function worker(kept: readonly string[], limits: Partial<Limits> = {}): Promise<LogChunks> {
  const linkis = {
    type: 'linkis',
    url: gateway.url,
    user: 'hadoop',
    token: { value: 'x' },
  } as const;
  stack = await activityStack({}, { connections: { linkis }, limits });
  const { workflowExecution } = new Attempt().environment.context.info;
  const folder = jobFolder(workflowExecution!.workflowId, workflowExecution!.runId);
  const chunks = new LogChunks(stack.store, logChunksFolder(folder, '7'));
  if (kept.length > 0) await chunks.append(0, 1, kept.slice(0, 1), signal);
  if (kept.length > 1) await chunks.append(1, kept.length, kept.slice(1), signal);
  return chunks;
}

let attempts: number;
let left: unknown;
/** One attempt after another, as Temporal would have them, until one answers. */
async function collect(results = true) {
  for (attempts = 1, left = undefined; ; attempts++) {
    const attempt = new Attempt({ attempt: attempts, heartbeatDetails: left });
    try {
      return await stack.run('linkisCollectOutputs', { ...input, results }, attempt);
    } catch (error) {
      if (attempts === 30 || (error as { nonRetryable?: boolean }).nonRetryable) throw error;
      left = attempt.beats.at(-1) ?? left;
      afterAttempt(attempts);
    }
  }
}
let afterAttempt: (number: number) => void;
beforeEach(() => {
  afterAttempt = () => undefined;
});

test('a log file whose answer arrives broken is asked for again, and is the log then', async () => {
  await worker(numbered(0, 25));
  live = undefined;
  isBroken = true;
  file = numbered(0, 40);
  afterAttempt = (number) => {
    if (number === 3) isBroken = false;
  };
  const { log, warnings } = await collect();
  expect(log).toMatchObject({ source: 'persisted', lines: 40 });
  expect(warnings).toBeUndefined();
  expect(attempts).toBe(4);
});

test("attempts that failed before they came to the log don't cost it its end", async () => {
  await worker(numbered(0, 25));
  isAway = true;
  live = undefined;
  afterAttempt = (number) => {
    if (number === 6) isAway = false;
    // One more error, of the entrance alone; then it gives the end.
    if (number === 7) live = numbered(0, 40);
  };
  const { log, warnings } = await collect();
  expect(attempts).toBe(8);
  expect(log).toMatchObject({ source: 'collected', lines: 40 });
  expect(log).not.toHaveProperty('endMissing');
  expect(warnings).toBeUndefined();
});

test('an end that can not be read for good is told in the reference and in a warning', async () => {
  await worker(numbered(0, 25));
  live = undefined;
  const { log, warnings } = await collect();
  expect(attempts).toBe(8);
  expect(log).toMatchObject({ source: 'collected', lines: 25, endMissing: 'notRead' });
  expect(warnings).toEqual([expect.stringMatching(/^the end of the task's log may be missing: /)]);
});

test('a log of which nothing could be read is missed in a warning, not in silence', async () => {
  await worker([]);
  live = undefined;
  const { log, warnings } = await collect();
  expect(log).toBeUndefined();
  expect(warnings).toEqual([expect.stringMatching(/^nothing of the task's log could be had: /)]);
});

test('a log file that is not written to its end yet is waited for', async () => {
  await worker(numbered(0, 25));
  file = numbered(0, 10);
  afterAttempt = () => {
    file = numbered(0, 40);
  };
  const { log, warnings } = await collect();
  expect(attempts).toBe(2);
  expect(log).toMatchObject({ source: 'persisted', lines: 40 });
  expect(warnings).toBeUndefined();
});

test('a log file that stays short of what was collected does not replace it', async () => {
  await worker(numbered(0, 25));
  file = numbered(0, 10);
  live = numbered(0, 30);
  const { log, warnings } = await collect();
  expect(attempts).toBe(8);
  expect(log).toMatchObject({ source: 'collected', lines: 30 });
  expect(await stack.read(log!)).toBe(`${numbered(0, 30).join('\n')}\n`);
  expect(warnings).toEqual([
    'the log file of Linkis task 7 has 10 lines and lacks some of the 25 that were collected while it ran: the collected ones were kept',
  ]);
});

test('a log file with fewer lines is believed where the live ones were only repeated', async () => {
  const lines = numbered(0, 20);
  await worker([...lines, ...lines.slice(-5)]);
  file = lines;
  expect((await collect()).log).toMatchObject({ source: 'persisted', lines: 20 });
  expect(attempts).toBe(1);
});

test.each([true, false])(
  'a log file over the limit is kept up to it, and a warning names the limit (succeeded: %s)',
  async (succeeded) => {
    await worker([], { maxLogLines: 30 });
    file = numbered(0, 100);
    const { log, logTail, warnings } = await collect(succeeded);
    expect(log).toMatchObject({ source: 'persisted', lines: 30, endMissing: 'overLimit' });
    expect(await stack.read(log!)).toBe(`${numbered(0, 30).join('\n')}\n`);
    // A failure's last words are the task's, not the limit's.
    if (!succeeded) expect(logTail.split('\n').at(-1)).toBe('line 99');
    expect(warnings).toEqual([
      "the task's log has at least 100 lines, and limits.maxLogLines allows 30: only its first 30 were kept; let the task say less, or raise the limit",
    ]);
  },
);

test('a collected log over the limit is kept up to it', async () => {
  await worker(numbered(0, 25), { maxLogLines: 30 });
  live = numbered(0, 100);
  const { log, warnings } = await collect();
  expect(log).toMatchObject({ source: 'collected', lines: 30, endMissing: 'overLimit' });
  expect(await stack.read(log!)).toBe(`${numbered(0, 30).join('\n')}\n`);
  expect(warnings).toEqual([expect.stringContaining('limits.maxLogLines allows 30')]);
});

test('lines that the service jumped over are missed in a warning', async () => {
  const chunks = await worker(numbered(0, 25));
  await chunks.append(25, 40, numbered(30, 40), signal, { skipped: 5 });
  live = numbered(0, 40);
  const { log, warnings } = await collect();
  expect(log).toMatchObject({ source: 'collected', lines: 35, skippedLines: 5 });
  expect(warnings).toEqual(["the service jumped over 5 lines of the task's log: they are missing"]);
});
