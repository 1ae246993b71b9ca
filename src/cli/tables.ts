import { fitWidth, padWidth, printable, textWidth } from './text-width';

const gap = 2;

export interface TableOptions {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the table may take; the widest columns are cut to fit. @default no limit */
  readonly width?: number;
  /**
   * Columns that are never cut, counted from 0: an id that is cut can't be copied. What takes more
   * than half of the width there moves the rest of its own line, and of no other. @default none
   */
  readonly uncut?: readonly number[];
  /** How a heading looks. @default as it is */
  readonly heading?: (text: string) => string;
}

/** A table of text with spaces between its columns; wide characters take the room they need. */
export function renderTable(options: TableOptions): string {
  const { columns, rows, uncut = [], heading = String } = options;
  const widths = fittedWidths(options);
  const line = (cells: readonly string[], look: (text: string) => string = String) =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 1;
        const text = oneLine(cell);
        if (uncut.includes(index) && textWidth(text) > width) return look(text);
        return padWidth(look(fitWidth(text, width)), width);
      })
      .join(' '.repeat(gap))
      .trimEnd();
  return [line(columns, heading), ...rows.map((row) => line(row))].join('\n');
}

function oneLine(cell: string): string {
  return printable(cell.replace(/\s*\n\s*/g, ' ↵ ').replace(/\t/g, ' '));
}

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
  for (const index of uncut) widths[index] = Math.min(widths[index] ?? 0, Math.floor(width / 2));
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
