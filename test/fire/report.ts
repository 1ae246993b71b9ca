import Table from 'cli-table3';
import type { CellResult } from './cell';
import { moments } from './proxy';

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One scenario: a row an endpoint, a column a moment. */
export function matrixTable(results: readonly CellResult[]): string {
  const table = new Table({
    head: ['', ...moments],
    style: { head: [], border: [], compact: true },
  });
  for (const row of new Set(results.map(({ cell }) => cell.row))) {
    const own = results.filter(({ cell }) => cell.row === row);
    const [whole] = own.filter(({ cell }) => cell.column === '');
    const shown = whole
      ? [{ content: words(whole), colSpan: moments.length }]
      : moments.map((moment) => words(own.find(({ cell }) => cell.column === moment)));
    table.push([row, ...shown]);
  }
  return table.toString();
}

/** Says every problem once more, and how many cells passed. @returns the exit code */
export function summary(results: readonly CellResult[]): number {
  const failed = results.filter(({ problems }) => problems.length > 0);
  for (const { cell, problems } of failed) {
    say(`WRONG ${cell.scenario.name}: ${cell.row}, ${cell.column || 'whole run'}`);
    say(`  kills: ${JSON.stringify(cell.strikes)}`);
    for (const problem of problems) say(`  ${problem}`);
  }
  say(`${results.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

function words(result: CellResult | undefined): string {
  if (result === undefined) return '';
  const end = result.problems.length === 0 ? 'ok' : 'WRONG';
  return `${end} ${result.seconds.toFixed(0)} s`;
}
