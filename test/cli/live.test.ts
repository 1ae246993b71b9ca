import { createColors } from 'picocolors';
import type { CliContext } from '../../src/cli/context';
import { DrawnBlock } from '../../src/cli/live/drawn-block';
import { foldedSteps } from '../../src/cli/live/folded-steps';
import { jobLines } from '../../src/cli/live/job-view';
import { LiveBlock } from '../../src/cli/live/live-block';
import { changedStepLines, pipelineLines } from '../../src/cli/live/pipeline-view';
import type { ShownStep, TreeRoom } from '../../src/cli/live/step-tree';
import { stepLines } from '../../src/cli/live/step-tree';
import { timeLeftWords } from '../../src/cli/live/time-left';
import { Output } from '../../src/cli/output';
import { padWidth, textWidth } from '../../src/cli/text-width';
import type { PipelineCounts, PipelineStepState } from '../../src/contracts/pipeline-run';
import type { JobDescription } from '../../src/starter/describe';
import { Screen } from './screen';

const plain = createColors(false);
const room = (columns: number, rows = 24): TreeRoom => ({
  columns,
  rows,
  nowMs: 100_000,
  spinner: '⠋',
  colors: plain,
});

const job: JobDescription = {
  workflowId: 'linkisTask/orders/1',
  runId: 'r',
  workflowType: 'linkisTask',
  status: 'RUNNING',
  startedAt: new Date(40_000),
  historyEvents: 10,
  taskQueue: 'q',
  job: { vendor: 'linkis', connection: 'linkis', remoteId: '12' },
  activity: { name: 'linkisAwaitTask', attempt: 1, running: true },
  progress: {
    status: 'Running',
    progress: 0.5,
    detail: '3 of 8 engine tasks',
    resources: { cores: 4, memoryBytes: 8e9, queue: 'default' },
    observedAtMs: 100_000,
    consecutiveErrors: 0,
  },
};

test('a running job shows its bar, elapsed and estimated time, resources and the end of its log', () => {
  expect(jobLines({ job, log: ['reading', '读取 订单'] }, room(100))).toEqual([
    '⠋ ▕████████████············▏ Running 50% · 1:00 · about 1:00 left · Linkis task 12',
    '  3 of 8 engine tasks · 4 cores · 8.0 GB · queue default',
    '  │ reading',
    '  │ 读取 订单',
  ]);
});

test('on a narrow terminal figures go on in the next line, and nothing is wider than it', () => {
  const lines = jobLines({ job, log: ['x'.repeat(80)] }, room(37));
  expect(lines.join('\n')).toContain('queue default');
  expect(lines.slice(0, -1).every((line) => textWidth(line) <= 37)).toBe(true);
});

test('an estimate is made of what was seen, and of earlier runs where nothing is', () => {
  const times = { startedAtMs: 0, nowMs: 50_000 };
  expect(timeLeftWords({ progress: 0.25, observedAtMs: 40_000 }, times)).toBe('about 1:50 left');
  expect(timeLeftWords(undefined, { ...times, usualMs: 187_000 })).toBe('usually about 3:07');
  expect(timeLeftWords({ progress: 0.01, observedAtMs: 40_000 }, times)).toBeUndefined();
});

test('a refresh shows its parts: those behind it, the one under way, those to come', () => {
  const refresh = { connection: 'sqlflow', chain: '每夜', requestId: 'r' };
  const stages = new Map([
    ['comparing files', 41_000],
    ['submitting', 42_000],
    ['waiting', 44_000],
  ] as const);
  const lines = jobLines({ job: { ...job, refresh }, stages }, room(100));
  expect(lines[0]).toMatch(/^⠋ 每夜 · 1:00/);
  expect(lines.slice(1).map((line) => line.slice(0, 30).trim())).toEqual([
    '✔ its turn          done',
    '✔ comparing files   done',
    '✔ submitting        done',
    '⠋ SQLFlow works     running',
    '· fetching          pending',
    '· comparing lineage pending',
  ]);
  expect(lines[3]).toContain('2.0 s');
});

test('a moment between two parts of a refresh is not taken for its end', () => {
  const refresh = { connection: 'sqlflow', chain: 'nightly', requestId: 'r' };
  const stages = new Map([
    ['closing', 40_000],
    ['submitting', 42_000],
  ] as const);
  const between = { ...job, refresh, activity: undefined, progress: undefined };
  const lines = jobLines({ job: between, stages }, room(100)).slice(1);
  expect(lines.map((line) => line.trim().slice(0, 1)).join('')).toBe('✔✔✔···');
});

const steps = (count: number, state: (index: number) => ShownStep['state']): ShownStep[] =>
  Array.from({ length: count }, (_, index) => ({ name: `step-${index}`, state: state(index) }));

