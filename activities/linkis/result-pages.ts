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
import { EqualPages } from './equal-pages';
import { refuseHiddenRows } from './hidden-rows';
import { RowReader, type ReadRows } from './row-reader';

/** A page of a result set, and how the set is divided into pages. */
export interface ResultPage extends LinkisPackedPage {
  readonly layout: string;
}

/** Rows of the first page, which shows how wide they are. Most sets have no more. */
const firstRows = 500;

/** A page that is kept for another attempt has no more rows: those behind the first may be far wider. */
const mostPageRows = 2 ** 10;

/** Of an answer; what a wider one needed is given back. */
const mostMemoryBytes = 8 * 2 ** 20;

/**
 * A result set page by page until one is short, since the server tells neither the number of its
 * pages nor its rows in all. The first rows tell how many make a page, and whether the columns must
 * be asked for in parts. How many rows a call asks for, several pages or a part of one, is told by
 * those before: about 2 MiB are fetched while what came before is written.
 *
 * @param title for a person: "result set 2 of 3"
 * @param pageRows at most, a power of two: what a WideRowsError has told
 * @returns pages that fail with WideRowsError where they must be smaller
 */
export function resultPages(
  client: LinkisClient,
  file: LinkisFile,
  title: string,
  call: LinkisCallOptions,
  pageRows = mostPageRows,
): PageSource<ResultPage> {
  const { path, sizeBytes } = file;
  return {
    // A set that was replaced between two attempts has another size, but by chance.
    identity: JSON.stringify([path, sizeBytes]),
    async *pages(fromPage) {
      const stop = new AbortController();
      const ahead = { ...call, signal: AbortSignal.any([call.signal, stop.signal]) };
      // What is ahead is read into the one while the other is written.
      let [memory, other] = [new PageMemory(), new PageMemory()];
      const whole = (page: number, pageSize: number) => {
        if (memory.answer.bytes.length > mostMemoryBytes) memory = new PageMemory();
        return client.openPacked(path, { page, pageSize }, ahead, memory);
      };
      const inParts = (page: number, pageSize: number) =>
        openColumns(client, path, { page, pageSize }, title, ahead);
      try {
        const { first, reader, byColumns } = await readFirst(whole, inParts);
        const open = byColumns ? inParts : whole;
        checkCount(first, title, path);
        refuseHiddenRows(first.page, file, title);
        if (first.page.isLast) {
          yield { ...first.page, layout: 'one page' };
          return;
        }
        const layout = { pageRows: Math.min(pageRows, reader.rows), byColumns };
        const names = columnNames(first.page);
        const equal = new EqualPages(layout.pageRows);
        const read = (row: number) => {
          [memory, other] = [other, memory];
          const asked = reader.read(row);
          asked.catch(() => undefined); // whoever awaits it gets the error
          return asked;
        };
        const start = fromPage * layout.pageRows;
        let next = read(start);
        for (;;) {
          const rows = await next;
          checkCount(rows, title, path);
          const { page, from, asked } = rows;
          if (columnNames(page) !== names) {
            throw new IncompleteError(
              'Linkis.ColumnsChanged',
              `page ${page.page} of ${title} (${path}) has other columns than the page before it: the file was replaced while it was read`,
            );
          }
          if (!page.isLast) next = read(from + asked);
          const isBehind = from === start && start > 0 && page.rows.length === 0;
          if (isBehind && !(await hasRowBefore(from, open))) {
            // What was kept is of another file, though it looked the same.
            yield { ...page, layout: 'behind the end' };
            return;
          }
          for (const part of equal.add(rows)) yield { ...part, layout: JSON.stringify(layout) };
          if (page.isLast) return;
        }
      } finally {
        stop.abort();
      }
    },
  };
}

type Open = (page: number, pageSize: number) => Promise<LinkisPackedPage>;

/** Whether the set reaches as far as this row; true at its very end. */
async function hasRowBefore(row: number, open: Open): Promise<boolean> {
  return (await open(row, 1)).rows.length > 0;
}

/** By columns where the service withholds the whole (its limits: 1.7 and later). */
async function readFirst(
  whole: Open,
  inParts: Open,
): Promise<{ first: ReadRows; reader: RowReader; byColumns: boolean }> {
  try {
    const reader = new RowReader(whole, firstRows);
    return { first: await reader.read(0), reader, byColumns: false };
  } catch (error) {
    const isWithheld =
      error instanceof IncompleteError && error.reason === 'Linkis.DisplayProhibited';
    if (!isWithheld) throw error;
    const reader = new RowReader(inParts, firstRows);
    return { first: await reader.read(0), reader, byColumns: true };
  }
}

/**
 * The service counts the rows of a page (`totalLine`); a server that took the name at its word would
 * count those of the set. What fits neither has lost rows on its way.
 */
function checkCount({ page, from, asked }: ReadRows, title: string, path: string): void {
  const got = page.rows.length;
  if (got > asked) {
    throw new IncompleteError(
      'Linkis.PagesIgnored',
      `page ${page.page} of ${title} (${path}) has ${got} rows where at most ${asked} were asked for: the service doesn't divide it into pages, so its end can't be told`,
    );
  }
  const { totalLine, isLast } = page;
  const inAll = from + got;
  if (!isLast || !totalLine || totalLine === got || totalLine === inAll) return;
  // Nothing lies behind the end: that is where parts of another division may have reached.
  if (got === 0 && totalLine < from) return;
  throw new IncompleteError(
    'Linkis.RowsMissing',
    `${title} (${path}) ends with ${got} rows on page ${page.page}, ${inAll} in all, but the service counts ${totalLine}`,
  );
}
