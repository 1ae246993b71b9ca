import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { request } from 'undici';
import { createLinkisActivities, createSqlFlowActivities } from '../activities/public';
import { FolderArtifactStore } from '../src/artifacts/folder-store';
import { stageFiles } from '../src/artifacts/staging';
import { multipartBody } from '../src/clients/http/multipart';
import { openSettings } from '../src/config/options';
import type { LinkisCollectOutputsInput, LinkisOutputs } from '../src/contracts/linkis-steps';
import type { LineageFormat } from '../src/contracts/sqlflow';
import type { CollectedLineage, SqlFlowCollectLineageInput } from '../src/contracts/sqlflow-steps';
import type { Side } from './bench';
import { ownCost } from './own-cost';
import { linkisConnection, linkisUser, withFolder } from './linkis-target';
import { sqlflowClient, sqlflowConnection, sqlflowUserId } from './sqlflow-target';

/** What is sent or fetched, by a bare client (`http`, `send`) or by what the package has for it. */
export type FilesOrder = { readonly name: string; readonly url: string } & (
  HttpOrder | LogOrder | ExportOrder | UploadOrder
);

interface HttpOrder {
  readonly way: 'http';
  readonly address: string;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
}
interface LogOrder {
  readonly way: 'log';
  readonly taskId: string;
}
interface ExportOrder {
  readonly way: 'export';
  readonly jobId: string;
  readonly format: LineageFormat;
}
interface UploadOrder {
  readonly way: 'send' | 'stage';
  readonly file: string;
  readonly token: string;
}

type Settings = Parameters<typeof createLinkisActivities>[0];

const { signal } = new AbortController();
const dbVendor = 'dbvpostgresql';
const jobName = 'load';

/** Answers how many bytes came, or went. */
async function run(order: FilesOrder): Promise<number> {
  switch (order.way) {
    case 'http':
      return receive(order);
    case 'send':
      return send(order.file, order.url, order.token);
    case 'stage':
      return withFolder(async (root) => stage(order.file, order.url, root));
    case 'log':
      return withActivities(order.url, async (environment, settings) => {
        const { main } = createLinkisActivities(settings);
        const input: LinkisCollectOutputsInput = {
          connection: 'linkis',
          user: linkisUser,
          taskId: order.taskId,
          results: true,
          format: 'csv',
        };
        const { log } = await environment.run<
          [LinkisCollectOutputsInput],
          LinkisOutputs,
          typeof main.linkisCollectOutputs
        >(main.linkisCollectOutputs, input);
        if (log?.source !== 'persisted') throw new Error("the service's own log was not kept");
        return log.sizeBytes;
      });
    case 'export':
      return withActivities(order.url, async (environment, settings) => {
        const { main } = createSqlFlowActivities(settings);
        const { jobId, format } = order;
        const input = { connection: 'sqlflow', jobId, exports: [format], thenDelete: false };
        const { lineage } = await environment.run<
          [SqlFlowCollectLineageInput],
          CollectedLineage,
          typeof main.sqlflowCollectLineage
        >(main.sqlflowCollectLineage, input);
        return lineage[format]?.sizeBytes ?? NaN;
      });
  }
}

async function receive({ address, method, headers }: HttpOrder): Promise<number> {
  let sizeBytes = 0;
  const { body } = await request(address, { method, headers, bodyTimeout: 0 });
  for await (const chunk of body as AsyncIterable<Buffer>) sizeBytes += chunk.length;
  return sizeBytes;
}

/** As the command line and the submitting activity do it. */
async function stage(file: string, url: string, root: string): Promise<number> {
  const artifacts = new FolderArtifactStore({ root });
  const [staged] = await stageFiles(artifacts, [file], { signal });
  if (staged === undefined) throw new Error(`${file} was not staged`);
  const { uri, sizeBytes } = staged.artifact;
  async function* bytes(): AsyncGenerator<Buffer> {
    yield* await artifacts.open(uri, signal);
  }
  const client = sqlflowClient(url);
  const upload = { name: staged.name, sizeBytes, open: () => Readable.from(bytes()) };
  await client.submitUserJob({ dbVendor, jobName, files: [upload] }, signal);
  await client.close();
  return sizeBytes;
}

async function withActivities(
  url: string,
  use: (environment: MockActivityEnvironment, settings: Settings) => Promise<number>,
): Promise<number> {
  return withFolder(async (root) => {
    const artifacts = new FolderArtifactStore({ root });
    const connections = { linkis: linkisConnection(url), sqlflow: sqlflowConnection(url) };
    const settings = { ...openSettings({ connections }), artifacts };
    // The server's word for a recorded heartbeat; there is no server here.
    const client = {
      activity: { heartbeat: () => Promise.resolve() },
      withAbortSignal: <T>(_: AbortSignal, task: () => T) => task(),
    } as unknown as Client;
    try {
      return await use(new MockActivityEnvironment({}, { client }), settings);
    } finally {
      await settings.connections.close();
    }
  });
}

/** The file as one request, read from the disk while it is sent. */
async function send(file: string, url: string, token: string): Promise<number> {
  const { size: sizeBytes } = await stat(file);
  const fields = { userId: sqlflowUserId, token, jobName, dbvendor: dbVendor };
  const {
    body,
    contentType,
    sizeBytes: length,
  } = multipartBody([
    ...Object.entries(fields).map(([name, value]) => ({ name, value })),
    {
      name: 'sqlfiles',
      file: { name: path.basename(file), sizeBytes, open: () => createReadStream(file) },
    },
  ]);
  const headers = { 'content-type': contentType, 'content-length': String(length) };
  const address = `${url}/sqlflow/job/submitUserJob`;
  const reply = await request(address, { method: 'POST', headers, body });
  const { code } = (await reply.body.json()) as { code: number };
  if (code !== 200) throw new Error(`the upload was refused: ${code}`);
  return sizeBytes;
}

async function main(): Promise<void> {
  const order = JSON.parse(process.argv[2] ?? '') as FilesOrder;
  const { result: sizeBytes, seconds, ...cost } = await ownCost(() => run(order));
  const side: Side = {
    name: order.name,
    figures: { MiBPerS: sizeBytes / 2 ** 20 / seconds, ...cost, seconds },
  };
  process.send?.(side);
  process.disconnect();
}

void main();
