import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, Comparison } from './bench';
import { download } from './download';
import { history } from './history';
import { lineage } from './lineage';
import { describeMachine } from './machine';
import { overhead } from './overhead';
import { growthPlots } from './plot';
import { refresh } from './refresh';
import { comparisonTable, markdown, type Report } from './report';
import { services } from './services';
import { watch } from './watch';

const benches: readonly Bench[] = [services, overhead, history, download, watch, refresh, lineage];
const usage = `npm run bench -- [--only ${benches.map(({ name }) => name).join('|')}] [--quick]`;
/** Compiled, this file is dist/bench/run.js. */
const root = path.join(__dirname, '../..');
const resultsDir = path.join(root, 'bench/results');
/** The documentation shows them, so that they are kept under one name. */
const plotsDir = path.join(root, 'docs/images');

async function main(): Promise<void> {
  const { only, quick } = flags();
  const chosen = benches.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) throw new Error(`There is no benchmark "${only}". ${usage}`);

  const startedAt = new Date();
  // A part of the benches, or a quick run, never takes the place of a whole one.
  const parts = [startedAt.toISOString().slice(0, 10), only, quick && 'quick'];
  const file = path.join(resultsDir, parts.filter(Boolean).join('-'));
  for (const folder of [resultsDir, plotsDir]) await mkdir(folder, { recursive: true });
  const machine = await describeMachine();
  const startedMs = performance.now();
  const measured: { name: string; title: string; comparisons: Comparison[] }[] = [];
  for (const bench of chosen) {
    const { name, title } = bench;
    say(`## ${name}\n\n${title}\n\n`);
    const comparisons: Comparison[] = [];
    for await (const comparison of bench.run(quick)) {
      comparisons.push(comparison);
      say(`${comparisonTable(comparison)}\n\n`);
    }
    await plot(bench, comparisons, quick ? file : path.join(plotsDir, 'bench'));
    measured.push({ name, title, comparisons });
  }

  const words = [only && `--only ${only}`, quick && '--quick'].filter(Boolean).join(' ');
  const report: Report = {
    startedAt: startedAt.toISOString(),
    command: words === '' ? 'npm run bench' : `npm run bench -- ${words}`,
    seconds: (performance.now() - startedMs) / 1000,
    machine,
    benches: measured,
  };
  await writeFile(`${file}.json`, `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(`${file}.md`, markdown(report));
  say(`${Math.round(report.seconds)} s; written to ${path.relative('', file)}.{json,md}\n`);
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

function flags(): { only?: string; quick: boolean } {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
  });
  return { only: values.only, quick: values.quick };
}

function say(text: string): void {
  process.stdout.write(text);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
