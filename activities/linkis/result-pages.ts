import type { PageSource } from '../../src/artifacts/pages';
import { IncompleteError } from '../../src/clients/http/errors';
import type {
  LinkisCallOptions,
  LinkisClient,
  LinkisFile,
  LinkisPackedPage,
} from '../../src/clients/linkis/public';

/** The server's default; larger pages save calls on large results. */
const pageRows = 5000;

/**
 * A result set page by page until one is short, since the server tells neither the number of its
 * pages nor its rows in all. Every page is fetched while the one before it is being written.
 *
 * @param title for a person: "result set 2 of 3"
 */
export function resultPages(
  client: LinkisClient,
  { path, sizeBytes }: LinkisFile,
  title: string,
  call: LinkisCallOptions,
): PageSource<LinkisPackedPage> {
  return {
    // A set that was replaced between two attempts has another size, but by chance.
    identity: JSON.stringify([path, sizeBytes, pageRows]),
    async *pages(fromPage) {
      const stop = new AbortController();
      const ahead = { ...call, signal: AbortSignal.any([call.signal, stop.signal]) };
      const fetchPage = (number: number) => {
        const asked = client.openPacked(path, { page: number + 1, pageSize: pageRows }, ahead);
        asked.catch(() => undefined); // whoever awaits it gets the error
        return asked;
      };
      let columns: string | undefined;
      try {
        let next = fetchPage(fromPage);
        for (let number = fromPage; ; number += 1) {
          const page = await next;
          checkCount(page, number, title, path);
          columns ??= columnsOf(page);
          if (columnsOf(page) !== columns) {
            throw new IncompleteError(
              'Linkis.ColumnsChanged',
              `page ${page.page} of ${title} (${path}) has other columns than the page before it: the file was replaced while it was read`,
            );
          }
          if (!page.isLast) next = fetchPage(number + 1);
          yield page;
          if (page.isLast) return;
        }
      } finally {
        stop.abort();
      }
    },
  };
}

/**
 * The service counts the rows of a page (`totalLine`); a server that took the name at its word would
 * count those of the set. What fits neither has lost rows on its way.
 */
function checkCount(
  page: LinkisPackedPage,
  pagesBefore: number,
  title: string,
  path: string,
): void {
  const got = page.rows.length;
  if (got > pageRows) {
    throw new IncompleteError(
      'Linkis.PagesIgnored',
      `page ${page.page} of ${title} (${path}) has ${got} rows where at most ${pageRows} were asked for: the service doesn't divide it into pages, so its end can't be told`,
    );
  }
  const { totalLine, isLast } = page;
  const inAll = pagesBefore * pageRows + got;
  if (!isLast || !totalLine || totalLine === got || totalLine === inAll) return;
  throw new IncompleteError(
    'Linkis.RowsMissing',
    `${title} (${path}) ends with ${got} rows on page ${page.page}, ${inAll} in all, but the service counts ${totalLine}`,
  );
}

function columnsOf({ columns }: LinkisPackedPage): string {
  return JSON.stringify(columns?.map(({ name }) => name));
}
