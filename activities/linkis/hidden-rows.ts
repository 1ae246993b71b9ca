import { IncompleteError } from '../../src/clients/http/errors';
import type { LinkisFile, LinkisPackedPage } from '../../src/clients/linkis/public';

/** No service hides narrower tables: it would be of no use to anybody. */
const fewestColumns = 100;
/** What a file without rows has at most, besides the texts that describe its columns. */
const headBytes = 1024;
/** The same for each column: lengths, and texts that the service shows in another form. */
const columnBytes = 32;

/**
 * A service with `linkis.resultset.column.size.max` (unlimited unless a site sets it) shows the columns
 * of a wider table and none of its rows, says nothing of it, and exports it the same way.
 * Only the file's size tells such a table from an empty one.
 *
 * @param page the first one of a set
 * @throws IncompleteError where the file has more than its columns
 */
export function refuseHiddenRows(
  { columns = [], rows }: LinkisPackedPage,
  { name, path, sizeBytes = 0 }: LinkisFile,
  title: string,
): void {
  // Of other formats (Parquet, ORC) no size tells whether there are rows.
  if (rows.length > 0 || columns.length < fewestColumns || !name.endsWith('.dolphin')) return;
  let mostBytes = headBytes;
  for (const column of columns) {
    const texts = [column.name, column.dataType ?? '', column.comment ?? ''];
    mostBytes += columnBytes + Buffer.byteLength(texts.join(''));
  }
  if (sizeBytes <= mostBytes) return;
  throw new IncompleteError(
    'Linkis.RowsHidden',
    `${title} (${path}) comes with ${columns.length} columns and no rows, but has ${sizeBytes} bytes, more than those columns take: the service shows no rows of a table with more columns than its linkis.resultset.column.size.max. Select fewer columns, or have that setting raised`,
  );
}
