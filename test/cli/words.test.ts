import { parseDeadline, formatDuration, formatSize } from '../../src/cli/durations';
import {
  isBeingSubmitted,
  logGapWords,
  outageWords,
  progressWords,
  sentence,
  troubleOf,
} from '../../src/cli/job-words';
import { explain } from '../../src/cli/errors';
import { keyValues, taskValues } from '../../src/cli/key-values';
import { restOfLog } from '../../src/cli/job-log';
import { outcomeCode } from '../../src/cli/outcome-code';
import { bar } from '../../src/cli/live/progress-bar';
import { renderTable } from '../../src/cli/tables';
import { fitWidth, printable, printableLine, textWidth } from '../../src/cli/text-width';
import { parseDuration } from '../../src/contracts/duration';
import { failureTypes } from '../../src/contracts/failure-types';
import type { JobProgress } from '../../src/contracts/job';
import type { JobDescription } from '../../src/starter/describe';

const runningJob: JobDescription = {
  workflowId: 'a',
  runId: 'b',
  workflowType: 'linkisTask',
  status: 'RUNNING',
  startedAt: new Date(0),
  historyEvents: 7,
  waitsForWorker: false,
  taskQueue: 'q',
};

test('durations are read in seconds, minutes, hours and days', () => {
  expect(parseDuration('90s')).toBe(90_000);
  expect(parseDuration('1h30m')).toBe(5_400_000);
  expect(parseDuration('0.5d')).toBe(43_200_000);
  expect(parseDuration('10')).toBeUndefined();
  expect(parseDuration('ten minutes')).toBeUndefined();
});

test('a submit that a worker has begun may have taken effect, and one that waits for a worker has not', () => {
  const submitting = (attempt: number, running: boolean, name = 'linkisSubmitTask') =>
    isBeingSubmitted({ ...runningJob, activity: { name, attempt, running } });
  expect(submitting(1, false)).toBe(false);
  expect(submitting(1, true)).toBe(true);
  expect(submitting(2, false)).toBe(true);
  expect(submitting(2, false, 'sqlflowPlanRefresh')).toBe(false);
});

test('the trouble of a wait is what its own looks meet, not why the attempt before ended', () => {
  const trouble = (running: boolean, message: string, progress?: JobProgress, type?: string) => {
    const lastFailure = { type, message };
    const activity = { name: 'linkisAwaitTask', attempt: 2, running, lastFailure };
    return troubleOf({ ...runningJob, activity, progress });
  };
  const died = 'activity Heartbeat timeout';
  const lastError = 'the gateway is away';
  const looks = { status: 'Running', observedAtMs: 0, consecutiveErrors: 1, lastError };
  expect(trouble(false, died, looks)).toContain('the worker that had the job has gone');
  expect(trouble(true, died, looks)).toBe('the gateway is away (trying again)');
  expect(trouble(true, died, { ...looks, lastError: undefined })).toBeUndefined();
  expect(trouble(true, 'no route')).toBe('no route (trying again)');
  expect(trouble(false, 'handed over', undefined, 'RemoteJob.HandedOver')).toBeUndefined();
});

test('a message begins as a sentence does, and the path of a setting is left as the file has it', () => {
  expect(sentence('the queue is full')).toBe('The queue is full');
  expect(sentence('connections.lineage.url is missing')).toBe('connections.lineage.url is missing');
});

test('a deadline is a duration or a time that lies ahead', () => {
  const nowMs = Date.parse('2026-05-01T12:00:00Z');
  expect(parseDeadline('30m', nowMs)).toBe(1_800_000);
  expect(parseDeadline('2026-05-01T18:00:00Z', nowMs)).toBe(6 * 3_600_000);
  expect(() => parseDeadline('2026-05-01T11:00:00Z', nowMs)).toThrow('in the past');
  expect(() => parseDeadline('1', nowMs)).toThrow('Give a duration');
});

test('data that only an application can decode is called that', () => {
  const { message, exitCode } = explain(new Error('Unknown encoding: binary/encrypted'));
  expect(message).toContain("binary/encrypted by the application's own payload codec");
  expect(exitCode).toBe(2);
});

test('durations and sizes are written for a person', () => {
  expect([400, 59_000, 187_000, 7_387_000, 273_600_000].map(formatDuration)).toEqual([
    '0.4 s',
    '59 s',
    '3:07',
    '2:03:07',
    '3 d 4 h',
  ]);
  expect([0, 999, 3_400, 26_200_000, 5e12].map(formatSize)).toEqual([
    '0 B',
    '999 B',
    '3.4 kB',
    '26.2 MB',
    '5000 GB',
  ]);
});

test('wide characters take two columns, marks none', () => {
  expect(textWidth('漢字')).toBe(4);
  expect(textWidth('e\u0301')).toBe(1);
  expect(textWidth('😀')).toBe(2);
  expect(fitWidth('漢字漢字', 6)).toBe('漢字…');
  expect(fitWidth('short', 6)).toBe('short');
});

test("a service's escape sequences do not reach the terminal", () => {
  expect(printable('\u001b[31mred\u001b[0m \u001b]0;title\u0007x\u0007\tend')).toBe('red x\tend');
  expect(printable('dw.\u202eelas\u2066')).toBe('dw.elas');
  expect(printableLine('dw.a\n\u001b[31m0 errors\r\n\tdw.b')).toBe('dw.a 0 errors dw.b');
});

