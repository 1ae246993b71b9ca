import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';
import { ZipFile } from 'yazl';
import type { LineageFormat } from '../src/contracts/sqlflow';
import type { Bench, Comparison } from './bench';
import type { FilesOrder } from './files-side';
import { linkisClient, linkisUser, untilEnded, withFolder } from './linkis-target';
import { inOwnProcess } from './own-process';
import { startService, type RunningService } from './service';
import { sqlflowClient, sqlflowUserId } from './sqlflow-target';

const { signal } = new AbortController();
const side = (order: FilesOrder) => inOwnProcess('files-side.js', order);

/** Large files on their way: what may cost time, and must cost no memory. */
export const files: Bench = {
  name: 'files',
  title:
    'Logs, exports and uploads: the bytes alone by a bare client, and the activity or command that checks, redacts, hashes and stores them.',
  async *run(size) {
    const quick = size === 'quick';
    yield await log(quick ? 100_000 : 10_000_000);
    yield* lineage(quick ? 5 : 500);
    yield await uploads(quick ? 10 : 199);
  },
};

async function log(lines: number): Promise<Comparison> {
  const service = await startService({ kind: 'linkis' });
  const client = linkisClient(service.url);
  try {
    const call = { signal, user: linkisUser };
    const code = `-- local: log ${lines} lines\nset a = 1`;
    const task = { code, engine: 'spark-2.4.3', runType: 'sql' };
    const { taskId } = await client.submit(task, call);
    const { logPath = '' } = await untilEnded(client, taskId, 200, signal);
    const { url } = service;
    const headers = { 'Token-Code': 'local-token', 'Token-User': linkisUser };
    const address = `${url}/api/rest_j/v1/filesystem/openLog?path=${encodeURIComponent(logPath)}`;
    return {
      case: `Linkis, a log of ${lines} lines`,
      sides: [
        await side({ way: 'http', name: 'openLog, bytes', url, address, method: 'GET', headers }),
        await side({ way: 'log', name: 'linkisCollectOutputs', url, taskId }),
      ],
    };
  } finally {
    await client.close();
    await service.close();
  }
}

async function* lineage(sizeMiB: number): AsyncGenerator<Comparison> {
  const service = await startService({ kind: 'sqlflow', jobDelayMs: 0 });
  try {
    const { url } = service;
    const jobId = await submit(service, `-- local: export ${sizeMiB} MB`);
    const query = `userId=${sqlflowUserId}&token=${await token(url)}&jobId=${jobId}`;
    const endpoints: Readonly<Record<LineageFormat, string>> = {
      json: 'exportLineageAsJson',
      csv: 'exportFullLineageAsCsv',
      graphml: 'exportLineageAsGraphml',
    };
    for (const format of ['json', 'csv', 'graphml'] as const) {
      const address = `${url}/sqlflow/job/${endpoints[format]}?${query}`;
      yield {
        case: `SQLFlow, an export of ${sizeMiB} MiB as ${format}`,
        sides: [
          await side({ way: 'http', name: 'bytes', url, address, method: 'POST' }),
          await side({ way: 'export', name: 'sqlflowCollectLineage', url, jobId, format }),
        ],
      };
    }
  } finally {
    await service.close();
  }
}

/** A zip of bytes that can't be made smaller, beside a script that lineage is made of. */
async function uploads(sizeMiB: number): Promise<Comparison> {
  const service = await startService({ kind: 'sqlflow', jobDelayMs: 0 });
  try {
    return await withFolder(async (folder) => {
      const file = path.join(folder, 'scripts.zip');
      const zip = new ZipFile();
      zip.addBuffer(Buffer.from('create view b as select a from t'), 'b.sql');
      const rest = Readable.from(randomPieces(sizeMiB));
      zip.addReadStream(rest, 'rest.bin', { compress: false });
      zip.end();
      await pipeline(zip.outputStream, createWriteStream(file));
      const { url } = service;
      const order = { url, file, token: await token(url) };
      return {
        case: `SQLFlow, a zip of ${sizeMiB} MiB`,
        sides: [
          await side({ way: 'send', name: 'sent from the disk', ...order }),
          await side({ way: 'stage', name: 'staged, sent from the store', ...order }),
        ],
      };
    });
  } finally {
    await service.close();
  }
}

function* randomPieces(count: number): Generator<Buffer> {
  for (let index = 0; index < count; index += 1) yield randomBytes(2 ** 20);
}

async function token(url: string): Promise<string> {
  const query = { userId: sqlflowUserId, secretKey: 'demo-secret' };
  const { body } = await request(`${url}/user/generateToken`, { method: 'POST', query });
  return ((await body.json()) as { token: string }).token;
}

async function submit({ url }: RunningService, sql: string): Promise<string> {
  const client = sqlflowClient(url);
  try {
    const bytes = Buffer.from(sql);
    const file = { name: 'a.sql', sizeBytes: bytes.length, open: () => Readable.from([bytes]) };
    const job = { jobName: 'export', dbVendor: 'dbvpostgresql', files: [file] };
    return (await client.submitUserJob(job, signal)).jobId;
  } finally {
    await client.close();
  }
}
