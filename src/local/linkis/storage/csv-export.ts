import type { ResultRow } from '../engine/sql-engine';

export interface CsvStyle {
  readonly separator: string;
  /** Quotes around every cell; without it there are none at all. */
  readonly quotes: boolean;
  readonly keepNewlines: boolean;
  /** Stands for NULL, and for the empty text too. */
  readonly nullValue: string;
}

/** The real server's CSV, which loses: inner quotes vanish, newlines become spaces, "" becomes NULL. */
export function csvLine(row: ResultRow, style: CsvStyle): string {
  const cells = row.map((value) => {
    const text = value === null || value === '' ? style.nullValue : value.replaceAll('"', '');
    const line = style.keepNewlines ? text : text.replace(/\r\n|\r|\n/g, ' ');
    return style.quotes ? `"${line}"` : line;
  });
  return `${cells.join(style.separator)}\n`;
}
