import { setTimeout as sleep } from 'node:timers/promises';
import { LocalLinkis, type LocalLinkisOptions } from '../../../src/local/linkis/local-linkis';

export interface Answer {
  readonly http: number;
  readonly status: number;
  readonly message: string;
  readonly data: any;
  readonly text: string;
  readonly headers: Headers;
}

export const asHadoop = { 'token-code': 'local-token', 'token-user': 'hadoop' };
export const asAlice = { 'token-code': 'local-token', 'token-user': 'alice' };

const started: LocalLinkis[] = [];

export async function startLinkis(options: LocalLinkisOptions = {}): Promise<LocalLinkis> {
  const linkis = await LocalLinkis.start(options);
  started.push(linkis);
  return linkis;
}

export async function closeAll(): Promise<void> {
  await Promise.all(started.splice(0).map((linkis) => linkis.close()));
}

/** Whatever answers there: also one that runs in another process. */
export interface LinkisAddress {
  readonly url: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Calls a path after `/api/rest_j/v1`, as hadoop with the token unless told otherwise. */
export async function call(
  linkis: LinkisAddress,
  path: string,
  { method, body, headers = asHadoop }: CallOptions = {},
): Promise<Answer> {
  const response = await fetch(`${linkis.url}/api/rest_j/v1${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = text.startsWith('{');
  const json = (isJson ? JSON.parse(text) : {}) as Answer;
  return { ...json, http: response.status, text, headers: response.headers };
}

export interface TaskOptions {
  readonly engine?: string;
  readonly runType?: string;
  readonly creator?: string;
  readonly user?: string;
  readonly variables?: Record<string, unknown>;
  readonly source?: Record<string, unknown>;
  readonly labels?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
}

export function taskBody(code: string, options: TaskOptions = {}) {
  return {
    executionContent: { code, runType: options.runType ?? 'sql' },
    params: { variable: options.variables ?? {}, configuration: { runtime: {}, startup: {} } },
    source: options.source ?? {},
    labels: {
      engineType: options.engine ?? 'spark-2.4.3',
      userCreator: `${options.user ?? 'hadoop'}-${options.creator ?? 'tests'}`,
      ...options.labels,
    },
  };
}

export interface Submitted {
  readonly execID: string;
  readonly taskID: number;
}

export async function submit(
  linkis: LinkisAddress,
  code: string,
  options: TaskOptions = {},
): Promise<Submitted> {
  const answer = await call(linkis, '/entrance/submit', {
    body: taskBody(code, options),
    headers: options.headers,
  });
  expect(answer).toMatchObject({ http: 200, status: 0 });
  return answer.data as Submitted;
}

/** Asks until the row fulfils the condition; a test that waits in vain runs into its time-out. */
export async function rowWhen(linkis: LinkisAddress, taskID: number, fits: (row: any) => boolean) {
  for (;;) {
    const { data } = await call(linkis, `/jobhistory/${taskID}/get`);
    if (fits(data.task)) return data.task;
    await sleep(10);
  }
}

export function rowWithStatus(linkis: LinkisAddress, taskID: number, status: string) {
  return rowWhen(linkis, taskID, (row) => row.status === status);
}

export function rowAtEnd(linkis: LinkisAddress, taskID: number) {
  return rowWhen(linkis, taskID, ({ status }) =>
    ['Succeed', 'Failed', 'Cancelled'].includes(status),
  );
}

/** Runs code to its end. */
export async function run(linkis: LinkisAddress, code: string, options: TaskOptions = {}) {
  const { execID, taskID } = await submit(linkis, code, options);
  return { execID, taskID, row: await rowAtEnd(linkis, taskID) };
}

export function query(path: string, parameters: Record<string, string | number>): string {
  const entries = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  return `${path}?${new URLSearchParams(entries as [string, string][]).toString()}`;
}

/** The first page of the result set `index`, NULLs as null. */
export async function rowsOf(linkis: LinkisAddress, resultLocation: string, index = 0) {
  const path = `${resultLocation}/_${index}.dolphin`;
  const answer = await call(
    linkis,
    query('/filesystem/openFile', { path, nullValue: 'LINKIS_NULL' }),
  );
  return answer.data.fileContent as (string | null)[][];
}
