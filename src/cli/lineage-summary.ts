import { countLineage } from '../lineage/counts';
import { at, edgeKinds, flowKinds, type Lineage, type LineageModelError } from '../lineage/model';
import { tableLineage } from '../lineage/tables';
import type { Output } from './output';
import { count } from './preview';
import { renderTable } from './tables';
import { printableLine } from './text-width';

const mostDatasets = 1000;
const mostErrors = 100;

/** How much there is, each dataset with its neighbours counted, and the server's errors. */
export function printSummary(output: Output, lineage: Lineage, label: string): void {
  const { bold, dim, underline } = output.colors;
  const { datasets, columns, edges, errors } = countLineage(lineage);
  const facts = [
    ...(lineage.dialect === undefined ? [] : [printableLine(lineage.dialect)]),
    count(datasets, 'dataset'),
    count(columns, 'column'),
    count(edges, 'edge'),
    count(errors, 'error'),
  ];
  output.print(`${bold(printableLine(label))}  ${facts.join(dim(' · '))}`);
  const neighbours = neighbourCounts(lineage);
  const rows = lineage.datasets
    .slice(0, mostDatasets)
    .map(({ name, kind, ...own }, index) => [
      name,
      kind,
      String(realColumns(lineage, own)),
      String(neighbours.sources[index] ?? 0),
      String(neighbours.readers[index] ?? 0),
    ]);
  if (rows.length > 0) {
    output.print(
      renderTable({
        columns: ['dataset', 'kind', 'columns', 'sources', 'readers'],
        rows,
        width: output.columns,
        heading: underline,
      }),
    );
  }
  const more = datasets - rows.length;
  if (more > 0) output.print(dim(`… and ${count(more, 'more dataset')}; --output json has all`));
  printErrors(output, lineage.errors);
}

function printErrors(output: Output, errors: readonly LineageModelError[]): void {
  if (errors.length === 0) return;
  const { bold, dim } = output.colors;
  output.print('');
  output.print(bold(`${count(errors.length, 'error')} of the server`));
  for (const { message, type = '', ...where } of errors.slice(0, mostErrors)) {
    const position = [where.file, where.line, where.column].filter((part) => part !== undefined);
    const words = [position.join(':'), message].filter((part) => part !== '').join('  ');
    output.print(`  ${printableLine(words)}${type === '' ? '' : ` ${dim(printableLine(type))}`}`);
  }
  const more = errors.length - mostErrors;
  if (more > 0) output.print(dim(`  … and ${count(more, 'more error')}`));
}

/** The canonical form as one JSON document, piece by piece. */
export function* lineageJson(lineage: Lineage, label: string): Generator<string> {
  const { dialect, datasets, columns, edges, effects, errors } = lineage;
  yield `{"source":${JSON.stringify(label)},`;
  if (dialect !== undefined) yield `"dialect":${JSON.stringify(dialect)},`;
  yield `"counts":${JSON.stringify(countLineage(lineage))},"datasets":[`;
  for (const [index, { name, kind, firstColumn, columnCount }] of datasets.entries()) {
    const own = columns.slice(firstColumn, firstColumn + columnCount).map((column) => column.name);
    yield `${index === 0 ? '' : ','}${JSON.stringify({ name, kind, columns: own })}`;
  }
  yield '],"edges":[';
  const end = (column: number) => {
    const { name, dataset } = at(columns, column);
    return { dataset: at(datasets, dataset).name, column: name };
  };
  for (let edge = 0; edge < edges.length; edge += 1) {
    const told = {
      source: end(at(edges.source, edge)),
      target: end(at(edges.target, edge)),
      kind: at(edgeKinds, at(edges.kind, edge)),
      effect: at(effects, at(edges.effect, edge)),
    };
    yield `${edge === 0 ? '' : ','}${JSON.stringify(told)}`;
  }
  yield `],"errors":${JSON.stringify(errors)}}\n`;
}

/** Without stars and row counters. */
function realColumns(
  { columns }: Lineage,
  { firstColumn, columnCount }: { firstColumn: number; columnCount: number },
): number {
  return columns
    .slice(firstColumn, firstColumn + columnCount)
    .filter(({ role }) => role === 'column').length;
}

function neighbourCounts(lineage: Lineage): { sources: number[]; readers: number[] } {
  const { datasets, edges } = tableLineage(lineage);
  const sources = datasets.map(() => new Set<number>());
  const readers = datasets.map(() => new Set<number>());
  for (let edge = 0; edge < edges.length; edge += 1) {
    if (!flowKinds.has(at(edgeKinds, at(edges.kind, edge)))) continue;
    sources[at(edges.target, edge)]?.add(at(edges.source, edge));
    readers[at(edges.source, edge)]?.add(at(edges.target, edge));
  }
  return { sources: sources.map(({ size }) => size), readers: readers.map(({ size }) => size) };
}
