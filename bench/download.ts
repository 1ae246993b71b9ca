import type { ResultFormat } from '../src/contracts/linkis';
import type { Bench, Comparison } from './bench';
import type { DownloadOrder } from './download-side';
import { linkisClient, linkisUser, untilEnded } from './linkis-target';
import { inOwnProcess } from './own-process';
import { startService, type RunningService } from './service';

const { signal } = new AbortController();

interface Case {
  readonly rows: number;
  readonly columns: number;
  readonly formats: readonly ResultFormat[];
}

/** Both widths, and as many rows as make a second Excel sheet. */
const cases: readonly Case[] = [
  { rows: 1_000_000, columns: 6, formats: ['csv', 'jsonl', 'parquet'] },
  { rows: 1_000_000, columns: 20, formats: ['csv', 'jsonl', 'parquet'] },
  { rows: 1_100_000, columns: 6, formats: ['xlsx'] },
];

const barCases: readonly Case[] = [{ rows: 1_000_000, columns: 20, formats: ['csv'] }];

export const download: Bench = {
  name: 'download',
  title:
    'A Linkis result set: the bytes of the pages that the collecting activity asks for, alone and in the same order, the service’s own CSV (lossy), and the activity, which makes an artifact of them. Beside them the bytes in pages of 5,000 rows.',
  hasBars: true,
  async *run(size) {
    const linkis = await startService({ kind: 'linkis' });
    try {
      for (const { rows, ...table } of size === 'bars' ? barCases : cases) {
        yield await compare(linkis, { ...table, rows: size === 'quick' ? rows / 20 : rows });
      }
    } finally {
      await linkis.close();
    }
  },
};

async function compare(
  { url }: RunningService,
  { rows, columns, formats }: Case,
): Promise<Comparison> {
  const { taskId, path } = await makeResultSet(url, rows, columns);
  const order = { url, taskId, path, rows };
  const side = (more: Pick<DownloadOrder, 'way' | 'name' | 'format'>) =>
    inOwnProcess('download-side.js', { ...order, ...more });
  const sides = [
    await side({ way: 'samePages', name: 'bytes of the same pages' }),
    await side({ way: 'http', name: 'bytes in pages of 5,000 rows' }),
    await side({ way: 'service', name: 'resultsetToExcel, CSV' }),
  ];
  for (const format of formats) {
    sides.push(await side({ way: 'collect', name: `linkisCollectOutputs, ${format}`, format }));
  }
  return { case: `${rows} rows × ${columns} columns`, sides };
}

/** Columns of the table; the same six again and again. */
const kinds = [
  'i',
  "'customer ' || i",
  "case when i % 10 = 0 then 'Paris, France' else 'Berlin' end",
  'i * 1.25',
  "case when i % 7 = 0 then null else 'ok' end",
  "date '2024-05-17'",
];

async function makeResultSet(
  url: string,
  rows: number,
  columns: number,
): Promise<{ taskId: string; path: string }> {
  const client = linkisClient(url);
  try {
    const call = { signal, user: linkisUser };
    const list = Array.from(
      { length: columns },
      (_, at) => `${kinds[at % kinds.length]} as c${at}`,
    );
    const code = `select ${list.join(', ')} from range(${rows}) t(i)`;
    const { taskId } = await client.submit({ code, engine: 'trino-371', runType: 'sql' }, call);
    const { resultLocation, errorMessage } = await untilEnded(client, taskId, 200, signal);
    if (resultLocation === undefined) throw new Error(`the query failed: ${errorMessage}`);
    const [file] = await client.getDirFileTrees(resultLocation, call);
    return { taskId, path: file?.path ?? '' };
  } finally {
    await client.close();
  }
}
