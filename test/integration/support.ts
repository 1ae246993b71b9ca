import { setTimeout as sleep } from 'node:timers/promises';
import {
  isTerminalLinkisStatus,
  LinkisClient,
  type LinkisCallOptions,
  type LinkisClientOptions,
  type LinkisSubmission,
  type LinkisSubmitted,
  type LinkisTask,
} from '../../src/clients/linkis/public';
import {
  SqlFlowClient,
  sqlflowStatus,
  type SqlFlowClientOptions,
  type SqlFlowJob,
  type UploadFile,
} from '../../src/clients/sqlflow/public';
import { Readable } from 'node:stream';
import type { LocalLinkis } from '../../src/local/linkis/local-linkis';
import type { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';

export const signal: AbortSignal = new AbortController().signal;
export const call: LinkisCallOptions = { signal };

const clients: { close(): Promise<void> }[] = [];

/** Call it after all tests. */
export async function closeClients(): Promise<void> {
  await Promise.all(clients.splice(0).map((client) => client.close()));
}

export function sqlflowClient(
  sqlflow: LocalSqlFlow,
  options: Partial<SqlFlowClientOptions> = {},
): SqlFlowClient {
  const client = new SqlFlowClient({
    url: sqlflow.url,
    userId: 'demo',
    credential: { secretKey: 'demo-secret' },
    ...options,
  });
  clients.push(client);
  return client;
}

export function linkisClient(
  linkis: LocalLinkis,
  options: Partial<LinkisClientOptions> = {},
): LinkisClient {
  const client = new LinkisClient({
    url: linkis.url,
    user: 'hadoop',
    credential: { token: 'local-token' },
    ...options,
  });
  clients.push(client);
  return client;
}

/** A file to send, of text or bytes. */
export function file(name: string, content: string | Buffer): UploadFile {
  const bytes = Buffer.from(content);
  return {
    name,
    sizeBytes: bytes.length,
    open: () => Readable.from([bytes], { objectMode: false }),
  };
}

/** The job once the service says that it has ended. */
export async function endedJob(client: SqlFlowClient, jobId: string): Promise<SqlFlowJob> {
  for (;;) {
    const job = await client.displayUserJobSummary({ jobId }, signal);
    if (!['queued', 'running'].includes(sqlflowStatus(job.status))) return job;
    await sleep(10);
  }
}

export const spark = { engine: 'spark-2.4.3', runType: 'sql' } as const;

export interface RanTask extends LinkisSubmitted {
  readonly row: LinkisTask;
}

/** Submits code and waits for jobhistory to say how it ended. */
export async function ranTask(
  client: LinkisClient,
  code: string,
  more: Partial<LinkisSubmission> = {},
): Promise<RanTask> {
  const submitted = await client.submit({ ...spark, code, ...more }, call);
  return {
    ...submitted,
    row: await rowWhen(client, submitted.taskId, (row) => isTerminalLinkisStatus(row.status)),
  };
}

export async function rowWhen(
  client: LinkisClient,
  taskId: string,
  fits: (row: LinkisTask) => boolean,
): Promise<LinkisTask> {
  for (;;) {
    const row = await client.getTask(taskId, call);
    if (fits(row)) return row;
    await sleep(10);
  }
}

/** A class of errors, be its constructor public or not. */
export interface ErrorClass<E> {
  readonly prototype: E;
  [Symbol.hasInstance](value: unknown): boolean;
}

/** The error that a promise rejects with; fails where it doesn't reject, or with another class. */
export async function failure<E>(promise: Promise<unknown>, type: ErrorClass<E>): Promise<E> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof type)) throw error;
  return error as E;
}
