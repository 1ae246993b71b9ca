import fc from 'fast-check';
import type { LinkisClient } from '../../src/clients/linkis/public';
import { isTerminalLinkisStatus } from '../../src/clients/linkis/status';
import { call, execId, fixture, Gateway, saysText } from '../clients/linkis/gateway';
import { replies, text, type Reply } from './generated';
import { outcomeOf, type Outcome } from './outcome';

let gateway: Gateway;
let client: LinkisClient;
beforeAll(async () => {
  gateway = await Gateway.start();
  client = gateway.client();
});
afterAll(() => gateway.close());

/** The words after which a task's record changes no more, as Linkis's sources have them. */
const ends = ['succeed', 'failed', 'cancelled', 'timeout'];

/** Sends a generated answer over HTTP and hands what the client makes of it to a check. */
function property<T>(
  fixtureName: string,
  ask: () => Promise<T>,
  check: (outcome: Outcome<T>, reply: Reply) => void = () => undefined,
) {
  const sound: unknown = JSON.parse(fixture(fixtureName));
  return fc.assert(
    fc.asyncProperty(replies(sound), async (reply) => {
      gateway.answer(saysText(reply.text, reply.status));
      const outcome = await outcomeOf(ask);
      if ('value' in outcome) expect(isGranted(reply)).toBe(true);
      check(outcome, reply);
    }),
    { numRuns: 120 },
  );
}

function isGranted({ status, text }: Reply): boolean {
  const body = JSON.parse(text) as { status?: unknown };
  return status >= 200 && status <= 299 && body.status === 0;
}

/** Every text that stands under a key called `status`, wherever it is in the answer. */
function saidStatuses(reply: Reply): string[] {
  // By a pattern: a walk by recursion would run out of stack where the client must not.
  return [...reply.text.matchAll(/"status":("(?:[^"\\]|\\.)*")/g)].map((match) =>
    (JSON.parse(match[1] ?? '') as string).trim().toLowerCase(),
  );
}

function expectHonest(statuses: readonly string[], reply: Reply): void {
  for (const status of statuses.filter(isTerminalLinkisStatus)) {
    expect(ends).toContain(status.trim().toLowerCase());
    expect(saidStatuses(reply)).toContain(status.trim().toLowerCase());
  }
}

test('no word but the four documented ones ends a task', () => {
  fc.assert(
    fc.property(text, (word) => {
      expect(isTerminalLinkisStatus(word)).toBe(ends.includes(word.trim().toLowerCase()));
    }),
  );
});

test('no answer about a task crashes the client, and none ends the task but by its own word', () =>
  property(
    'jobhistory-get',
    () => client.getTask('1946923', call),
    (outcome, reply) => {
      if (!('value' in outcome)) return;
      expect(outcome.value.taskId).toBe('1946923');
      expectHonest([outcome.value.status], reply);
    },
  ));

test.each([
  ['jobhistory-list', async () => (await client.listTasks({}, call)).tasks],
  ['list-taskids', () => client.listTaskIds(['1946923', '1946924'], call)],
])('no list of tasks (%s) crashes the client, and none ends a task by itself', (name, ask) =>
  property(name, ask, (outcome, reply) => {
    if ('value' in outcome)
      expectHonest(
        outcome.value.map(({ status }) => status),
        reply,
      );
  }),
);

test('no status of an entrance crashes the client or is an end that it did not say', () =>
  property(
    'status',
    () => client.status(execId, {}, call),
    (outcome, reply) => {
      if ('value' in outcome) expectHonest([outcome.value.status], reply);
    },
  ));

test.each(['log-four-part', 'log-plain', 'log-null', 'log-ended'])(
  'no page of a log (%s) crashes the client, moves the cursor to nowhere, or holds anything but lines',
  (name) =>
    property(
      name,
      () => client.log(execId, { fromLine: 7 }, call),
      (outcome) => {
        if (!('value' in outcome)) return;
        expect(Number.isSafeInteger(outcome.value.fromLine)).toBe(true);
        expect(outcome.value.fromLine).toBeGreaterThanOrEqual(0);
        expectLines(outcome.value.lines);
      },
    ),
);

test('no whole log crashes the client or holds anything but lines', () =>
  property(
    'open-log',
    () => client.openLog('/logs/1946923.log', call),
    (outcome) => {
      if ('value' in outcome) expectLines(outcome.value.lines);
    },
  ));

function expectLines(lines: readonly string[]): void {
  for (const line of lines) {
    expect(typeof line).toBe('string');
    expect(line).not.toContain('\n');
  }
}

test.each(['open-file-table', 'open-file-text', 'open-file-html', 'open-file-prohibited'])(
  'no page of a result (%s) crashes the client or has a row that is not as wide as its header',
  (name) =>
    property(
      name,
      () => client.openFile('/results/1946923/_0.dolphin', { pageSize: 100 }, call),
      (outcome) => {
        if (!('value' in outcome)) return;
        const { kind, columns, rows } = outcome.value;
        for (const row of rows) {
          if (kind === 'table') expect(row).toHaveLength(columns?.length ?? -1);
          for (const cell of row) expect(cell === null || typeof cell === 'string').toBe(true);
        }
      },
    ),
);

test.each([
  ['progress', () => client.progress(execId, call)],
  ['progress-with-resource', () => client.progressWithResource(execId, call)],
])('no %s crashes the client or leaves 0 to 1', (name, ask) =>
  property(name, ask, (outcome) => {
    if (!('value' in outcome) || outcome.value.progress === undefined) return;
    expect(outcome.value.progress).toBeGreaterThanOrEqual(0);
    expect(outcome.value.progress).toBeLessThanOrEqual(1);
  }),
);

test('no answer to a submit crashes the client or makes a task without ids', () =>
  property(
    'submit',
    () => client.submit({ code: 'select 1', engine: 'spark-2.4.3', runType: 'sql' }, call),
    (outcome) => {
      if (!('value' in outcome)) return;
      expect(outcome.value.taskId).toMatch(/\S/);
      expect(outcome.value.execId).toMatch(/\S/);
    },
  ));

test('no answer to a kill crashes the client, and none but a granted one is taken for success', () =>
  property('kill', () => client.kill(execId, {}, call)));

test('no folder of results crashes the client', () =>
  property('dir-file-trees', () => client.getDirFileTrees('/results/1946923', call)));
