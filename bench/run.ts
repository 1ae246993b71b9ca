import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, BenchSize, Comparison } from './bench';
import { download } from './download';
import { fanOut } from './fan-out';
import { files } from './files';
import { history } from './history';
import { inFlight } from './in-flight';
import { lineage } from './lineage';
import { list } from './list';
import { describeMachine } from './machine';
import { overhead } from './overhead';
import { growthPlots } from './plot';
import { refresh } from './refresh';
import { comparisonTable, markdown, type MeasuredBench, type Report } from './report';
import { restart } from './restart';
import { services } from './services';
import { watch } from './watch';

const benches: readonly Bench[] = [
  services,
  overhead,
  history,
  watch,
  inFlight,
  restart,
  fanOut,
  download,
  files,
  refresh,
  list,
  lineage,
];
const names = benches.map(({ name }) => name).join(', ');
const usage = `npm run bench -- [--only <names, with commas between them>] [--bars | --quick]; the benches are ${names}`;
/** Compiled, this file is dist/bench/run.js. */
const root = path.join(__dirname, '../..');
const resultsDir = path.join(root, 'bench/results');
/** The documentation shows them, so that they are kept under one name. */
const plotsDir = path.join(root, 'docs/images');

async function main(): Promise<void> {
  const { only, size } = flags();
  const chosen = choose(only, size);

  const startedAt = new Date();
  // A part of the benches, or a smaller run, never takes the place of a whole one.
  const parts = [startedAt.toISOString().slice(0, 10), ...(only ?? []), size !== 'full' && size];
  const file = path.join(resultsDir, parts.filter(Boolean).join('-'));
  for (const folder of [resultsDir, plotsDir]) await mkdir(folder, { recursive: true });
  const flagged = [only && `--only ${only.join(',')}`, size !== 'full' && `--${size}`];
  const words = flagged.filter(Boolean).join(' ');
  // One size of a thing is no growth.
  const plots = { full: path.join(plotsDir, 'bench'), quick: file, bars: undefined };
  const machine = await describeMachine();
  const measured: MeasuredBench[] = [];
  for (const bench of chosen) {
    measured.push(await measure(bench, size, plots[size]));
    const report: Report = {
      startedAt: startedAt.toISOString(),
      command: words === '' ? 'npm run bench' : `npm run bench -- ${words}`,
      machine,
      benches: measured,
    };
    // After each one: an hour's figures outlive whatever becomes of the next.
    await writeFile(`${file}.json`, `${JSON.stringify(report, undefined, 2)}\n`);
    await writeFile(`${file}.md`, markdown(report));
  }
  say(`written to ${path.relative('', file)}.{json,md}\n`);
}

function choose(only: readonly string[] | undefined, size: BenchSize): readonly Bench[] {
  const unknown = only?.find((name) => !benches.some((bench) => bench.name === name));
  if (unknown !== undefined) throw new Error(`There is no benchmark "${unknown}". ${usage}`);
  const chosen = benches.filter(
    ({ name, hasBars }) => (only?.includes(name) ?? true) && (size !== 'bars' || hasBars),
  );
  if (chosen.length === 0) throw new Error(`No bar is measured by ${only?.join(', ')}. ${usage}`);
  return chosen;
}

async function measure(
  bench: Bench,
  size: BenchSize,
  plots: string | undefined,
): Promise<MeasuredBench> {
  const { name, title } = bench;
  const startedMs = performance.now();
  const comparisons: Comparison[] = [];
  let failure: string | undefined;
  say(`## ${name}\n\n${title}\n\n`);
  try {
    for await (const comparison of bench.run(size)) {
      comparisons.push(comparison);
      say(`${comparisonTable(comparison)}\n\n`);
    }
    if (plots !== undefined) await plot(bench, comparisons, plots);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${name} failed: ${error instanceof Error ? error.stack : failure}\n`);
    process.exitCode = 1;
  }
  const seconds = (performance.now() - startedMs) / 1000;
  say(`${Math.round(seconds)} s\n\n`);
  return { name, title, seconds, failure, comparisons };
}

async function plot(
  { name, plotted }: Bench,
  comparisons: readonly Comparison[],
  beginning: string,
): Promise<void> {
  if (plotted === undefined) return;
  for (const [of, svg] of await growthPlots(plotted, comparisons)) {
    await writeFile(`${beginning}-${name}-${of}.svg`, svg);
  }
}

function flags(): { only?: readonly string[]; size: BenchSize } {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, bars: { type: 'boolean' }, quick: { type: 'boolean' } },
  });
  const { only, bars, quick } = values;
  if (bars && quick) throw new Error(`--bars and --quick are two sizes: choose one. ${usage}`);
  return { only: only?.split(','), size: bars ? 'bars' : quick ? 'quick' : 'full' };
}

function say(text: string): void {
  process.stdout.write(text);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
