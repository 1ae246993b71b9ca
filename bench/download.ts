import type { Bench, Comparison } from './bench';
import type { DownloadOrder } from './download-side';
import { linkisClient, linkisUser, untilEnded } from './linkis-target';
import { inOwnProcess } from './own-process';
import { startService, type RunningService } from './service';

const { signal } = new AbortController();

export const download: Bench = {
  name: 'download',
  title:
    'A Linkis result set of 6 columns, in pages of 5,000 rows: the pages’ bytes alone, the client’s pages, and the collecting activity that makes a CSV artifact of them.',
  async *run(quick) {
    const linkis = await startService({ kind: 'linkis' });
    try {
      // Two sizes: memory that grows with the rows would show.
      for (const rows of quick ? [50_000] : [250_000, 1_000_000]) yield await compare(linkis, rows);
    } finally {
      await linkis.close();
    }
  },
};

async function compare({ url }: RunningService, rows: number): Promise<Comparison> {
  const { taskId, path } = await makeResultSet(url, rows);
  const order = { url, taskId, path, rows };
  const side = (more: Pick<DownloadOrder, 'way' | 'name'>) =>
    inOwnProcess('download-side.js', { ...order, ...more });
  return {
    case: `${rows} rows`,
    sides: [
      await side({ way: 'http', name: 'bytes of the pages' }),
      await side({ way: 'openFile', name: 'client.openFile' }),
      await side({ way: 'collect', name: 'linkisCollectOutputs, CSV' }),
    ],
  };
}

async function makeResultSet(url: string, rows: number): Promise<{ taskId: string; path: string }> {
  const client = linkisClient(url);
  try {
    const call = { signal, user: linkisUser };
    const code = `select i as id, 'customer ' || i as name, case when i % 10 = 0 then 'Paris, France' else 'Berlin' end as city, i * 1.25 as amount, case when i % 7 = 0 then null else 'ok' end as note, date '2024-05-17' as day from range(${rows}) t(i)`;
    const { taskId } = await client.submit({ code, engine: 'trino-371', runType: 'sql' }, call);
    const { resultLocation, errorMessage } = await untilEnded(client, taskId, 200, signal);
    if (resultLocation === undefined) throw new Error(`the query failed: ${errorMessage}`);
    const [file] = await client.getDirFileTrees(resultLocation, call);
    return { taskId, path: file?.path ?? '' };
  } finally {
    await client.close();
  }
}
