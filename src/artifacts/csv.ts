import type { TableCell } from './table';

/**
 * RFC 4180 with a header. NULL is an empty field and the empty text is `""`, so that readers which
 * look (DuckDB, PostgreSQL's COPY) tell them apart. In a table of one column NULL is an empty line.
 */
export function csvRecord(cells: readonly TableCell[]): string {
  return `${cells.map(field).join(',')}\r\n`;
}

function field(cell: TableCell): string {
  if (cell === null) return '';
  if (cell === '') return '""';
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
