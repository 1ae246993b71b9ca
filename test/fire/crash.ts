import { Command } from 'commander';
import { LocalTemporal } from '../../src/local/temporal/local-temporal';
import { cellsOf, expectedOf, explore, runCells, type Reference } from './matrix';
import { Random, seedOf } from './random';
import { matrixTable, say, summary } from './report';
import { crashScenarios } from './scenarios';
import { openStage } from './stage';

interface Flags {
  readonly seed?: string;
  readonly only?: string;
  readonly row?: string;
  readonly concurrency: string;
  readonly random: string;
}

/** `npm run test:crash`: docs/crash-tests.md says what it proves. */
async function main(): Promise<number> {
  const flags = new Command('test:crash')
    .option('--seed <number>', 'replays the choices of a run; SEED does so too')
    .option('--only <words>', 'scenarios whose name has these words')
    .option('--row <words>', 'endpoints whose name has these words')
    .option('--concurrency <number>', 'cells at a time', '12')
    .option('--random <number>', 'cells a scenario with two kills at random', '3')
    .parse()
    .opts<Flags>();
  const seed = seedOf(flags.seed);
  const scenarios = crashScenarios.filter(({ name }) => name.includes(flags.only ?? ''));
  if (scenarios.length === 0) throw new Error(`no scenario is called "${flags.only}"`);
  say(`The crash matrix, seed ${seed}`);

  const startedMs = Date.now();
  const temporal = await LocalTemporal.start({ log: say });
  const stage = await openStage(temporal.address);
  try {
    const concurrency = Number(flags.concurrency);
    const references: Reference[] = await Promise.all(
      scenarios.map((scenario) => explore(stage, scenario)),
    );
    const random = new Random(seed);
    const cells = references
      .flatMap((reference) => cellsOf(reference, random, Number(flags.random)))
      .filter(({ row }) => row.includes(flags.row ?? ''));
    say(`${cells.length} cells, ${concurrency} at a time`);
    const expected = new Map(
      references.map(({ scenario, result }) => [scenario, expectedOf(result)]),
    );
    let done = 0;
    const results = await runCells(
      stage,
      cells,
      (scenario) => expected.get(scenario),
      concurrency,
      ({ cell, problems, seconds }) => {
        done += 1;
        const end = problems.length === 0 ? 'ok' : `WRONG: ${problems.join('; ')}`;
        const where = `${cell.scenario.name}: ${cell.row}, ${cell.column}`;
        say(`${done}/${cells.length} ${where}: ${end} (${seconds.toFixed(0)} s)`);
      },
    );
    const all = [...references.flatMap(({ result, recovery }) => [result, recovery]), ...results];
    for (const { scenario } of references) {
      const own = all.filter(({ cell }) => cell.scenario === scenario);
      say(`\n${scenario.name}\n${matrixTable(own)}`);
    }
    const minutes = ((Date.now() - startedMs) / 60_000).toFixed(1);
    say(`\nSeed ${seed}, ${minutes} minutes, ${sum(all.map(({ kills }) => kills))} workers killed`);
    return summary(all);
  } finally {
    await stage.close();
    await temporal.close();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(String((error as Error).stack ?? error));
    process.exit(1);
  },
);
