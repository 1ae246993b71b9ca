import type { Cell, CellResult } from './cell';
import { runCell } from './cell';
import type { Deliverables } from './checks';
import { moments, type Strike } from './proxy';
import type { Random } from './random';
import type { Scenario } from './scenarios';
import type { Stage } from './stage';

/** What a scenario does when nothing goes wrong, and which of its calls only a recovery makes. */
export interface Reference {
  readonly scenario: Scenario;
  readonly result: CellResult;
  readonly recovery: CellResult;
}

/**
 * Runs a scenario twice: without a crash, and with one after the submit took effect. The endpoints
 * that these two call are the rows of its matrix, so that a new endpoint can't be forgotten.
 */
export async function explore(stage: Stage, scenario: Scenario): Promise<Reference> {
  const plain = { scenario, strikes: [] };
  const lost = [{ endpoint: scenario.submit, call: 1, moment: 'after effect' }] as const;
  const result = await runCell(stage, { ...plain, row: 'no crash', column: '' });
  const recovery = await runCell(
    stage,
    { ...plain, row: 'submit lost', column: '', strikes: lost },
    expectedOf(result),
  );
  return { scenario, result, recovery };
}

/** Every endpoint at every moment, at a call that the seed draws; then kills at drawn times. */
export function cellsOf(reference: Reference, random: Random, randomKills: number): Cell[] {
  const { scenario, result, recovery } = reference;
  const cells: Cell[] = [];
  const rows = [...new Set(result.calls)];
  for (const endpoint of rows) {
    const count = result.calls.filter((call) => call === endpoint).length;
    for (const moment of moments) {
      const call = random.between(1, count);
      const row = `${endpoint}${count > 1 ? ` (of ${count})` : ''}`;
      const strikes = [{ endpoint, call, moment }];
      cells.push({ scenario, row, column: moment, strikes });
    }
  }
  const lost = { endpoint: scenario.submit, call: 1, moment: 'after effect' } as const;
  for (const endpoint of new Set(recovery.calls)) {
    if (rows.includes(endpoint)) continue;
    for (const moment of moments) {
      const strikes = [lost, { endpoint, call: 1, moment }];
      const row = `${endpoint}, after a lost submit`;
      cells.push({ scenario, row, column: moment, strikes });
    }
  }
  for (let index = 0; index < randomKills; index += 1) {
    // Counted in calls, so that a slow machine is hit where a fast one is.
    const anyTime = (calls: number): Strike => ({
      endpoint: '*',
      call: random.between(1, calls),
      moment: 'after reply',
      laterMs: random.between(0, 700),
    });
    const strikes = [anyTime(result.calls.length), anyTime(result.calls.length / 2)];
    const round = 1 + Math.floor(index / moments.length);
    const row = `two kills at random${round > 1 ? ` (${round})` : ''}`;
    cells.push({ scenario, row, column: moments[index % moments.length]!, strikes });
  }
  return cells;
}

/** Runs cells, so many at a time; each result is told as soon as it is there. */
export async function runCells(
  stage: Stage,
  cells: readonly Cell[],
  expectedFor: (scenario: Scenario) => Deliverables | undefined,
  concurrency: number,
  tell: (result: CellResult) => void,
): Promise<CellResult[]> {
  const results: CellResult[] = [];
  const waiting = [...cells];
  const lane = async () => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      const result = await runCell(stage, cell, expectedFor(cell.scenario));
      results.push(result);
      tell(result);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return results;
}

/** What every other run of the scenario must leave, too; nothing of a run that was cancelled. */
export function expectedOf(result: CellResult): Deliverables | undefined {
  return Object.keys(result.left).length > 0 ? result.left : undefined;
}