test('a table lines up wide characters and cuts the widest column', () => {
  expect(
    renderTable({
      columns: ['名', 'n'],
      rows: [
        ['漢字', '1'],
        ['a', '22'],
      ],
    }),
  ).toBe(['名    n', '漢字  1', 'a     22'].join('\n'));
  const cut = renderTable({ columns: ['a', 'b'], rows: [['x'.repeat(50), 'kept']], width: 20 });
  expect(Math.max(...cut.split('\n').map(textWidth))).toBeLessThanOrEqual(20);
  expect(cut).toContain('kept');
});

test('an id that is too long for the terminal is whole, and moves its own line alone', () => {
  const long = `id/${'x'.repeat(50)}`;
  expect(
    renderTable({
      columns: ['id', 'status'],
      rows: [
        [long, 'running'],
        ['id/a', 'failed'],
      ],
      width: 24,
      uncut: [0, 1],
    }),
  ).toBe([`${'id'.padEnd(14)}status`, `${long}  running`, `${'id/a'.padEnd(14)}failed`].join('\n'));
});

test('progress is drawn in a bar and told in words', () => {
  expect(bar(0.5)).toBe(`▕${'█'.repeat(12)}${'·'.repeat(12)}▏`);
  expect(bar(2)).toBe(`▕${'█'.repeat(24)}▏`);
  const observed = { observedAtMs: 0, consecutiveErrors: 0 };
  expect(
    progressWords({
      status: 'Running',
      progress: 0.456,
      detail: '3 of 8 engine tasks',
      resources: { cores: 2, memoryBytes: 1e9 },
      ...observed,
    }),
  ).toEqual(['Running 45%', '3 of 8 engine tasks', '2 cores', '1.0 GB']);
});

test('values may hold an equals sign, and name a secret', () => {
  expect(keyValues('--var', ['a=b=c', 'd='])).toEqual({ a: 'b=c', d: '' });
  expect(taskValues('--runtime', ['jdbc.password=@secret:W', 'q=1'])).toEqual({
    'jdbc.password': { secret: 'W' },
    q: '1',
  });
  expect(() => keyValues('--var', ['=x'])).toThrow('has no key');
});

async function rest(shown: readonly string[], log: readonly string[]) {
  const open = async function* () {
    yield* log;
  };
  const lines: string[] = [];
  const following = restOfLog({ lines: shown.length, last: shown.at(-1) }, open);
  for (let next = await following.next(); ; next = await following.next()) {
    if (next.done === true) return { lines, end: next.value };
    lines.push(next.value);
  }
}

test('a log goes on after the last line that was shown, also where live lines came twice', async () => {
  const log = ['a', 'b', 'c', 'd'];
  expect(await rest([], log)).toEqual({ lines: log, end: 'same' });
  expect(await rest(['a', 'b'], log)).toEqual({ lines: ['c', 'd'], end: 'same' });
  expect(await rest(['a', 'b', 'b'], log)).toEqual({ lines: ['c', 'd'], end: 'same' });
  expect(await rest(['b', 'c'], log)).toEqual({ lines: ['d'], end: 'same' });
  expect(await rest(['x'], log)).toEqual({ lines: [], end: 'differs' });
});

test('every end of a job has its exit code', () => {
  const failed = (type: string | undefined, kill?: 'confirmed' | 'unconfirmed') =>
    outcomeCode({
      kind: type === failureTypes.deadlineExceeded ? 'deadline' : 'failed',
      type,
      message: '',
      report: { vendor: 'linkis', connection: 'c', kill: kill && { outcome: kill, evidence: '' } },
    });
  expect(failed(failureTypes.failed)).toBe(1);
  expect(failed(undefined)).toBe(1);
  expect(failed(failureTypes.notLoggedIn)).toBe(2);
  expect(failed(failureTypes.configuration)).toBe(2);
  expect(failed(failureTypes.cancelledRemotely)).toBe(3);
  expect(failed(failureTypes.unreachable)).toBe(4);
  expect(failed(failureTypes.submitOutcomeUnknown)).toBe(5);
  expect(failed(failureTypes.notFound)).toBe(5);
  expect(failed(failureTypes.deadlineExceeded, 'confirmed')).toBe(124);
  expect(failed(failureTypes.deadlineExceeded, 'unconfirmed')).toBe(5);
  expect(outcomeCode({ kind: 'cancelled' })).toBe(3);
  expect(outcomeCode({ kind: 'cancelled', kill: { outcome: 'unconfirmed', evidence: '' } })).toBe(
    5,
  );
  expect(outcomeCode({ kind: 'terminated', message: '' })).toBe(5);
});

test('a service that does not answer is said to be unreachable, and since when', () => {
  const progress = { status: 'Running', observedAtMs: 0, consecutiveErrors: 0 };
  expect(outageWords(progress)).toBeUndefined();
  const unreachableSinceMs = new Date(2026, 4, 1, 14, 2, 10).getTime();
  const away = { ...progress, consecutiveErrors: 124, unreachableSinceMs };
  expect(outageWords(away, unreachableSinceMs + 3_723_000)).toBe(
    'unreachable since 2026-05-01 14:02:10 (1:02:03, 124 looks failed)',
  );
});

test('a log that lacks lines says so, and a whole one says nothing', () => {
  const log = { source: 'collected', lines: 30 } as const;
  expect(logGapWords(log)).toEqual([]);
  expect(logGapWords({ ...log, skippedLines: 4, endMissing: 'notRead' })).toEqual([
    '4 lines of the log are missing, and maybe more',
    'the end of the log may be missing',
  ]);
  expect(logGapWords({ ...log, endMissing: 'overLimit' })).toEqual([
    'only the first 30 lines of the log were kept (limits.maxLogLines)',
  ]);
});
