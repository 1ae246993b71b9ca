import Table from 'cli-table3';
import { fitWidth, printable, textWidth } from './text-width';

/** No lines but spaces between: it can be read, and cut by column. */
const plainBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

export interface TableOptions {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the table may take; the widest columns are cut to fit. @default no limit */
  readonly width?: number;
  /** Columns that are never cut, counted from 0: an id that is cut can't be copied. @default none */
  readonly uncut?: readonly number[];
  /** How a heading looks. @default as it is */
  readonly heading?: (text: string) => string;
}

/** A table of text; wide characters take the room they need. */
export function renderTable(options: TableOptions): string {
  const { columns, rows, heading = String } = options;
  const widths = fittedWidths(options);
  const fitted = (row: readonly string[]) =>
    row.map((cell, index) => fitWidth(oneLine(cell), widths[index] ?? 1));
  const table = new Table({
    head: fitted(columns).map(heading),
    chars: plainBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map(fitted));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function oneLine(cell: string): string {
  return printable(cell.replace(/\s*\n\s*/g, ' ↵ ').replace(/\t/g, ' '));
}

const gap = 2;
const narrowest = 6;

/** Takes from the widest column that may be cut, one at a time, until all fit. */
function fittedWidths({ columns, rows, width, uncut = [] }: TableOptions): number[] {
  // Folded, not spread: a call takes no hundred thousand arguments.
  const widths = columns.map((name, index) =>
    rows.reduce(
      (widest, row) => Math.max(widest, textWidth(oneLine(row[index] ?? ''))),
      textWidth(oneLine(name)),
    ),
  );
  if (width === undefined) return widths;
  const room = width - gap * (columns.length - 1);
  const total = () => widths.reduce((sum, column) => sum + column, 0);
  const cuttable = () => widths.map((column, index) => (uncut.includes(index) ? 0 : column));
  while (total() > room) {
    const current = Math.max(...cuttable());
    if (current <= narrowest) break;
    const least = Math.max(narrowest, current - Math.max(1, Math.ceil((total() - room) / 4)));
    widths[cuttable().indexOf(current)] = least;
  }
  return widths;
}