test('of a thousand steps those that move are shown, in their order, and the rest is counted', () => {
  const thousand = steps(1_000, (index) =>
    index === 7 ? 'failed' : index < 500 ? 'done' : index < 503 ? 'running' : 'pending',
  );
  const lines = foldedSteps(thousand, 10);
  expect(lines).toHaveLength(10);
  const shown = lines.map((line) => (typeof line === 'string' ? line : line.name));
  expect(shown).toEqual(expect.arrayContaining(['step-7', 'step-500', 'step-501', 'step-502']));
  const told = shown.join(' ').match(/\d+ (done|pending)/g) ?? [];
  expect(told.join(' ')).toMatch(/pending/);
  const folded = lines.filter((line) => typeof line === 'string').join(' ');
  const counted = [...folded.matchAll(/(\d+) \w+/g)].reduce((sum, [, n]) => sum + Number(n), 0);
  expect(counted + lines.filter((line) => typeof line !== 'string').length).toBe(1_000);
  for (const rows of [1, 2, 3, 5, 50]) {
    expect(foldedSteps(thousand, rows).length).toBeLessThanOrEqual(rows);
  }
});

test('names of wide characters stand in columns', () => {
  const lines = stepLines(
    [
      { name: '加载订单', state: 'done', startedAtMs: 0, endedAtMs: 12_000 },
      { name: 'load', state: 'running', startedAtMs: 0, share: 0.5, words: '3 cores' },
    ],
    room(80),
  );
  const [first = '', second = ''] = lines;
  expect(textWidth(first.slice(0, first.indexOf('12 s')))).toBe(
    textWidth(second.slice(0, second.indexOf('1:40'))),
  );
  expect(textWidth(padWidth('漢字漢字', 5))).toBe(5);
});

test('a pipeline shows a line for the whole and one for each step, with what failed and why', () => {
  const step = (name: string, more: Partial<PipelineStepState>): PipelineStepState => ({
    name,
    kind: 'linkis',
    needs: [],
    standing: 'waiting',
    ...more,
  });
  const state = {
    name: 'nightly',
    standing: 'running' as const,
    startedAtMs: 40_000,
    counts: {} as PipelineCounts,
    steps: [
      step('load', { standing: 'succeeded', startedAtMs: 40_000, endedAtMs: 52_000 }),
      step('check', { standing: 'failed', words: 'Table\u001b[2J not found', attempts: 2 }),
      step('merge', { standing: 'running', startedAtMs: 52_000 }),
      step('sign', { kind: 'approval', standing: 'running', startedAtMs: 52_000 }),
      step('report', {}),
    ],
  };
  const progress = new Map([['merge', { ...job.progress!, detail: undefined }]]);
  const lines = pipelineLines({ state, progress }, room(100));
  expect(lines[0]).toBe('⠋ nightly · 1 done, 1 failed, 1 running, 1 waiting, 1 pending · 1:00');
  expect(lines[1]).toMatch(/✔ load +done +12 s/);
  expect(lines[2]).toMatch(/✖ check +failed +attempt 2 · Table not found/);
  expect(lines[3]).toMatch(/⠋ merge +running +48 s ▕.*▏ 50% Running · 4 cores/);
  expect(lines[4]).toMatch(/⏸ sign +waiting +48 s waits for an approval/);
  expect(lines[5]).toMatch(/· report +pending/);
});

test('without a terminal each attempt of a step is told once, with what ended the one before', () => {
  const told = new Map<string, string>();
  const step: PipelineStepState = { name: 'load', kind: 'linkis', needs: [], standing: 'running' };
  const again: PipelineStepState = { ...step, attempts: 2, words: 'the queue is full' };
  const changes = [step, step, again, again].flatMap((now) => changedStepLines([now], told));
  expect(changes).toEqual(['load running', 'load running, attempt 2: the queue is full']);
});

test('what is drawn over itself leaves what stands above, also when it grows, shrinks or is resized', () => {
  const screen = new Screen(40, 10);
  const block = new DrawnBlock(screen);
  block.above(() => screen.write('first\n'));
  block.draw(['one', 'two', 'three']);
  block.draw(['one', '2', 'three']);
  block.above(() => screen.write('second\n'));
  expect(screen.lines).toEqual(['first', 'second', 'one', '2', 'three']);
  block.draw(['x'.repeat(60)]);
  expect(screen.lines).toEqual(['first', 'second', `${'x'.repeat(36)}…`]);
  block.draw(Array.from({ length: 30 }, (_, index) => `line ${index}`));
  expect(screen.lines.filter((line) => line.startsWith('line'))).toHaveLength(9);
  block.draw([]);
  expect(screen.lines.filter((line) => line !== '').every((line) => !line.startsWith('line'))).toBe(
    true,
  );
  // A process that is killed leaves the terminal as it was.
  expect(screen.written).not.toContain('\u001b[?25l');
});

test.each([
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  [{}, true],
])('with %j the live view has colors: %s', (env, colored) => {
  const screen = new Screen(100, 24);
  const output = new Output({ env, stderr: screen, stdout: screen } as unknown as CliContext, {
    mode: 'text',
    quiet: false,
  });
  const view = { job, log: ['a line'], trouble: 'no route (trying again)' };
  const live = LiveBlock.on(output, (shown) => jobLines(view, shown));
  live?.draw();
  expect(screen.written).toContain('Running 50%');
  expect(/\u001b\[[0-9;]*m/.test(screen.written)).toBe(colored);
  output.warn('x');
  expect(/\u001b\[[0-9;]*m/.test(screen.written)).toBe(colored);
  live?.close();
});
