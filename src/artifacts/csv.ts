import { stringify } from 'csv-stringify/sync';
import type { TablePages } from './tables';

const csv = {
  record_delimiter: 'windows',
  // csv-stringify quotes for its own record delimiter only; RFC 4180 wants each CR and LF quoted.
  quoted_match: /[\r\n]/,
  cast: {
    string: (value: string) => (value === '' ? { value, quoted_empty: true } : value),
  },
} as const;

/**
 * RFC 4180 with a header. NULL is an empty field and the empty text is `""`, so that readers which
 * look (DuckDB, PostgreSQL's COPY) tell them apart. In a table of one column NULL is an empty line.
 */
export async function* csvBody(
  columns: readonly string[],
  pages: TablePages,
): AsyncGenerator<string> {
  yield stringify([[...columns]], csv);
  for await (const page of pages) {
    if (page.length > 0) yield stringify(page as string[][], csv);
  }
}
