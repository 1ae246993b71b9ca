import { at, columnName, edgeKinds, type Lineage, type LineageColumn } from '../lineage/model';
import { neighboursOf } from '../lineage/neighbours';
import { flowsOf, otherEnd, type Direction, type Reach } from '../lineage/questions';
import type { Colors } from './output';
import { printableLine } from './text-width';

/** What a tree is drawn of. */
export interface TreeOptions {
  readonly lineage: Lineage;
  readonly start: readonly number[];
  readonly reach: Reach;
  readonly direction: Direction;
  readonly depth: number;
  readonly colors: Colors;
}

interface Branch {
  readonly column: number;
  readonly edges: readonly number[];
  readonly indent: string;
  next: number;
}

/**
 * One tree for each start that leads somewhere, a line for each edge. What has been drawn is drawn
 * once: where it comes again, in a circle too, it says so.
 */
export function* treeLines(options: TreeOptions): Generator<string> {
  const { lineage, reach, direction, depth, colors } = options;
  const neighbours = neighboursOf(lineage);
  const drawn = new Set<number>();
  const branch = (column: number, indent: string): Branch => {
    drawn.add(column);
    const isCut = (reach.distances.get(column) ?? depth) >= depth;
    const edges = isCut ? [] : [...flowsOf(lineage, neighbours, column, direction)];
    return { column, edges, indent, next: 0 };
  };
  for (const root of options.start) {
    if (drawn.has(root)) continue;
    const open = [branch(root, '')];
    if (open[0]?.edges.length === 0 && options.start.length > 1) continue;
    yield colors.bold(plainName(lineage, root));
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const edge = top.edges[top.next];
      if (edge === undefined) {
        open.pop();
        continue;
      }
      top.next += 1;
      const isLast = top.next === top.edges.length;
      const column = otherEnd(lineage, edge, direction);
      const known = open.some((above) => above.column === column)
        ? colors.yellow(' ↻ circle')
        : drawn.has(column) && hasMore(options, neighbours, column)
          ? colors.dim(' ↑ above')
          : '';
      const fork = colors.dim(`${top.indent}${isLast ? '└─' : '├─'} `);
      yield `${fork}${coloredName(options, column)} ${edgeWords(options, edge)}${known}`;
      if (!drawn.has(column)) open.push(branch(column, `${top.indent}${isLast ? '   ' : '│  '}`));
    }
  }
}

function hasMore(
  { lineage, direction }: TreeOptions,
  neighbours: ReturnType<typeof neighboursOf>,
  column: number,
): boolean {
  return flowsOf(lineage, neighbours, column, direction).next().done !== true;
}

function edgeWords({ lineage, colors }: TreeOptions, edge: number): string {
  const kind = at(edgeKinds, at(lineage.edges.kind, edge));
  const effect = printableLine(at(lineage.effects, at(lineage.edges.effect, edge)));
  const words = `${kind}${effect === '' ? '' : ` ${effect}`}`;
  return kind === 'fdd' ? colors.dim(words) : colors.magenta(words);
}

function coloredName({ lineage, colors }: TreeOptions, column: number): string {
  const { name, dataset, role } = at(lineage.columns, column);
  const owner = printableLine(at(lineage.datasets, dataset).name);
  return role === 'star' ? colors.cyan(owner) : `${owner}.${colors.cyan(printableLine(name))}`;
}

/** A star stands for its dataset. */
export function plainName(lineage: Lineage, column: number): string {
  const { role, dataset }: LineageColumn = at(lineage.columns, column);
  const name = role === 'star' ? at(lineage.datasets, dataset).name : columnName(lineage, column);
  return printableLine(name);
}
