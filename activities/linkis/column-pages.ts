import { IncompleteError } from '../../src/clients/http/errors';
import {
  PackedRows,
  type LinkisCallOptions,
  type LinkisClient,
  type LinkisPackedPage,
} from '../../src/clients/linkis/public';

/** The service's own bound, and what it takes where nothing is said. */
const pageColumns = 500;
/** Far beyond what any engine makes: a service that never comes to an end is not asked for ever. */
const mostColumns = 100_000;

/**
 * A page of rows whose columns are asked for in parts, put side by side again.
 *
 * @throws IncompleteError where the parts don't make one table
 */
export async function openColumns(
  client: LinkisClient,
  path: string,
  rows: { readonly page: number; readonly pageSize: number },
  title: string,
  call: LinkisCallOptions,
): Promise<LinkisPackedPage> {
  const parts: LinkisPackedPage[] = [];
  let count = 0;
  for (let part = 1; ; part += 1) {
    const query = { ...rows, columns: { page: part, pageSize: pageColumns } };
    const page = await client.openPacked(path, query, call);
    const got = page.columns?.length ?? 0;
    const [first] = parts;
    if (first !== undefined) refuse(differenceBetween(first, parts.at(-1) ?? first, page));
    parts.push(page);
    count += got;
    // Told from 1.7 on, which is when columns can be asked for in parts.
    const total = page.totalColumn;
    if (total === undefined ? got < pageColumns : count >= total || got === 0) {
      if (total !== undefined && count !== total) {
        refuse(`has ${count} columns where the service counts ${total}`);
      }
      return beside(parts);
    }
    if (count > mostColumns) refuse(`has more than ${mostColumns} columns`);
  }

  function refuse(difference: string | undefined): void {
    if (difference === undefined) return;
    throw new IncompleteError(
      'Linkis.ColumnsMissing',
      `page ${rows.page} of ${title} (${path}), asked for in parts of ${pageColumns} columns, ${difference}`,
    );
  }
}

function differenceBetween(
  first: LinkisPackedPage,
  before: LinkisPackedPage,
  page: LinkisPackedPage,
): string | undefined {
  // Beyond the last column some answer with no cells at all.
  if (page.columns?.length === 0) return undefined;
  if (page.rows.length !== first.rows.length) {
    return `has ${page.rows.length} rows in one part and ${first.rows.length} in the first`;
  }
  return columnNames(page) === columnNames(before)
    ? 'has the same columns in two parts: the service ignores which are asked for'
    : undefined;
}

/** Parts of the same rows as one page. */
function beside(parts: readonly LinkisPackedPage[]): LinkisPackedPage {
  const whole = parts.filter(({ columns }) => columns?.length !== 0);
  const [first] = whole;
  if (first === undefined || whole.length === 1) return first ?? (parts[0] as LinkisPackedPage);
  const packed = whole.flatMap(({ rows }) => (rows instanceof PackedRows ? [rows] : []));
  return {
    ...first,
    columns: whole.flatMap(({ columns }) => columns ?? []),
    rows:
      packed.length === whole.length
        ? PackedRows.beside(packed)
        : valuesBeside(whole.map(({ rows }) => [...rows])),
    sizeBytes: whole.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

function valuesBeside(
  parts: readonly (readonly (readonly (string | null)[])[])[],
): readonly (readonly (string | null)[])[] {
  const [first = []] = parts;
  return first.map((_, row) => parts.flatMap((part) => part[row] ?? []));
}

/** What tells the columns of one page from those of another. */
export function columnNames({ columns }: LinkisPackedPage): string {
  return JSON.stringify(columns?.map(({ name }) => name));
}
