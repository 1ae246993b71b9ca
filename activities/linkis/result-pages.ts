import type { PageSource } from '../../src/artifacts/pages';
import { IncompleteError } from '../../src/clients/http/errors';
import {
  PageMemory,
  type LinkisCallOptions,
  type LinkisClient,
  type LinkisFile,
  type LinkisPackedPage,
} from '../../src/clients/linkis/public';
import { columnNames, openColumns } from './column-pages';

/** A page of a result set, and how the set is divided into pages. */
export interface ResultPage extends LinkisPackedPage {
  readonly layout: string;
}

/** How a set is asked for. */
interface Layout {
  readonly pageRows: number;
  /** The service shows its columns only a part at a time. */
  readonly byColumns: boolean;
}

/** Rows of the first page, which shows how wide they are. Most sets have no more. */
const firstRows = 500;

/** What a page takes, about: it is in memory three times, as it comes, ahead, and written. */
const pageBytes = 2 * 2 ** 20;

/** The service passes over all rows before a page, so that few large pages cost it least. */
const mostRows = 20_000;

/**
 * A result set page by page until one is short, since the server tells neither the number of its
 * pages nor its rows in all. The first rows tell how many make a page of about 2 MiB, and whether
 * the columns must be asked for in parts. Every page is fetched while the one before it is written.
 *
 * @param title for a person: "result set 2 of 3"
 */
export function resultPages(
  client: LinkisClient,
  { path, sizeBytes }: LinkisFile,
  title: string,
  call: LinkisCallOptions,
): PageSource<ResultPage> {
  return {
    // A set that was replaced between two attempts has another size, but by chance.
    identity: JSON.stringify([path, sizeBytes]),
    async *pages(fromPage) {
      const stop = new AbortController();
      // The page ahead is read into the one while the other is written.
      const memories = [new PageMemory(), new PageMemory()];
      const ahead = { ...call, signal: AbortSignal.any([call.signal, stop.signal]) };
      const open = (page: number, pageSize: number, byColumns: boolean) => {
        const asked = byColumns
          ? openColumns(client, path, { page, pageSize }, title, ahead)
          : client.openPacked(path, { page, pageSize }, ahead, memories[page % 2]);
        asked.catch(() => undefined); // whoever awaits it gets the error
        return asked;
      };
      try {
        const { page: first, byColumns } = await firstPage((whether) =>
          open(1, firstRows, whether),
        );
        checkCount(first, firstRows, title, path);
        if (first.isLast) {
          yield { ...first, layout: 'one page' };
          return;
        }
        const layout: Layout = { pageRows: rowsOfPage(first), byColumns };
        const names = columnNames(first);
        let next = open(fromPage + 1, layout.pageRows, byColumns);
        for (let number = fromPage; ; number += 1) {
          const page = await next;
          checkCount(page, layout.pageRows, title, path);
          if (columnNames(page) !== names) {
            throw new IncompleteError(
              'Linkis.ColumnsChanged',
              `page ${page.page} of ${title} (${path}) has other columns than the page before it: the file was replaced while it was read`,
            );
          }
          if (!page.isLast) next = open(number + 2, layout.pageRows, byColumns);
          yield { ...page, layout: JSON.stringify(layout) };
          if (page.isLast) return;
        }
      } finally {
        stop.abort();
      }
    },
  };
}

/** By columns where the service withholds the whole (its limits: 1.7 and later). */
async function firstPage(
  open: (byColumns: boolean) => Promise<LinkisPackedPage>,
): Promise<{ readonly page: LinkisPackedPage; readonly byColumns: boolean }> {
  try {
    return { page: await open(false), byColumns: false };
  } catch (error) {
    const isWithheld =
      error instanceof IncompleteError && error.reason === 'Linkis.DisplayProhibited';
    if (!isWithheld) throw error;
    return { page: await open(true), byColumns: true };
  }
}

/** Round, so that answers whose words differ by a few bytes tell the same. */
function rowsOfPage({ sizeBytes, rows }: LinkisPackedPage): number {
  const wanted = Math.min(mostRows, (pageBytes * rows.length) / sizeBytes);
  let rounded = 1;
  for (let tens = 1; tens <= wanted; tens *= 10) {
    for (const digit of [1, 2, 3, 5, 7]) if (digit * tens <= wanted) rounded = digit * tens;
  }
  return rounded;
}

/**
 * The service counts the rows of a page (`totalLine`); a server that took the name at its word would
 * count those of the set. What fits neither has lost rows on its way.
 */
function checkCount(page: LinkisPackedPage, pageRows: number, title: string, path: string): void {
  const got = page.rows.length;
  if (got > pageRows) {
    throw new IncompleteError(
      'Linkis.PagesIgnored',
      `page ${page.page} of ${title} (${path}) has ${got} rows where at most ${pageRows} were asked for: the service doesn't divide it into pages, so its end can't be told`,
    );
  }
  const { totalLine, isLast } = page;
  const inAll = (page.page - 1) * pageRows + got;
  if (!isLast || !totalLine || totalLine === got || totalLine === inAll) return;
  throw new IncompleteError(
    'Linkis.RowsMissing',
    `${title} (${path}) ends with ${got} rows on page ${page.page}, ${inAll} in all, but the service counts ${totalLine}`,
  );
}
