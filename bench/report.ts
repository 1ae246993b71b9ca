import type { Comparison, Side } from './bench';
import type { Machine } from './machine';

export interface MeasuredBench {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  /** Why it ended early; what it had measured by then is there. */
  readonly failure?: string;
  readonly comparisons: readonly Comparison[];
}

export interface Report {
  readonly startedAt: string;
  readonly command: string;
  readonly machine: Machine;
  readonly benches: readonly MeasuredBench[];
}

/** One comparison as a Markdown table: a line a side, ratios to the first one in brackets. */
export function comparisonTable({ case: name, sides }: Comparison): string {
  const [baseline] = sides;
  const columns = [...new Set(sides.flatMap(({ figures }) => Object.keys(figures)))];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line([name, ...columns.map(heading)]),
    line(['---', ...columns.map(() => '---:')]),
    ...sides.map((side) =>
      line([side.name, ...columns.map((column) => cell(side, baseline, column))]),
    ),
  ].join('\n');
}

const units: Readonly<Record<string, string>> = {
  KiBPerS: 'KiB/s',
  MiBPerS: 'MiB/s',
  Bytes: 'bytes',
  Percent: '%',
  Seconds: 's',
  Ms: 'ms',
  S: 's',
};

/** `delayP95S` as "delay p95, s". */
function heading(figure: string): string {
  const [, name = figure, unit] =
    /^(.+?)(KiBPerS|MiBPerS|PerS|KiB|MiB|Bytes|Percent|Seconds|Ms|S)?$/.exec(figure) ?? [];
  const words = name
    .replace(/(?<=[a-z\d])(?=[A-Z])/g, ' ')
    .toLowerCase()
    .replace(/\b(cpu|rss|http|csv)\b/g, (word) => word.toUpperCase());
  if (unit === 'PerS') return `${words}/s`;
  return unit === undefined ? words : `${words}, ${units[unit] ?? unit}`;
}

function cell(side: Side, baseline: Side | undefined, column: string): string {
  const value = side.figures[column];
  if (value === undefined) return '';
  const base = baseline?.figures[column] ?? NaN;
  if (side === baseline || !(base > 0)) return shown(value);
  return `${shown(value)} (×${shown(value / base)})`;
}

/** Three digits that count. */
function shown(value: number): string {
  if (!Number.isFinite(value)) return '?';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

export function markdown({ startedAt, command, machine, benches }: Report): string {
  const { cpu, cores, memoryGiB, os, node, busyPercentBefore, load1mBefore, commit } = machine;
  const minutes = benches.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  const sections = benches.flatMap(({ name, title, seconds, failure, comparisons }) => [
    `## ${name}`,
    `${title} (${Math.round(seconds)} s)`,
    ...(failure === undefined ? [] : [`**Ended early:** ${failure}`]),
    ...comparisons.map(comparisonTable),
  ]);
  return `${[
    `# ${command}`,
    `${startedAt}, ${shown(minutes)} min, commit ${commit ?? 'unknown'}. ${cores} × ${cpu}, ${memoryGiB} GiB, ${os}, Node ${node}. Others kept ${busyPercentBefore} % of it busy in the second before the start; load ${load1mBefore.toFixed(1)}.`,
    'The first line of a table is the baseline; in brackets, the ratio to it.',
    ...sections,
  ].join('\n\n')}\n`;
}
