import fc from 'fast-check';
import { leftOutBy } from '../../src/contracts/pipeline-selection';
import type { GraphStep, PipelineGraph, StepEnd } from '../../src/contracts/pipeline-steps';
import { StepBoard } from '../../workflows/pipeline/step-board';

const conditions = ['success', 'always', 'failure'] as const;
const ends = ['succeeded', 'failed', 'cancelled'] as const;

/** Steps that need some of those before them, and how each would end. */
const graphs = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat(), { maxLength: 3 }),
      when: fc.constantFrom(...conditions),
      standing: fc.constantFrom(...ends),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((all) =>
    all.map(({ needs, ...more }, at) => ({
      ...more,
      name: `s${at}`,
      kind: 'linkis' as const,
      needs: at === 0 ? [] : [...new Set(needs.map((need) => `s${need % at}`))],
    })),
  );

function boardOf(steps: readonly GraphStep[], more: Partial<PipelineGraph> = {}) {
  const graph = { name: 'tried', maxParallel: 3, steps, ...more };
  return { graph, board: new StepBoard(graph, {}, 'id') };
}

function endOf(standing: StepEnd['standing']): StepEnd {
  return { standing, words: 'because', outputs: { taskId: '1' } };
}

test('whatever ends how, each step runs once at most, after all that it needs, and as its condition says', () => {
  fc.assert(
    fc.property(graphs, fc.boolean(), (steps, handsOver) => {
      const tried = boardOf(steps);
      let { board } = tried;
      const order: string[] = [];
      while (!board.isOver) {
        for (let step = board.next(); step !== undefined; step = board.next()) {
          order.push(step.name);
          board.started(step.name, 1);
        }
        expect(board.runningCount).toBeLessThanOrEqual(3);
        // A hand-over in the middle changes nothing.
        if (handsOver) {
          const carried = JSON.parse(JSON.stringify(board.carried(0)));
          board = new StepBoard(tried.graph, {}, 'id', carried);
        }
        const [first] = board.running();
        const { standing } = steps.find(({ name }) => name === first?.name)!;
        board.ended(first!.name, endOf(standing), 2);
      }
      expect(new Set(order).size).toBe(order.length);
      const counts = board.counts();
      expect(counts.waiting + counts.running).toBe(0);
      for (const { name, needs, when } of steps) {
        const ran = order.includes(name);
        for (const need of needs) {
          if (ran && order.includes(need)) {
            expect(order.indexOf(need)).toBeLessThan(order.indexOf(name));
          }
        }
        const succeeded = (need: string) =>
          board.standing('succeeded').some((place) => place.name === need);
        if (when === 'always') expect(ran).toBe(true);
        if (when === 'success') expect(ran).toBe(needs.every(succeeded));
        if (when === 'failure' && needs.every(succeeded)) expect(ran).toBe(false);
      }
    }),
  );
});

test('a handler at the end of a line hears of a failure at its beginning, and not of a handler that had nothing to do', () => {
  const step = (name: string, needs: string[], when?: GraphStep['when']): GraphStep => {
    return { name, kind: 'linkis', needs, when };
  };
  const { board } = boardOf([
    step('load', []),
    step('next', ['load']),
    step('last', ['next']),
    step('tell', ['last'], 'failure'),
    step('tellMore', ['tell'], 'failure'),
  ]);
  board.started(board.next()!.name, 1);
  board.ended('load', endOf('failed'), 2);
  expect(board.next()?.name).toBe('tell');
  board.started('tell', 3);
  board.ended('tell', endOf('succeeded'), 4);
  expect(board.stateOf(4)).toMatchObject({ standing: 'skipped', words: expect.any(String) });
});

test('the words of five thousand failures fit into what a run hands over', () => {
  const names = Array.from({ length: 5000 }, (_, at) => `step-${at}`);
  const steps = names.map((name) => ({ name, kind: 'linkis' as const, needs: [] }));
  const { board } = boardOf(steps, { maxParallel: 5000 });
  for (let step = board.next(); step !== undefined; step = board.next()) {
    board.started(step.name, 1);
    board.ended(step.name, { standing: 'failed', words: 'x'.repeat(5000) }, 2);
  }
  expect(board.counts().failed).toBe(5000);
  expect(JSON.stringify(board.carried(0)).length).toBeLessThan(1.5 * 2 ** 20);
});

test('what a run hands over knows the run of each step; where that is too much, of those that need it', () => {
  const steps = ['reused', 'ended', 'running'].map((name) => ({
    name,
    kind: 'linkis' as const,
    needs: [],
  }));
  const graph = { name: 'tried', maxParallel: 3, steps };
  const reused = { reused: { workflowId: 'before/reused', runId: 'run-1' } };
  const board = new StepBoard(graph, { reused }, 'id');
  for (const runId of ['run-2', 'run-3']) {
    const { name } = board.next()!;
    board.started(name, 1);
    board.hasRun(name, runId);
  }
  board.ended('ended', endOf('succeeded'), 2);
  const runsOf = (carried: ReturnType<StepBoard['carried']>) => {
    const next = new StepBoard(graph, { reused }, 'id', JSON.parse(JSON.stringify(carried)));
    return [0, 1, 2].map((at) => next.stateOf(at)?.runId);
  };
  expect(runsOf(board.carried(0))).toEqual(['run-1', 'run-2', 'run-3']);
  expect(runsOf(board.carriedBriefly(0))).toEqual(['run-1', undefined, 'run-3']);
});

test('a selection leaves out what it does not name, and refuses to read what it leaves out', () => {
  const steps: GraphStep[] = [
    { name: 'load', kind: 'linkis', needs: [] },
    { name: 'mart', kind: 'linkis', needs: ['load'], uses: ['load'] },
    { name: 'tell', kind: 'linkis', needs: ['mart'] },
  ];
  const graph = { name: 'tried', maxParallel: 1, steps };
  expect(leftOutBy(graph, {})).toEqual({ leftOut: [], mistakes: [] });
  expect(leftOutBy(graph, { from: ['load'] }).leftOut).toEqual([]);
  expect(leftOutBy(graph, { only: ['tell'] })).toEqual({ leftOut: ['load', 'mart'], mistakes: [] });
  expect(leftOutBy(graph, { from: ['mart'] }).mistakes).toMatchObject([{ field: 'mart' }]);
  expect(leftOutBy(graph, { only: ['nothing'] }).mistakes).toMatchObject([{ field: 'nothing' }]);
});

test('a run that is stopped as its last step ends well is done; one that lost a step to it is not', () => {
  const first = { name: 'first', kind: 'linkis', needs: [] } as const;
  const next = { ...first, name: 'next', needs: ['first'] } as const;
  function stopped(all: readonly GraphStep[], standing: StepEnd['standing']) {
    const { board } = boardOf(all);
    board.started(board.next()!.name, 1);
    board.stop('the time was up');
    expect(board.isDone).toBe(false);
    board.ended('first', endOf(standing), 2);
    expect(board.isOver).toBe(true);
    return board.isDone;
  }
  expect(stopped([first], 'succeeded')).toBe(true);
  expect(stopped([first], 'cancelled')).toBe(false);
  expect(stopped([first], 'failed')).toBe(false);
  // What would have come next was cut off; a handler of failures would not have come.
  expect(stopped([first, next], 'succeeded')).toBe(false);
  expect(stopped([first, { ...next, when: 'failure' }], 'succeeded')).toBe(true);
  expect(stopped([first, { ...next, when: 'failure' }], 'failed')).toBe(false);
});
