import { didYouMean } from '../config/nearest';
import { place } from '../lineage/diff-entries';
import { findByName, namesLike } from '../lineage/find';
import { at, edgeKinds, type Lineage } from '../lineage/model';
import { findUnused, reach, type Direction } from '../lineage/questions';
import { tableLineage } from '../lineage/tables';
import { usageError } from './errors';
import { treeLines } from './lineage-tree';
import type { Output } from './output';
import { count } from './preview';
import { printableLine } from './text-width';

export interface QuestionOptions {
  readonly upstream?: string;
  readonly downstream?: string;
  readonly depth?: number;
  readonly unused?: boolean;
  readonly tableLevel?: boolean;
}

/** Answers each question; the keys of what it returns are those of the JSON document. */
export function answerQuestions(
  output: Output,
  lineage: Lineage,
  options: QuestionOptions,
): Readonly<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const direction of ['upstream', 'downstream'] as const) {
    const name = options[direction];
    if (name === undefined) continue;
    answers[direction] = answerReach(output, lineage, direction, name, options);
  }
  if (options.unused === true) answers.unused = answerUnused(output, lineage);
  return answers;
}

function answerReach(
  output: Output,
  whole: Lineage,
  direction: Direction,
  name: string,
  { depth = Infinity, tableLevel = false }: QuestionOptions,
): unknown {
  const found = findByName(whole, name);
  if (found.kind === 'unknown') {
    throw usageError(
      `--${direction}: this lineage has neither a dataset nor a column ${JSON.stringify(name)}.${didYouMean(name, namesLike(whole, name))}`,
    );
  }
  if (found.kind === 'ambiguous') {
    throw usageError(
      `--${direction}: ${JSON.stringify(name)} may be ${found.names.map(printableLine).join(', ')}: write more of the name.`,
    );
  }
  const lineage = tableLevel ? tableLineage(whole) : whole;
  const start = tableLevel
    ? [...new Set(found.columns.map((column) => at(whole.columns, column).dataset))]
    : found.columns;
  const reached = reach(lineage, start, direction, depth);
  const { colors } = output;
  if (reached.edges.length === 0) {
    const words = direction === 'upstream' ? 'Nothing flows into' : 'Nothing flows out of';
    output.print(`${words} ${printableLine(found.name)}.`);
  }
  for (const line of treeLines({ lineage, start, reach: reached, direction, depth, colors })) {
    output.print(line);
  }
  const others = reached.distances.size - start.length;
  const furthest = Math.max(0, ...[...reached.distances.values()].slice(-1));
  if (others > 0) {
    const what = count(others, tableLevel ? 'dataset' : 'column');
    const more = reached.cut ? `, and more beyond --depth ${depth}` : '';
    output.say(`${what} ${direction}, up to ${count(furthest, 'step')} away${more}`);
  }
  return {
    of: found.name,
    cut: reached.cut,
    found: [...reached.distances]
      .filter(([, distance]) => distance > 0)
      .map(([column, distance]) => ({ ...place(lineage, column), distance })),
    edges: reached.edges.map((edge) => ({
      source: place(lineage, at(lineage.edges.source, edge)),
      target: place(lineage, at(lineage.edges.target, edge)),
      kind: at(edgeKinds, at(lineage.edges.kind, edge)),
      effect: at(lineage.effects, at(lineage.edges.effect, edge)),
    })),
  };
}

function answerUnused(output: Output, lineage: Lineage): unknown {
  const { datasets, columns } = findUnused(lineage);
  const values = edgeKinds.indexOf('fdd');
  if (columns.length > 0 && lineage.edges.kind.every((kind) => kind === values)) {
    output.say(
      'This export tells of values alone (fdd): a column that only filters or joins looks unused. Export with --relation-types fdd,frd,fdr,join to see them.',
    );
  }
  const { bold, dim } = output.colors;
  if (columns.length === 0) output.print('Every column of a dataset that is read is read.');
  else output.print(bold(`${count(columns.length, 'column')} that nothing reads`));
  let owner = -1;
  for (const column of columns) {
    const { name, dataset } = at(lineage.columns, column);
    if (dataset !== owner) output.print(`  ${printableLine(at(lineage.datasets, dataset).name)}`);
    owner = dataset;
    output.print(`    ${printableLine(name)}`);
  }
  if (datasets.length > 0) {
    output.print(bold(`${count(datasets.length, 'dataset')} that nothing reads at all`));
    for (const index of datasets) {
      const { name, kind } = at(lineage.datasets, index);
      output.print(`  ${printableLine(name)} ${dim(kind)}`);
    }
  }
  return {
    columns: columns.map((column) => place(lineage, column)),
    datasets: datasets.map((index) => at(lineage.datasets, index).name),
  };
}
