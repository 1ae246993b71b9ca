import Busboy from '@fastify/busboy';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { SqlFlowClient, type SqlFlowClientOptions } from '../../../src/clients/sqlflow/public';
import { bodyOf, serve } from '../http/server';

/** A response as the contract shows it. */
export function fixture(name: string): string {
  return readFileSync(join(__dirname, '../../fixtures/sqlflow', name), 'utf8');
}

export interface Call {
  readonly endpoint: string;
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly files: readonly (readonly [field: string, name: string, text: string])[];
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text: string;
}

export type Script = (call: Call, response: ServerResponse) => Reply | string | undefined;

export interface Scripted {
  readonly client: SqlFlowClient;
  readonly calls: readonly Call[];
  readonly url: string;
}

const open: { close(): Promise<void> }[] = [];

/** Call it after each test. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((one) => one.close()));
}

/** A server that answers by a script, under the prefix of the real one, and a client to it. */
export async function scripted(
  script: Script,
  options: Partial<SqlFlowClientOptions> = {},
): Promise<Scripted> {
  const calls: Call[] = [];
  const server = await serve(async (request, response) => {
    const call = await callOf(request);
    calls.push(call);
    const reply = script(call, response);
    if (reply === undefined) return;
    const { status = 200, headers, text } = typeof reply === 'string' ? { text: reply } : reply;
    // SQLFlow declares JSON for everything.
    response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', ...headers });
    response.end(text);
  });
  const url = `${server.url}/gspLive_backend`;
  const client = new SqlFlowClient({
    url,
    userId: 'google-oauth2|104002923119102769706',
    credential: { secretKey: 'canary-secret-key' },
    ...options,
  });
  open.push(client, server);
  return { client, calls, url };
}

/** Grants tokens, and answers one endpoint. */
export function answering(endpoint: string, reply: Reply | string): Script {
  return (call) => {
    if (call.endpoint === 'generateToken') return fixture('generate-token.json');
    return call.endpoint === endpoint ? reply : { status: 404, text: 'no such endpoint' };
  };
}

async function callOf(request: IncomingMessage): Promise<Call> {
  const path = request.url ?? '';
  const base = {
    endpoint: path.slice(path.lastIndexOf('/') + 1),
    path,
    contentType: request.headers['content-type']?.split(';')[0] ?? '',
  };
  if (base.contentType !== 'multipart/form-data') {
    const fields = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
    return { ...base, fields, files: [] };
  }
  const fields: Record<string, string> = {};
  const files: [string, string, string][] = [];
  const parser = new Busboy({
    headers: request.headers as { 'content-type': string },
    preservePath: true,
  });
  parser.on('field', (name, value) => (fields[name] = value));
  parser.on('file', (name, stream, fileName) => {
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (piece: string) => (text += piece));
    stream.on('end', () => files.push([name, fileName, text]));
  });
  await new Promise((resolve) => request.pipe(parser).on('finish', resolve));
  return { ...base, fields, files };
}
