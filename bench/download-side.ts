import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { finished } from 'node:stream/promises';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ResultFormat } from '../src/contracts/linkis';
import { request } from 'undici';
import { createLinkisActivities } from '../activities/public';
import { FolderArtifactStore } from '../src/artifacts/folder-store';
import { openSettings } from '../src/config/options';
import type { LinkisCollectOutputsInput, LinkisOutputs } from '../src/contracts/linkis-steps';
import type { Side } from './bench';
import { ownCost } from './own-cost';
import { linkisClient, linkisConnection, linkisUser, withFolder } from './linkis-target';

/** One way of fetching a large result set. */
export type DownloadWay = 'samePages' | 'http' | 'service' | 'collect';

export interface DownloadOrder {
  readonly way: DownloadWay;
  readonly name: string;
  readonly url: string;
  readonly taskId: string;
  /** The result set's file on the service. */
  readonly path: string;
  readonly rows: number;
  /** Of `collect`. */
  readonly format?: ResultFormat;
}

const openFile = '/api/rest_j/v1/filesystem/openFile';
const pageRows = 5000;
const { signal } = new AbortController();

/** Runs each way, up to the last row; the first page is read before the clock starts. */
const ways: Readonly<Record<DownloadWay, (order: DownloadOrder) => Promise<() => Promise<void>>>> =
  {
    /** Only the bytes of the pages that `collect` asks for, thrown away: what the service can give. */
    samePages: async (order) => {
      const asked: string[] = [];
      const note = (message: unknown) => {
        const { path } = (message as { readonly request: { readonly path: string } }).request;
        if (path.includes(openFile)) asked.push(path);
      };
      const collect = await ways.collect(order);
      subscribe('undici:request:create', note);
      await collect();
      unsubscribe('undici:request:create', note);
      return async () => {
        for (const path of asked) await readPage(`${order.url}${path}`);
      };
    },

    /** The same with pages of a fixed size. */
    http: async ({ url, path, rows }) => {
      const read = (page: number) =>
        readPage(`${url}${openFile}`, { path, page, pageSize: pageRows, nullValue: 'LINKIS_NULL' });
      await read(1);
      return async () => {
        for (let page = 1; page <= Math.floor(rows / pageRows) + 1; page++) await read(page);
      };
    },

    /** The service's own CSV, as lossy as it is, thrown away. */
    service: async ({ url, path, rows }) => {
      const client = linkisClient(url);
      const call = { signal, user: linkisUser };
      await client.openFile(path, { pageSize: 1 }, call);
      return async () => {
        const file = await client.resultsetToExcel(path, { type: 'csv', limit: rows }, call);
        await finished(file.resume());
        await client.close();
      };
    },

    /** The collecting activity: a checked file in the artifact store, hashed and flushed. */
    collect: async ({ url, taskId, rows, format = 'csv' }) => {
      const settings = openSettings({ connections: { linkis: linkisConnection(url) } });
      const { client } = await settings.connections.linkis();
      await client.getTask(taskId, { signal, user: linkisUser });
      return () =>
        withFolder(async (root) => {
          const artifacts = new FolderArtifactStore({ root });
          const { main } = createLinkisActivities({ ...settings, artifacts });
          const input: LinkisCollectOutputsInput = {
            connection: 'linkis',
            user: linkisUser,
            taskId,
            results: true,
            format,
          };
          // The server's word for a recorded heartbeat; there is no server here.
          const client = {
            activity: { heartbeat: () => Promise.resolve() },
            withAbortSignal: <T>(_: AbortSignal, run: () => T) => run(),
          } as unknown as Client;
          const { results } = await new MockActivityEnvironment({}, { client }).run<
            [LinkisCollectOutputsInput],
            LinkisOutputs,
            typeof main.linkisCollectOutputs
          >(main.linkisCollectOutputs, input);
          if (results[0]?.rows !== rows) throw new Error(`${results[0]?.rows} of ${rows} rows`);
          await settings.connections.close();
        });
    },
  };

async function readPage(address: string, query?: Record<string, string | number>): Promise<void> {
  const headers = { 'Token-Code': 'local-token', 'Token-User': linkisUser };
  const { statusCode, body } = await request(address, { query, headers });
  if (statusCode !== 200) throw new Error(`a page was answered with HTTP ${statusCode}`);
  await body.dump({ limit: Infinity });
}

async function main(): Promise<void> {
  const order = JSON.parse(process.argv[2] ?? '') as DownloadOrder;
  const download = await ways[order.way](order);
  const { seconds, rssGrowthMiB, clientCpuPercent } = await ownCost(download);
  const side: Side = {
    name: order.name,
    figures: {
      rowsPerS: order.rows / seconds,
      // A process that has collected the set before the clock starts has grown already.
      ...(order.way !== 'samePages' && { rssGrowthMiB }),
      clientCpuPercent,
      seconds,
    },
  };
  process.send?.(side);
  process.disconnect();
}

void main();
