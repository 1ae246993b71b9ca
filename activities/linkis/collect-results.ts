import { tableEncoding, textEncoding } from '../../src/artifacts/page-encoding';
import { removeParts } from '../../src/artifacts/page-parts';
import { storePages, type PagesGoal, type PageSource } from '../../src/artifacts/pages';
import type { ArtifactStore } from '../../src/artifacts/store';
import type { LinkisCallOptions, LinkisClient } from '../../src/clients/linkis/public';
import type { LinkisResultSet, ResultFormat, ResultSetKind } from '../../src/contracts/linkis';
import { LimitError } from '../../src/contracts/limits';
import { jobArtifacts } from '../../src/contracts/names';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import { WideRowsError } from './equal-pages';
import { resultPages, type ResultPage } from './result-pages';

/** What a heartbeat carries. */
interface ResultsCheckpoint {
  /** All sets are stored; only their parts are left to remove. */
  readonly collected?: LinkisResultSet[];
  /** Rows of this set are so wide that its pages must be smaller than others. */
  readonly wide?: { readonly index: number; readonly pageRows: number };
}

/** Every result set of a task, in the order of its statements, streamed page by page. */
export async function collectResultSets(
  client: LinkisClient,
  { artifacts: store, limits }: Pick<ActivityResources, 'artifacts' | 'limits'>,
  location: string,
  format: ResultFormat,
  session: ActivitySession,
  call: LinkisCallOptions,
): Promise<LinkisResultSet[]> {
  const folder = `${session.folder}/${jobArtifacts.results}`;
  const left = session.lastDetails<ResultsCheckpoint>()?.collected;
  if (left !== undefined) {
    await removeParts(store, `${folder}/`, call.signal);
    return left;
  }
  const files = (await client.getDirFileTrees(location, call)).filter((file) => file.isLeaf);
  if (files.length > limits.maxResultSets) {
    const what = `the task left ${files.length} result sets`;
    throw new LimitError('maxResultSets', limits.maxResultSets, what, 'split the task');
  }
  const collected: LinkisResultSet[] = [];
  let inParts = false;
  for (const [index, file] of files.entries()) {
    const stored = await storeAnyWidth(index, session, (pageRows) =>
      storeResultSet(store, folder, index, format, {
        source: resultPages(
          client,
          file,
          `result set ${index + 1} of ${files.length}`,
          call,
          pageRows,
        ),
        onRows(rows) {
          if (rows > limits.maxResultRows) {
            const what = `result set ${index + 1} of ${files.length} has at least ${rows} rows`;
            throw new LimitError('maxResultRows', limits.maxResultRows, what, 'select fewer');
          }
          session.beat({
            ...session.lastDetails<object>(),
            set: index + 1,
            of: files.length,
            rows,
          });
        },
        signal: call.signal,
      }),
    );
    collected.push(stored.set);
    inParts ||= stored.inParts;
  }
  if (inParts) {
    // Recorded first: without the parts an attempt after a crash would begin anew.
    await session.remember({ collected } satisfies ResultsCheckpoint);
    await removeParts(store, `${folder}/`, call.signal);
  }
  return collected;
}

/** Anew in smaller pages where far wider rows follow: what was kept is of other pages. */
async function storeAnyWidth<Stored>(
  index: number,
  session: ActivitySession,
  storeIn: (pageRows: number | undefined) => Promise<Stored>,
): Promise<Stored> {
  const { wide } = session.lastDetails<ResultsCheckpoint>() ?? {};
  for (let pageRows = wide?.index === index ? wide.pageRows : undefined; ;) {
    try {
      return await storeIn(pageRows);
    } catch (error) {
      if (!(error instanceof WideRowsError)) throw error;
      ({ pageRows } = error);
      await session.remember({ wide: { index, pageRows } } satisfies ResultsCheckpoint);
    }
  }
}

async function storeResultSet(
  store: ArtifactStore,
  folder: string,
  index: number,
  format: ResultFormat,
  {
    source,
    onRows,
    signal,
  }: {
    readonly source: PageSource<ResultPage>;
    readonly onRows: (rows: number) => void;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly set: LinkisResultSet; readonly inParts: boolean }> {
  const partsKey = `${folder}/${index}.${format}`;
  const goalOf = ({ kind, columns: sent, layout }: ResultPage): PagesGoal<ResultSetKind> => {
    if (kind !== 'table') {
      return { key: `${folder}/${index}.txt`, kind, encoding: textEncoding, layout };
    }
    const columns = (sent ?? []).map(({ name }) => name);
    return { key: partsKey, kind, encoding: tableEncoding(format, columns), columns, layout };
  };
  const { ref, kind, inParts } = await storePages(
    store,
    source,
    { partsKey, goalOf, onRows },
    signal,
  );
  return { set: { ...ref, index, kind }, inParts };
}
