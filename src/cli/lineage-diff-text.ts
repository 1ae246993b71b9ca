import { countLineage } from '../lineage/counts';
import { isSame, type LineageDiff } from '../lineage/diff';
import {
  columnEntries,
  datasetEntries,
  edgeEntries,
  type ColumnPlace,
  type Sign,
} from '../lineage/diff-entries';
import type { Output } from './output';
import { count } from './preview';
import { printableLine } from './text-width';

/** A diff for a terminal: what happened to datasets, then columns, then edges by their target. */
export function printDiff(
  output: Output,
  diff: LineageDiff,
  labels: readonly [before: string, after: string],
): void {
  const { bold, dim } = output.colors;
  const [before, after] = labels.map(printableLine);
  if (isSame(diff)) {
    output.print(`No difference between ${before} and ${after}.`);
    return;
  }
  output.print(`${bold(`${before} → ${after}`)}  ${changeWords(diff)}`);
  const sign = (of: Sign) => (of === '-' ? output.colors.red('-') : output.colors.green('+'));
  for (const { sign: of, kind, name, columns } of datasetEntries(diff)) {
    const size = dim(`(${count(columns, 'column')})`);
    output.print(`${sign(of)} ${kind} ${bold(printableLine(name))} ${size}`);
  }
  let owner: string | undefined;
  for (const { sign: of, dataset, column } of columnEntries(diff)) {
    if (dataset.toLowerCase() !== owner) output.print(`  ${printableLine(dataset)}`);
    owner = dataset.toLowerCase();
    output.print(`${sign(of)}   column ${printableLine(column)}`);
  }
  let target: string | undefined;
  for (const edge of edgeEntries(diff)) {
    const into = dotted(edge.target);
    if (into.toLowerCase() !== target) output.print(`  ${into}`);
    target = into.toLowerCase();
    const words = [edge.kind, printableLine(edge.effect)].filter((word) => word !== '').join(' ');
    output.print(`${sign(edge.sign)}   ← ${dotted(edge.source)} ${dim(words)}`);
  }
}

function changeWords(diff: LineageDiff): string {
  const { change } = countLineage(diff.after, diff);
  if (!change) return '';
  const kinds = [
    ['edge', change.edgesRemoved, change.edgesAdded],
    ['column', change.columnsRemoved, change.columnsAdded],
    ['dataset', change.datasetsRemoved, change.datasetsAdded],
  ] as const;
  return kinds
    .filter(([, removed, added]) => removed + added > 0)
    .map(([noun, removed, added]) => {
      const words = [
        ...(removed > 0 ? [`${count(removed, noun)} removed`] : []),
        ...(added > 0 ? [`${count(added, noun)} added`] : []),
      ];
      return words.join(', ');
    })
    .join(' · ');
}

function dotted({ dataset, column }: ColumnPlace): string {
  return printableLine(column === '*' ? dataset : `${dataset}.${column}`);
}
