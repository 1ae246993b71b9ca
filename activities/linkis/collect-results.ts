import type { ArtifactStore } from '../../src/artifacts/store';
import { writeTable } from '../../src/artifacts/tables';
import { IncompleteError } from '../../src/clients/http/errors';
import type {
  LinkisCallOptions,
  LinkisClient,
  LinkisResultPage,
} from '../../src/clients/linkis/public';
import type { LinkisResultSet, ResultFormat } from '../../src/contracts/linkis';
import { jobArtifacts } from '../../src/contracts/names';
import type { ActivitySession } from '../session';

/** The server's default; larger pages save calls on large results. */
const pageRows = 5000;
/** One task leaves at most this many result sets before it counts as a runaway. */
const mostResultSets = 10_000;

/** Every result set of a task, in the order of its statements, streamed page by page. */
export async function collectResultSets(
  client: LinkisClient,
  store: ArtifactStore,
  folder: string,
  location: string,
  format: ResultFormat,
  session: ActivitySession,
  call: LinkisCallOptions,
): Promise<LinkisResultSet[]> {
  const files = (await client.getDirFileTrees(location, call)).filter((file) => file.isLeaf);
  if (files.length > mostResultSets) {
    throw new IncompleteError(
      'Linkis.TooManyResultSets',
      `${location} holds ${files.length} result sets; at most ${mostResultSets} are fetched`,
    );
  }
  const results: LinkisResultSet[] = [];
  for (const [index, file] of files.entries()) {
    let rows = 0;
    const reading = { set: index + 1, of: files.length };
    const pages = readPages(client, file.path, call, (count) => {
      rows += count;
      session.beat({ ...reading, rows });
    });
    results.push(
      await storeResultSet(
        store,
        `${folder}/${jobArtifacts.results}`,
        index,
        format,
        pages,
        call.signal,
      ),
    );
  }
  return results;
}

async function storeResultSet(
  store: ArtifactStore,
  folder: string,
  index: number,
  format: ResultFormat,
  pages: AsyncGenerator<LinkisResultPage>,
  signal: AbortSignal,
): Promise<LinkisResultSet> {
  const first = await pages.next();
  if (first.done === true) throw new Error('a result set has at least one page');
  const { kind, columns } = first.value;
  const all = prepend(first.value, pages);
  if (kind === 'table') {
    const names = (columns ?? []).map((column) => column.name);
    const key = `${folder}/${index}.${format}`;
    const rows = rowsOf(all, names);
    return { ...(await writeTable(store, key, format, names, rows, signal)), index, kind };
  }
  const key = `${folder}/${index}.txt`;
  return { ...(await store.put(key, linesOf(all), { format: 'text', signal })), index, kind };
}

/** Pages until one is short: the server tells neither their number nor the rows in all. */
async function* readPages(
  client: LinkisClient,
  path: string,
  call: LinkisCallOptions,
  onRows: (count: number) => void,
): AsyncGenerator<LinkisResultPage> {
  for (let page = 1; ; page++) {
    const result = await client.openFile(path, { page, pageSize: pageRows }, call);
    onRows(result.rows.length);
    yield result;
    if (result.isLast) return;
  }
}

async function* prepend<Item>(first: Item, rest: AsyncIterable<Item>): AsyncGenerator<Item> {
  yield first;
  yield* rest;
}

async function* rowsOf(
  pages: AsyncIterable<LinkisResultPage>,
  names: readonly string[],
): AsyncGenerator<LinkisResultPage['rows']> {
  for await (const { rows, columns, page } of pages) {
    const same =
      columns?.length === names.length && columns.every(({ name }, i) => name === names[i]);
    if (!same) {
      throw new IncompleteError(
        'Linkis.ColumnsChanged',
        `page ${page} of a result set has other columns than its first page: the file was replaced while it was read`,
      );
    }
    yield rows;
  }
}

async function* linesOf(pages: AsyncIterable<LinkisResultPage>): AsyncGenerator<string> {
  for await (const { rows } of pages) {
    yield rows.map((row) => `${row.map((cell) => cell ?? '').join('\t')}\n`).join('');
  }
}
