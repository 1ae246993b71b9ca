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
  /** How a heading looks. @default as it is */
  readonly heading?: (text: string) => string;
}

/** A table of text; wide characters take the room they need. */
export function renderTable({ columns, rows, width, heading = String }: TableOptions): string {
  const widths = fittedWidths(columns, rows, width);
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

/** Takes from the widest column, one at a time, until all fit. */
function fittedWidths(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): number[] {
  const widths = columns.map((name, index) =>
    Math.max(textWidth(oneLine(name)), ...rows.map((row) => textWidth(oneLine(row[index] ?? '')))),
  );
  if (width === undefined) return widths;
  const room = width - gap * (columns.length - 1);
  const total = () => widths.reduce((sum, column) => sum + column, 0);
  while (total() > room) {
    const widest = widths.indexOf(Math.max(...widths));
    const current = widths[widest] ?? 0;
    if (current <= narrowest) break;
    widths[widest] = Math.max(narrowest, current - Math.max(1, Math.ceil((total() - room) / 4)));
  }
  return widths;
}
